//! A step that asks another flow.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Spec, StateUpdate, Step, Taken, Turn,
    node::Entry, services::FlowCall, spec::CredentialSlot,
};
use serde_json::{Map, Value, json};

use super::{
    conversation::{speaker, turn_of},
    lists,
    rows::{self, Row},
};
use crate::{loose_json, tools::flow_as_tool::Elsewhere};

const FLOW: Input<String> =
    Input::async_options("Select Flow", "executeFlowSelectedFlow", "listFlows");
const QUESTION: Input<String> = Input::text("Input", "executeFlowInput")
    .rows(4)
    .describe("What the other flow is asked")
    .accepts_variables();
const OVERRIDES: Input<Option<Value>> = Input::json("Override Config", "executeFlowOverrideConfig")
    .describe("Settings of the other flow for this call, as far as it lets calls change them")
    .accepts_variables()
    .optional();
const BASE_URL: Input<Option<String>> = Input::text("Base URL", "executeFlowBaseURL")
    .describe("Another installation to ask; flows of this one are asked directly")
    .placeholder("https://flows.example.com")
    .optional();
const ANSWERS_AS: Input<String> = rows::answers_as("executeFlowReturnResponseAs");
const UPDATES: Input<Option<Vec<Row>>> = rows::updates("executeFlowUpdateState");

static SPEC: Spec = Spec {
    label: "Execute Flow",
    name: "executeFlowAgentflow",
    version: 1.2,
    kind: "ExecuteFlow",
    icon: "agentflow-execute-flow.svg",
    category: "Agent Flows",
    description: "Asks another flow",
    color: Some("#a3b18a"),
    base_classes: &["ExecuteFlow"],
    credential: Some(CredentialSlot::optional(&["chatflowApi"])),
    inputs: &[
        FLOW.field,
        QUESTION.field,
        OVERRIDES.field,
        BASE_URL.field,
        ANSWERS_AS.field,
        UPDATES.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ExecuteFlow;

#[async_trait]
impl Node for ExecuteFlow {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let key = inputs.credential.as_ref().and_then(|it| it.get("chatflowApiKey"));
        let base = inputs.get(&BASE_URL)?;
        let elsewhere = base.map(|it| Elsewhere::at(&BASE_URL.field, &it, key)).transpose()?;
        Ok(Capability::Step(Arc::new(Asking {
            flow_id: inputs.get(&FLOW)?,
            question: inputs.get(&QUESTION)?,
            overrides: overrides(inputs)?,
            elsewhere,
            answers_as: rows::role(&inputs.get(&ANSWERS_AS)?),
            updates: rows::state_updates(inputs, &UPDATES)?,
        })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        lists::entries(&SPEC, method, inputs).await
    }
}

fn overrides(inputs: &Inputs) -> Result<Map<String, Value>> {
    let field = &OVERRIDES.field;
    let read = match inputs.value(field) {
        None => return Ok(Map::new()),
        Some(Value::String(text)) => loose_json::parse(&text)
            .map_err(|reason| Error::invalid(field, format!("this is not valid JSON: {reason}")))?,
        Some(other) => other,
    };
    match read {
        Value::Object(overrides) => Ok(overrides),
        Value::Null => Ok(Map::new()),
        other => Err(Error::invalid(field, format!("a JSON object is expected, not {other}"))),
    }
}

struct Asking {
    flow_id: String,
    question: String,
    overrides: Map<String, Value>,
    elsewhere: Option<Elsewhere>,
    answers_as: &'static str,
    updates: Vec<StateUpdate>,
}

#[async_trait]
impl Step for Asking {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let run = turn.run;
        if self.elsewhere.is_none() && self.flow_id == run.flow_id {
            let reason = "a flow cannot ask itself: choose another one";
            return Err(Error::invalid(&FLOW.field, reason));
        }
        let mut overrides = self.overrides.clone();
        overrides.entry("sessionId").or_insert_with(|| run.session_id.clone().into());
        let call = FlowCall {
            flow_id: self.flow_id.clone(),
            question: self.question.clone(),
            chat_id: Some(run.chat_id.clone()),
            overrides,
        };
        let content = match &self.elsewhere {
            Some(elsewhere) => elsewhere.ask(call, run).await?.text,
            None => run.services.flows.ask(&run.silenced(), call).await?.answer.to_text(),
        };
        run.events.token(&content).await;
        let asked = turn_of("user", self.question.clone());
        let mut said: Vec<Value> = Vec::new();
        if turn.said.is_empty() {
            said.push(asked.clone());
        }
        said.push(json!({"role": self.answers_as, "content": content, "name": speaker(turn)}));
        let input = Map::from_iter([("messages".to_owned(), json!([asked]))]);
        Ok(Taken { said: Some(said), updates: self.updates.clone(), ..Taken::text(input, content) })
    }
}
