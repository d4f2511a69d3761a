//! Records in a SQLite file of this installation.

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec};
use flowstone_sql::{RecordFile, Target};

use super::{CLEANUP, NAMESPACE, SETTINGS, SOURCE_KEY, TABLE, made, namespace};

static SPEC: Spec = Spec {
    label: "SQLite Record Manager",
    name: "SQLiteRecordManager",
    version: 1.1,
    kind: "SQLite RecordManager",
    icon: "record-manager.svg",
    category: "Record Manager",
    description: "Keeps track in a file of this installation of what was written to a vector store",
    base_classes: &["SQLite RecordManager", "RecordManager"],
    inputs: &[SETTINGS.field, TABLE.field, NAMESPACE.field, CLEANUP.field, SOURCE_KEY.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct SqliteRecordManager;

#[async_trait]
impl Node for SqliteRecordManager {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let file = inputs.services.get::<RecordFile>()?;
        // One file serves every workspace: none can name the records of another.
        let namespace = format!("{}/{}", inputs.workspace, namespace(inputs)?);
        made(inputs, vec![Target::Sqlite(file.path().to_owned())], namespace)
    }
}
