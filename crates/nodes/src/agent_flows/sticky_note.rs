//! A note beside the nodes of an agentflow: nothing that runs.

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Input, Inputs, Node, Result, Spec};

const NOTE: Input<Option<String>> =
    Input::text("", "note").rows(1).placeholder("Write a note").optional();

static SPEC: Spec = Spec {
    label: "Sticky Note",
    name: "stickyNoteAgentflow",
    version: 1.0,
    kind: "StickyNote",
    icon: "sticky-note.svg",
    category: "Agent Flows",
    description: "A note for whoever reads the flow",
    color: Some("#fee440"),
    base_classes: &["StickyNote"],
    inputs: &[NOTE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct StickyNote;

#[async_trait]
impl Node for StickyNote {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Err(Error::Unsupported(
            "a note does nothing: no wire may lead to it or on from it".to_owned(),
        ))
    }
}
