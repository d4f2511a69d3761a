//! Where a path of a sequential flow ends.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec,
    sequence::{Duty, Member},
};

use super::before;

const BEFORE: Input<Vec<Arc<Member>>> = Input::of(
    "Sequential Node",
    "sequentialNode",
    "Agent | Condition | LLMNode | ToolNode | CustomFunction | ExecuteFlow",
)
.describe("The node whose last message is the answer");

static SPEC: Spec = Spec {
    label: "End",
    name: "seqEnd",
    version: 2.1,
    kind: "End",
    icon: "sequence-end.svg",
    category: "Sequential Agents",
    description: "Ends the flow; what was said last is the answer",
    base_classes: &["End"],
    hide_output: true,
    inputs: &[BEFORE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct End;

#[async_trait]
impl Node for End {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        before(inputs, &BEFORE)?;
        Ok(Capability::Member(Arc::new(Member {
            node_id: inputs.node_id.clone(),
            kind: SPEC.name,
            name: String::new(),
            label: inputs.node_label.clone(),
            duty: Duty::Ends,
            model: None,
        })))
    }
}
