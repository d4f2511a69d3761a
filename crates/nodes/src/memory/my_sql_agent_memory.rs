//! Keeps the state of an agentflow in a MySQL or MariaDB server.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, spec::CredentialSlot};
use flowstone_sql::Kind;

use super::checkpoints::{SETTINGS, in_server};

const HOST: Input<String> = Input::text("Host", "host").placeholder("db.example.com");
const DATABASE: Input<String> = Input::text("Database", "database");
const PORT: Input<u64> = {
    let mut it = Input::whole("Port", "port");
    it.field.default = flowstone_core::spec::Default::Text("3306");
    it
};

static SPEC: Spec = Spec {
    label: "MySQL Agent Memory",
    name: "mySQLAgentMemory",
    version: 1.0,
    kind: "AgentMemory",
    icon: "agent-memory.svg",
    category: "Memory",
    description: "Keeps the state of an agentflow in a table of MySQL or MariaDB",
    base_classes: &["AgentMemory", "BaseCheckpointSaver"],
    credential: Some(CredentialSlot::optional(&["MySQLApi"])),
    inputs: &[HOST.field, DATABASE.field, PORT.field, SETTINGS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MySqlAgentMemory;

#[async_trait]
impl Node for MySqlAgentMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        in_server(inputs, Kind::MySql, 3306).await.map(Capability::Checkpoints)
    }
}
