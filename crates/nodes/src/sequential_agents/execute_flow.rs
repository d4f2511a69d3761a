//! A member that asks another flow.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Error, Input, Inputs, Node, Result, Spec,
    node::Entry,
    sequence::{Acted, Acts, Duty, Scene},
    services::FlowCall,
    spec::CredentialSlot,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{BEFORE, Who, before, member, model_before, returned};
use crate::tools::flow_as_tool::{Elsewhere, in_words};

const NAME: Input<String> = Input::text("Name", "seqExecuteFlowName").placeholder("Research");
const FLOW: Input<String> = Input::async_options("Select Flow", "selectedFlow", "listFlows");
const QUESTION: Input<String> = {
    let mut it = Input::options(
        "Input",
        "seqExecuteFlowInput",
        &[Choice::new("userQuestion", "{{ question }}").describe("What the person asked")],
    )
    .describe("What the other flow is asked: the question, what a node said, or a text");
    it.field.free_solo = true;
    it
};
const OVERRIDES: Input<Option<Value>> = Input::json("Override Config", "overrideConfig")
    .describe("Settings of the other flow for this call, as far as it lets calls change them")
    .additional()
    .optional();
const BASE_URL: Input<Option<String>> = Input::text("Base URL", "baseURL")
    .describe("Another installation to ask; flows of this one are asked directly")
    .placeholder("https://flows.example.com")
    .additional()
    .optional();
const NEW_SESSION: Input<bool> = Input::flag("Start new session per message", "startNewSession")
    .default(false)
    .describe("Each call begins a conversation of its own, so that the other flow forgets")
    .may_be_empty()
    .additional();

static SPEC: Spec = Spec {
    label: "Execute Flow",
    name: "seqExecuteFlow",
    version: 1.0,
    kind: "ExecuteFlow",
    icon: "agentflow-execute-flow.svg",
    category: "Sequential Agents",
    description: "Asks another flow",
    base_classes: &["ExecuteFlow"],
    credential: Some(CredentialSlot::optional(&["chatflowApi"])),
    inputs: &[
        BEFORE.field,
        NAME.field,
        FLOW.field,
        QUESTION.field,
        OVERRIDES.field,
        BASE_URL.field,
        NEW_SESSION.field,
        returned::AS.field,
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
        let before = before(inputs, &BEFORE)?;
        let flow_id = inputs.get(&FLOW)?;
        if flow_id == inputs.flow_id {
            let reason = "a flow cannot ask itself: choose another one";
            return Err(Error::invalid(&FLOW.field, reason));
        }
        let overrides = match inputs.get(&OVERRIDES)? {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(map)) => map,
            Some(_) => return Err(Error::invalid(&OVERRIDES.field, "a JSON object is expected")),
        };
        let key = inputs.credential.as_ref().and_then(|it| it.get("chatflowApiKey"));
        let base = inputs.get(&BASE_URL)?;
        let elsewhere = base.map(|it| Elsewhere::at(&BASE_URL.field, &it, key)).transpose()?;
        let question = inputs.get(&QUESTION)?;
        let new_session = inputs.get(&NEW_SESSION)?;
        let answers_as = inputs.get(&returned::AS)?;
        let member = member(inputs, SPEC.name, &NAME, model_before(&before), |who| {
            let who = who.clone();
            Ok(Duty::Acts(Arc::new(Asking {
                who,
                flow_id,
                question,
                overrides,
                elsewhere,
                new_session,
                answers_as,
            })))
        })?;
        Ok(Capability::Member(member))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if method != "listFlows" {
            return Err(Error::Unsupported(format!("there is no list {method}")));
        }
        let flows = inputs.services.flows.list(&inputs.workspace).await?;
        let others = flows.into_iter().filter(|it| it.id != inputs.flow_id);
        Ok(others.map(|it| Entry::new(it.id, it.name).describe(in_words(&it.kind))).collect())
    }
}

struct Asking {
    who: Who,
    flow_id: String,
    question: String,
    overrides: Map<String, Value>,
    elsewhere: Option<Elsewhere>,
    new_session: bool,
    answers_as: String,
}

#[async_trait]
impl Acts for Asking {
    async fn act(&self, scene: &Scene<'_>) -> Result<Acted> {
        let run = scene.run;
        let fresh = || Uuid::new_v4().to_string();
        let session = if self.new_session { fresh() } else { run.session_id.clone() };
        let mut overrides = Map::from_iter([("sessionId".to_owned(), session.into())]);
        overrides.extend(self.overrides.clone());
        let call = FlowCall {
            flow_id: self.flow_id.clone(),
            question: self.asked(scene)?,
            chat_id: (!self.new_session).then(|| run.chat_id.clone()),
            overrides,
        };
        let said = match &self.elsewhere {
            Some(elsewhere) => elsewhere.ask(call, run).await?.text,
            None => run.services.flows.ask(run, call).await?.answer.to_text(),
        };
        returned::acted(&self.answers_as, said.into(), &self.who)
    }
}

impl Asking {
    /// What the other flow is asked.
    fn asked(&self, scene: &Scene<'_>) -> Result<String> {
        if self.question == "userQuestion" {
            return Ok(scene.run.question.clone());
        }
        let text = self.question.trim();
        let node = text.strip_prefix("{{").and_then(|it| it.strip_suffix("}}"));
        let Some(node) = node else { return Ok(self.question.clone()) };
        let node = node.trim().trim_start_matches('$');
        let node = node.split(".data.instance").next().unwrap_or(node);
        if node == "question" {
            return Ok(scene.run.question.clone());
        }
        let said = scene.said_by(node).map(|it| it.content.clone());
        said.ok_or_else(|| {
            let reason = format!("the node {node} has said nothing yet");
            Error::invalid(&QUESTION.field, reason)
        })
    }
}
