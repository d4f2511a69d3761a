//! Remembers the whole conversation.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec};

use super::{MEMORY_KEY, SESSION_ID, stored::StoredMemory};

static SPEC: Spec = Spec {
    label: "Buffer Memory",
    name: "bufferMemory",
    version: 2.0,
    kind: "BufferMemory",
    icon: "memory.svg",
    category: "Memory",
    description: "Remembers all of a conversation as it is stored",
    base_classes: &["BufferMemory", "BaseChatMemory", "BaseMemory"],
    inputs: &[SESSION_ID.field, MEMORY_KEY.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct BufferMemory;

#[async_trait]
impl Node for BufferMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Memory(Arc::new(StoredMemory::from_form(inputs, None)?)))
    }
}
