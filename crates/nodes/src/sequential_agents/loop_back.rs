//! Sends a sequential flow back to an earlier node.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Spec,
    sequence::{Duty, Member, routing_name},
};

use super::before;

const BEFORE: Input<Vec<Arc<Member>>> = Input::of(
    "Sequential Node",
    "sequentialNode",
    "Agent | Condition | LLMNode | ToolNode | CustomFunction | ExecuteFlow",
)
.list()
.describe("The nodes after which the flow goes back");
const TARGET: Input<String> = Input::text("Loop To", "loopToName")
    .describe("Name of the node to go back to, as its form says")
    .placeholder("Writer");

static SPEC: Spec = Spec {
    label: "Loop",
    name: "seqLoop",
    version: 2.1,
    kind: "Loop",
    icon: "agentflow-loop.svg",
    category: "Sequential Agents",
    description: "Goes back to an earlier node",
    base_classes: &["Loop"],
    hide_output: true,
    inputs: &[BEFORE.field, TARGET.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct LoopBack;

#[async_trait]
impl Node for LoopBack {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        before(inputs, &BEFORE)?;
        let target = inputs.get(&TARGET)?;
        if target.trim().is_empty() {
            return Err(Error::missing(&TARGET.field));
        }
        Ok(Capability::Member(Arc::new(Member {
            node_id: inputs.node_id.clone(),
            kind: SPEC.name,
            name: String::new(),
            label: target.clone(),
            duty: Duty::GoesBack(routing_name(&target)),
            model: None,
        })))
    }
}
