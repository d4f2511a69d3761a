//! Keeps the state of an agentflow in this installation's own database.

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec};

use super::checkpoints::{SETTINGS, own};

static SPEC: Spec = Spec {
    label: "SQLite Agent Memory",
    name: "sqliteAgentMemory",
    version: 1.0,
    kind: "SQLiteAgentMemory",
    icon: "agent-memory.svg",
    category: "Memory",
    description: "Keeps the state of an agentflow in this installation's own database",
    base_classes: &["SQLiteAgentMemory", "BaseCheckpointSaver"],
    inputs: &[SETTINGS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct SqliteAgentMemory;

#[async_trait]
impl Node for SqliteAgentMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        own(inputs).map(Capability::Checkpoints)
    }
}
