//! An agent that thinks aloud, for chat models that cannot call tools themselves.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, ChatModel, Input, Inputs, Node, Result, Spec};
use serde_json::{Map, Value};

use super::{ALLOWED_TOOLS, CHAT_MEMORY, react, turn_agent::TurnAgent};
use crate::{moderation::INPUT_MODERATION, tool_loop::MAX_ITERATIONS};

const MODEL: Input<Arc<dyn ChatModel>> = Input::socket("Chat Model", "model", "BaseChatModel");

static SPEC: Spec = Spec {
    label: "ReAct Agent for Chat Models",
    name: "reactAgentChat",
    version: 4.0,
    kind: "AgentExecutor",
    icon: "text-agent.svg",
    category: "Agents",
    description: "Thinks aloud and uses tools step by step, with any chat model",
    base_classes: &["AgentExecutor", "BaseChain", "Runnable"],
    badge: Some("DEPRECATING"),
    inputs: &[
        ALLOWED_TOOLS.field,
        MODEL.field,
        CHAT_MEMORY.field,
        INPUT_MODERATION.field,
        MAX_ITERATIONS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ReactAgentChat;

#[async_trait]
impl Node for ReactAgentChat {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let agent =
            TurnAgent::from_form(inputs, inputs.get(&MODEL)?, react::instructions, |opening| {
                Box::new(react::InTurns(opening))
            })?;
        Ok(Capability::Runnable(Arc::new(agent)))
    }

    /// Which of its words are the answer is known only at the end.
    fn streams(&self, _: &Map<String, Value>) -> bool {
        false
    }
}
