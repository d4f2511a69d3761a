//! Keeps the state of an agentflow in a database of one's choice.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Error, Input, Inputs, Node, Result, Spec, spec::CredentialSlot,
};

use super::checkpoints::{SETTINGS, own};

const DATABASE_TYPE: Input<String> = Input::options(
    "Database",
    "databaseType",
    &[
        Choice::new("sqlite", "SQLite").describe("This installation's own database"),
        Choice::new("postgres", "PostgreSQL"),
        Choice::new("mysql", "MySQL"),
    ],
)
.default("sqlite");
const FILE: Input<Option<String>> = Input::text("Database File Path", "databaseFilePath")
    .describe("Not used: the state is kept in this installation's own database")
    .additional()
    .optional();
const HOST: Input<Option<String>> =
    Input::text("Host", "host").placeholder("db.example.com").additional().optional();
const DATABASE: Input<Option<String>> = Input::text("Database", "database").additional().optional();
const PORT: Input<Option<u64>> = Input::whole("Port", "port").additional().optional();

static SPEC: Spec = Spec {
    label: "Agent Memory",
    name: "agentMemory",
    version: 2.0,
    kind: "AgentMemory",
    icon: "agent-memory.svg",
    category: "Memory",
    description: "Keeps the state of an agentflow; there is a node for each database now",
    badge: Some("DEPRECATING"),
    base_classes: &["AgentMemory", "BaseCheckpointSaver"],
    credential: Some(CredentialSlot::optional(&["PostgresApi", "MySQLApi"])),
    inputs: &[
        DATABASE_TYPE.field,
        FILE.field,
        HOST.field,
        DATABASE.field,
        PORT.field,
        SETTINGS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct AgentMemory;

#[async_trait]
impl Node for AgentMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let kept = match inputs.get(&DATABASE_TYPE)?.as_str() {
            "sqlite" => own(inputs)?,
            #[cfg(feature = "sql")]
            "postgres" => {
                super::checkpoints::in_server(inputs, flowstone_sql::Kind::Postgres, 5432).await?
            }
            #[cfg(feature = "sql")]
            "mysql" => {
                super::checkpoints::in_server(inputs, flowstone_sql::Kind::MySql, 3306).await?
            }
            other => {
                let reason = format!("{other} is none of sqlite, postgres and mysql");
                return Err(Error::invalid(&DATABASE_TYPE.field, reason));
            }
        };
        Ok(Capability::Checkpoints(kept))
    }
}
