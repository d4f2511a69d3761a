//! A step that asks a model.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatRequest, Field, Inputs, Node, Result, Spec, StateUpdate, Step, Taken, Turn,
    node::Entry,
    spec::{Holds, When},
};
use serde_json::{Map, Value, json};

use super::{
    conversation::{Opening, speaker},
    lists,
    memory::Remembers,
    model::{Chosen, Talk},
    rows::{self, MemoryRows, Row, TalkRows},
    structured::Structure,
};

const ON: &[When] = &[When("llmEnableMemory", Holds::Flag(true))];
const ANSWER_KEYS: &[Field] = &rows::structure_fields(
    &[When("llmStructuredOutput[$index].type", Holds::Text("enum"))],
    &[When("llmStructuredOutput[$index].type", Holds::Text("jsonArray"))],
);
const ROWS: TalkRows = TalkRows {
    model: rows::model("llmModel"),
    messages: rows::messages("llmMessages"),
    memory: MemoryRows::new(
        ["llmEnableMemory", "llmMemoryType", "llmMemoryWindowSize", "llmMemoryMaxTokenLimit"],
        ON,
        &[When("llmMemoryType", Holds::Text("windowSize"))],
        &[When("llmMemoryType", Holds::Text("conversationSummaryBuffer"))],
    ),
    says: rows::says("llmUserMessage", ON),
    answers_as: rows::answers_as("llmReturnResponseAs"),
    structure: rows::structure("llmStructuredOutput", ANSWER_KEYS),
    updates: rows::updates("llmUpdateState"),
};

static SPEC: Spec = Spec {
    label: "LLM",
    name: "llmAgentflow",
    version: 1.1,
    kind: "LLM",
    icon: "agentflow-llm.svg",
    category: "Agent Flows",
    description: "Asks a model once",
    color: Some("#64B5F6"),
    base_classes: &["LLM"],
    inputs: &[
        ROWS.model.field,
        ROWS.messages.field,
        ROWS.memory.on.field,
        ROWS.memory.kind.field,
        ROWS.memory.window.field,
        ROWS.memory.limit.field,
        ROWS.says.field,
        ROWS.answers_as.field,
        ROWS.structure.field,
        ROWS.updates.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Llm;

#[async_trait]
impl Node for Llm {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Step(Arc::new(Asking {
            chosen: Chosen::from_form(inputs, &ROWS.model)?,
            messages: inputs.get(&ROWS.messages)?.unwrap_or_default(),
            remembers: Remembers::from_form(inputs, &ROWS.memory)?,
            says: inputs.get(&ROWS.says)?,
            answers_as: rows::role(&inputs.get(&ROWS.answers_as)?),
            structure: Structure::from_form(inputs, &ROWS.structure)?,
            updates: rows::state_updates(inputs, &ROWS.updates)?,
            shown: rows::shown(inputs, ROWS.messages.field.name),
        })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        lists::entries(&SPEC, method, inputs).await
    }
}

struct Asking {
    chosen: Chosen,
    messages: Vec<Row>,
    remembers: Remembers,
    says: Option<String>,
    answers_as: &'static str,
    structure: Option<Structure>,
    updates: Vec<StateUpdate>,
    shown: Map<String, Value>,
}

#[async_trait]
impl Step for Asking {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let mut talk = Talk::begin(&self.chosen, turn).await?;
        let opening = Opening {
            messages: &self.messages,
            remembers: self.remembers,
            says: self.says.as_deref(),
        };
        let turns = opening.turns(talk.model(), turn).await?;
        let told = talk.told(&turns).await?;
        let mut output = Map::new();
        let content = if let Some(structure) = &self.structure {
            let filled = structure.ask(told, &mut talk).await?;
            let text = filled.text();
            turn.run.events.token(&text).await;
            output.insert("content".to_owned(), text.clone().into());
            output.insert("timeMetadata".to_owned(), talk.time());
            if let Some(usage) = talk.usage(&filled.reply, false) {
                output.insert("usageMetadata".to_owned(), usage);
            }
            for (key, value) in filled.object {
                output.entry(key).or_insert(value);
            }
            text
        } else {
            let reply = talk.ask(&ChatRequest::new(told), &turn.run.events).await?;
            talk.tell_end(&reply).await;
            output.insert("content".to_owned(), reply.text.clone().into());
            output.insert("timeMetadata".to_owned(), talk.time());
            output.insert("calledTools".to_owned(), json!([]));
            if let Some(usage) = talk.usage(&reply, false) {
                output.insert("usageMetadata".to_owned(), usage);
            }
            output.insert("responseMetadata".to_owned(), talk.response(&reply));
            if let Some(reasoning) = talk.reasoning() {
                output.insert("reasonContent".to_owned(), reasoning);
            }
            reply.text
        };
        let mut said = opening.said(talk.model(), turn);
        said.push(json!({"role": self.answers_as, "content": content, "name": speaker(turn)}));
        let mut input = Map::from_iter([("messages".to_owned(), Value::from(turns))]);
        input.extend(self.shown.clone());
        Ok(Taken {
            input,
            output,
            said: Some(said),
            updates: self.updates.clone(),
            ..Taken::default()
        })
    }
}
