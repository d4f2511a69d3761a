//! A member that asks a model once.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatRequest, Events, Input, Inputs, Node, Result, Spec,
    sequence::{Acted, Acts, Duty, Line, Scene, Speaker},
    spec::{Column, Field, Suggestion},
};
use serde_json::{Map, Value, json};

use super::{
    BEFORE, Who, before, member, model_before,
    talk::{EARLIER, HISTORY, HUMAN, MODEL, SYSTEM, Talk},
    updates::{self, Updates},
};
use crate::{
    agent_flows::structured::{self, Structure},
    prompts::PROMPT_VALUES,
};

type Row = Map<String, Value>;

const NAME: Input<String> = Input::text("Name", "llmNodeName").placeholder("LLM");
const STRUCTURE: Input<Option<Vec<Row>>> =
    Input::datagrid("JSON Structured Output", "llmStructuredOutput", structured::COLUMNS)
        .describe("Keys of the object that the model answers with; prose where there are none")
        .additional()
        .optional();
const UPDATE_COLUMNS: &[Column] = &updates::columns(&[
    Suggestion::new("$flow.output.content", "LLM Node Output (string)"),
    Suggestion::new("$flow.output.<replace-with-key>", "LLM JSON Output Key (string)"),
    Suggestion::new("$vars.<variable-name>", "Global variable (string)"),
    Suggestion::new("$flow.input", "Input Question (string)"),
    Suggestion::new("$flow.sessionId", "Session Id (string)"),
    Suggestion::new("$flow.chatId", "Chat Id (string)"),
    Suggestion::new("$flow.chatflowId", "Chatflow Id (string)"),
]);
const UPDATE_TABS: &[Field] = &updates::tabs(UPDATE_COLUMNS);
const INSTRUCTIONS: Input<Option<String>> = SYSTEM.additional();
const VALUES: Input<Option<Value>> = PROMPT_VALUES.additional();

static SPEC: Spec = Spec {
    label: "LLM Node",
    name: "seqLLMNode",
    version: 4.1,
    kind: "LLMNode",
    icon: "agentflow-llm.svg",
    category: "Sequential Agents",
    description: "Asks a model once; a Tool Node behind it runs what it calls",
    base_classes: &["LLMNode"],
    inputs: &[
        NAME.field,
        INSTRUCTIONS.field,
        EARLIER.field,
        HISTORY.field,
        HUMAN.field,
        BEFORE.field,
        MODEL.field,
        VALUES.field,
        STRUCTURE.field,
        updates::row(UPDATE_TABS),
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct LlmNode;

#[async_trait]
impl Node for LlmNode {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let before = before(inputs, &BEFORE)?;
        let started = model_before(&before);
        let talk = Talk::from_form(inputs, (&INSTRUCTIONS, &HUMAN), started.clone())?;
        let member = member(inputs, SPEC.name, &NAME, started, |who| {
            Ok(Duty::Acts(Arc::new(Acting {
                who: who.clone(),
                structure: structured::of_table(inputs, &STRUCTURE)?,
                updates: Updates::from_form(inputs)?,
                talk,
            })))
        })?;
        Ok(Capability::Member(member))
    }
}

struct Acting {
    who: Who,
    talk: Talk,
    structure: Option<Structure>,
    updates: Updates,
}

#[async_trait]
impl Acts for Acting {
    async fn act(&self, scene: &Scene<'_>) -> Result<Acted> {
        let messages = self.talk.messages(scene).await?;
        let (line, output) = match &self.structure {
            Some(structure) => {
                let object = structure.filled(&*self.talk.model, messages).await?;
                let line = Line::new(Speaker::Ai, Value::from(object.clone()).to_string());
                (line, object.into())
            }
            None => {
                let tools = scene.tools.iter().map(|it| it.spec().clone()).collect();
                let request = ChatRequest { messages, tools, ..ChatRequest::default() };
                let reply = self.talk.model.chat(&request, &Events::silent()).await?;
                let line = Line::of_model(&reply.to_message());
                let output = json!({"content": line.content, "tool_calls": line.tool_calls});
                (line, output)
            }
        };
        let changes = self.updates.changes(scene, &output).await?;
        let line = line.by(&self.who.node_id, &self.who.name);
        Ok(Acted { changes, ..Acted::said(line) })
    }
}
