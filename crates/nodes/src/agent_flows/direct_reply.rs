//! A step that ends its path with a message.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, Step, Taken, Turn};
use serde_json::Map;

const MESSAGE: Input<String> = Input::text("Message", "directReplyMessage")
    .rows(4)
    .describe("What is answered")
    .accepts_variables();

static SPEC: Spec = Spec {
    label: "Direct Reply",
    name: "directReplyAgentflow",
    version: 1.0,
    kind: "DirectReply",
    icon: "agentflow-direct-reply.svg",
    category: "Agent Flows",
    description: "Answers with a message and ends the path",
    color: Some("#4DDBBB"),
    hide_output: true,
    base_classes: &["DirectReply"],
    inputs: &[MESSAGE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct DirectReply;

#[async_trait]
impl Node for DirectReply {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn stays_inside(&self) -> bool {
        true
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Step(Arc::new(Reply(inputs.get(&MESSAGE)?))))
    }
}

struct Reply(String);

#[async_trait]
impl Step for Reply {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        turn.run.events.token(&self.0).await;
        Ok(Taken::text(Map::new(), &*self.0))
    }
}
