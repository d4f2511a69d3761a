//! Remembers the newest exchanges of a conversation.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec, spec::Default as FieldDefault,
};

use super::{MEMORY_KEY, SESSION_ID, stored::StoredMemory};

const SIZE: Input<f64> = {
    let mut it = Input::number("Size", "k")
        .describe("How many exchanges to remember: a question and its answer are one");
    it.field.default = FieldDefault::Text("4");
    it
};

static SPEC: Spec = Spec {
    label: "Buffer Window Memory",
    name: "bufferWindowMemory",
    version: 2.0,
    kind: "BufferWindowMemory",
    icon: "memory-window.svg",
    category: "Memory",
    description: "Remembers the newest exchanges of a conversation as it is stored",
    base_classes: &["BufferWindowMemory", "BaseChatMemory", "BaseMemory"],
    inputs: &[SIZE.field, SESSION_ID.field, MEMORY_KEY.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct BufferWindowMemory;

#[async_trait]
impl Node for BufferWindowMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        // Existing flows switch the memory off by a size of zero or below.
        let exchanges = inputs.get(&SIZE)?.clamp(0.0, 1e9);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "guarded by the range just set"
        )]
        let turns = 2 * exchanges as u64;
        Ok(Capability::Memory(Arc::new(StoredMemory::from_form(inputs, Some(turns))?)))
    }
}
