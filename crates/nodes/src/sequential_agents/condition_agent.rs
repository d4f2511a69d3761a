//! A fork that asks a model and goes by its answer.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Events, Input, Inputs, Node, Result, Spec,
    sequence::{Chooses, Duty, Scene},
    spec::{Column, Default as FieldDefault, Field, Suggestion},
};
use serde_json::{Map, Value, json};

use super::{
    before,
    branches::{self, Branches},
    condition::BEFORE,
    member, model_before,
    talk::{HISTORY, HUMAN, MODEL, SYSTEM, Talk},
};
use crate::{
    agent_flows::structured::{self, Structure},
    prompts::PROMPT_VALUES,
};

const NAME: Input<String> = Input::text("Name", "conditionAgentName").placeholder("Triage");
const INSTRUCTIONS: Input<Option<String>> = {
    let mut it = SYSTEM.additional();
    it.field.default = FieldDefault::Text(USUAL_INSTRUCTIONS);
    it
};
const USUAL_INSTRUCTIONS: &str = "\
You sort conversations for a support team. Decide from the conversation which team is to go on: \
BILLING for invoices and payments, TECHNICAL for what does not work, GENERAL for all else.";
const QUESTION: Input<Option<String>> = {
    let mut it = HUMAN;
    it.field.default = FieldDefault::Text(USUAL_QUESTION);
    it
};
const USUAL_QUESTION: &str = "\
Which team goes on with the conversation above? Answer with one word: BILLING, TECHNICAL or GENERAL.";
const STRUCTURE: Input<Option<Vec<Map<String, Value>>>> = Input::datagrid(
    "JSON Structured Output",
    "conditionAgentStructuredOutput",
    structured::COLUMNS,
)
.describe("Keys of the object that the model answers with; prose where there are none")
.additional()
.optional();

const COLUMNS: &[Column] = &branches::columns(&[
    Suggestion::new("$flow.output.content", "Agent Output (string)"),
    Suggestion::new("$flow.output.<replace-with-key>", "Agent's JSON Key Output (string)"),
    Suggestion::new("$flow.state.messages.length", "Total Messages (number)"),
    Suggestion::new("$flow.state.messages[0].content", "First Message Content (string)"),
    Suggestion::new("$flow.state.messages[-1].content", "Last Message Content (string)"),
    Suggestion::new("$vars.<variable-name>", "Global variable (string)"),
]);
const TABS: &[Field] = &branches::tabs(COLUMNS);
const VALUES: Input<Option<Value>> = PROMPT_VALUES.additional();

static SPEC: Spec = Spec {
    label: "Condition Agent",
    name: "seqConditionAgent",
    version: 3.1,
    kind: "ConditionAgent",
    icon: "agentflow-condition-agent.svg",
    category: "Sequential Agents",
    description: "Goes one of several ways, by what a model answers",
    base_classes: &["ConditionAgent"],
    inputs: &[
        NAME.field,
        BEFORE.field,
        MODEL.field,
        INSTRUCTIONS.field,
        HISTORY.field,
        QUESTION.field,
        VALUES.field,
        STRUCTURE.field,
        branches::row(TABS),
    ],
    anchors: branches::WAYS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ConditionAgent;

#[async_trait]
impl Node for ConditionAgent {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let before = before(inputs, &BEFORE)?;
        let started = model_before(&before);
        let talk = Talk::from_form(inputs, (&INSTRUCTIONS, &QUESTION), started.clone())?;
        let member = member(inputs, SPEC.name, &NAME, started, |_| {
            Ok(Duty::Chooses(Arc::new(Fork {
                structure: structured::of_table(inputs, &STRUCTURE)?,
                branches: Branches::from_form(inputs)?,
                talk,
            })))
        })?;
        Ok(Capability::Member(member))
    }
}

struct Fork {
    talk: Talk,
    structure: Option<Structure>,
    branches: Branches,
}

#[async_trait]
impl Chooses for Fork {
    async fn choose(&self, scene: &Scene<'_>) -> Result<String> {
        let messages = self.talk.messages(scene).await?;
        let output = match &self.structure {
            Some(structure) => structure.filled(&*self.talk.model, messages).await?.into(),
            None => {
                let request = flowstone_core::ChatRequest::new(messages);
                let reply = self.talk.model.chat(&request, &Events::silent()).await?;
                json!({ "content": reply.text })
            }
        };
        self.branches.choose(scene, Some(output)).await
    }
}
