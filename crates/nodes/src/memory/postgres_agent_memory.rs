//! Keeps the state of an agentflow in a PostgreSQL server.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, spec::CredentialSlot};
use flowstone_sql::Kind;

use super::checkpoints::{SETTINGS, in_server};

const HOST: Input<String> = Input::text("Host", "host").placeholder("db.example.com");
const DATABASE: Input<String> = Input::text("Database", "database");
const PORT: Input<u64> = {
    let mut it = Input::whole("Port", "port");
    it.field.default = flowstone_core::spec::Default::Text("5432");
    it
};

static SPEC: Spec = Spec {
    label: "Postgres Agent Memory",
    name: "postgresAgentMemory",
    version: 1.0,
    kind: "AgentMemory",
    icon: "agent-memory.svg",
    category: "Memory",
    description: "Keeps the state of an agentflow in a table of PostgreSQL",
    base_classes: &["AgentMemory", "BaseCheckpointSaver"],
    credential: Some(CredentialSlot::optional(&["PostgresApi"])),
    inputs: &[HOST.field, DATABASE.field, PORT.field, SETTINGS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct PostgresAgentMemory;

#[async_trait]
impl Node for PostgresAgentMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        in_server(inputs, Kind::Postgres, 5432).await.map(Capability::Checkpoints)
    }
}
