//! Where a sequential flow begins.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Error, Input, Inputs, Node, Result, Spec,
    sequence::{Checkpoints, Duty, Member, Opening},
};

use crate::moderation::INPUT_MODERATION;

const MODEL: Input<Arc<dyn ChatModel>> = Input::socket("Chat Model", "model", "BaseChatModel")
    .describe("The model of all nodes that have none of their own; it must be able to call tools");
/// Keeps the state from one question to the next.
pub(crate) const AGENT_MEMORY: Input<Option<Arc<dyn Checkpoints>>> =
    Input::socket("Agent Memory", "agentMemory", "BaseCheckpointSaver")
        .describe("Keeps the state and the conversation from one question to the next")
        .optional();
const STATE: Input<Option<Arc<Member>>> = Input::socket("State", "state", "State")
    .describe("What the nodes share beside the conversation")
    .optional();

static SPEC: Spec = Spec {
    label: "Start",
    name: "seqStart",
    version: 2.0,
    kind: "Start",
    icon: "agentflow-start.svg",
    category: "Sequential Agents",
    description: "Where the flow begins",
    base_classes: &["Start"],
    inputs: &[MODEL.field, AGENT_MEMORY.field, STATE.field, INPUT_MODERATION.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Start;

#[async_trait]
impl Node for Start {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let channels = match inputs.get(&STATE)?.as_deref().map(|it| &it.duty) {
            None => None,
            Some(Duty::Shapes(channels)) => Some(channels.clone()),
            Some(_) => {
                let reason = "a State node is expected";
                return Err(Error::invalid(&STATE.field, reason));
            }
        };
        let opening = Opening {
            moderations: inputs.get(&INPUT_MODERATION)?,
            channels,
            checkpoints: inputs.get(&AGENT_MEMORY)?,
        };
        Ok(Capability::Member(Arc::new(Member {
            node_id: inputs.node_id.clone(),
            kind: SPEC.name,
            name: String::new(),
            label: inputs.node_label.clone(),
            duty: Duty::Begins(opening),
            model: Some(inputs.get(&MODEL)?),
        })))
    }
}
