//! A note on the canvas: nothing that runs.

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Input, Inputs, Node, Result, Spec};

const NOTE: Input<Option<String>> =
    Input::text("", "note").rows(1).placeholder("Write a note").optional();

static SPEC: Spec = Spec {
    label: "Sticky Note",
    name: "stickyNote",
    version: 2.0,
    kind: "StickyNote",
    icon: "sticky-note.svg",
    category: "Utilities",
    description: "A note for whoever reads the flow",
    base_classes: &["StickyNote"],
    tags: &["Utilities"],
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
            "a note does nothing: it can be neither run nor plugged into another node".to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::form;

    #[tokio::test]
    async fn a_note_says_that_it_cannot_run() {
        let failed = StickyNote.init(&form(&serde_json::json!({"note": "hi"}))).await;
        assert!(matches!(failed, Err(Error::Unsupported(said)) if said.starts_with("a note")));
    }
}
