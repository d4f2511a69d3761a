//! Records in a PostgreSQL server.

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec};
use flowstone_sql::Kind;

use super::{
    CLEANUP, DATABASE, HOST, NAMESPACE, PORT, SETTINGS, SOURCE_KEY, SSL, TABLE, login, made,
    namespace, server,
};

static SPEC: Spec = Spec {
    label: "Postgres Record Manager",
    name: "postgresRecordManager",
    version: 1.0,
    kind: "Postgres RecordManager",
    icon: "record-manager.svg",
    category: "Record Manager",
    description: "Keeps track in PostgreSQL of what was written to a vector store",
    base_classes: &["Postgres RecordManager", "RecordManager"],
    credential: Some(login(&["PostgresApi"])),
    inputs: &[
        HOST.field,
        DATABASE.field,
        PORT.field,
        SSL.field,
        SETTINGS.field,
        TABLE.field,
        NAMESPACE.field,
        CLEANUP.field,
        SOURCE_KEY.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct PostgresRecordManager;

#[async_trait]
impl Node for PostgresRecordManager {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let targets = server(inputs, Kind::Postgres, 5432).await?;
        made(inputs, targets, namespace(inputs)?)
    }
}
