//! Records in a MySQL or MariaDB server.

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec};
use flowstone_sql::Kind;

use super::{
    CLEANUP, DATABASE, HOST, NAMESPACE, PORT, SETTINGS, SOURCE_KEY, TABLE, login, made, namespace,
    server,
};

static SPEC: Spec = Spec {
    label: "MySQL Record Manager",
    name: "MySQLRecordManager",
    version: 1.0,
    kind: "MySQL RecordManager",
    icon: "record-manager.svg",
    category: "Record Manager",
    description: "Keeps track in MySQL or MariaDB of what was written to a vector store",
    base_classes: &["MySQL RecordManager", "RecordManager"],
    credential: Some(login(&["MySQLApi"])),
    inputs: &[
        HOST.field,
        DATABASE.field,
        PORT.field,
        SETTINGS.field,
        TABLE.field,
        NAMESPACE.field,
        CLEANUP.field,
        SOURCE_KEY.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MySqlRecordManager;

#[async_trait]
impl Node for MySqlRecordManager {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let targets = server(inputs, Kind::MySql, 3306).await?;
        made(inputs, targets, namespace(inputs)?)
    }
}
