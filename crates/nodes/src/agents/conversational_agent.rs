//! An agent that speaks in JSON, for chat models that cannot call tools themselves.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, ChatModel, Input, Inputs, Node, Result, Spec};
use serde_json::{Map, Value};

use super::{
    ALLOWED_TOOLS, CHAT_MEMORY,
    json_actions::{self, JsonActions},
    turn_agent::TurnAgent,
};
use crate::{moderation::INPUT_MODERATION, tool_loop::MAX_ITERATIONS};

const MODEL: Input<Arc<dyn ChatModel>> = Input::socket("Chat Model", "model", "BaseChatModel");
const SYSTEM_MESSAGE: Input<Option<String>> = Input::text("System Message", "systemMessage")
    .rows(4)
    .default(DEFAULT_SYSTEM_MESSAGE)
    .describe("Who the agent is. How it calls its tools is told to it in any case")
    .additional()
    .optional();
const DEFAULT_SYSTEM_MESSAGE: &str = "You are in a conversation with a person whom you help with \
     whatever is asked: a quick fact, a long explanation, or just a talk. Be accurate, go into \
     detail where that serves the person, and say so when you do not know something.";

static SPEC: Spec = Spec {
    label: "Conversational Agent",
    name: "conversationalAgent",
    version: 3.0,
    kind: "AgentExecutor",
    icon: "text-agent.svg",
    category: "Agents",
    description: "Holds a conversation and uses tools, with any chat model",
    base_classes: &["AgentExecutor", "BaseChain", "Runnable"],
    badge: Some("DEPRECATING"),
    inputs: &[
        ALLOWED_TOOLS.field,
        MODEL.field,
        CHAT_MEMORY.field,
        SYSTEM_MESSAGE.field,
        INPUT_MODERATION.field,
        MAX_ITERATIONS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ConversationalAgent;

#[async_trait]
impl Node for ConversationalAgent {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let system = inputs.get(&SYSTEM_MESSAGE)?;
        let system = system.as_deref().unwrap_or(DEFAULT_SYSTEM_MESSAGE);
        let agent = TurnAgent::from_form(
            inputs,
            inputs.get(&MODEL)?,
            |tools, names| json_actions::instructions(system, tools, names),
            |opening| Box::new(JsonActions(opening)),
        )?;
        Ok(Capability::Runnable(Arc::new(agent)))
    }

    /// Which of its words are the answer is known only at the end.
    fn streams(&self, _: &Map<String, Value>) -> bool {
        false
    }
}
