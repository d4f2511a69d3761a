//! Nodes that keep track of what was written to vector stores.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Cleanup, Error, Input, Inputs, Record, RecordFilter, RecordManager, Result,
    spec::{Choice, CredentialSlot},
};
use flowstone_providers::HttpClient;
use flowstone_sql::{Kind, RecordRow, RecordTable, Server, Target, Which};
use serde_json::Value;

pub(crate) mod mysql_record_manager;
pub(crate) mod postgres_record_manager;
pub(crate) mod sqlite_record_manager;

pub(crate) const HOST: Input<String> = Input::text("Host", "host").placeholder("db.example.com");
pub(crate) const DATABASE: Input<String> = Input::text("Database", "database");
pub(crate) const PORT: Input<Option<u64>> = Input::whole("Port", "port").optional();
pub(crate) const SSL: Input<bool> = Input::flag("SSL", "ssl")
    .describe("Refuses a connection that is not encrypted")
    .may_be_empty()
    .additional();
const SETTINGS: Input<Option<Value>> = Input::json(
    "Additional Connection Configuration",
    "additionalConfig",
)
.describe("A JSON object; of it only ssl is taken: true refuses a connection that is not encrypted")
.optional()
.additional();
const TABLE: Input<Option<String>> = Input::text("Table Name", "tableName")
    .describe("Made where it is not there; upsertion_records where this is empty")
    .placeholder("upsertion_records")
    .additional()
    .optional();
const NAMESPACE: Input<Option<String>> = Input::text("Namespace", "namespace")
    .describe("Keeps apart what several flows keep in one table; the flow's id where it is empty")
    .additional()
    .optional();
const CLEANUP: Input<String> = Input::options("Cleanup", "cleanup", CLEANUPS)
    .default("none")
    .describe("What becomes of documents that were written before")
    .additional();
const CLEANUPS: &[Choice] = &[
    Choice::new("none", "None").describe("They stay"),
    Choice::new("incremental", "Incremental")
        .describe("Those go that come from the same source and are not written again"),
    Choice::new("full", "Full")
        .describe("All go that are not written again, whatever source they come from"),
];
const SOURCE_KEY: Input<Option<String>> = Input::text("SourceId Key", "sourceIdKey")
    .default("source")
    .describe("The key of a document's metadata that says where it comes from")
    .placeholder("source")
    .additional()
    .optional();

/// What a form's table is called where it does not say.
const USUAL_TABLE: &str = "upsertion_records";

/// The record manager that a form describes, in one of these databases.
fn made(inputs: &Inputs, targets: Vec<Target>, namespace: String) -> Result<Capability> {
    let table = inputs.get(&TABLE)?.unwrap_or_else(|| USUAL_TABLE.to_owned());
    let table = RecordTable::new(targets, &table)
        .map_err(|error| Error::invalid(&TABLE.field, error.to_string()))?;
    let cleanup = match inputs.get(&CLEANUP)?.as_str() {
        "none" => Cleanup::None,
        "incremental" => Cleanup::Incremental,
        "full" => Cleanup::Full,
        other => {
            let reason = format!("{other} is none of none, incremental and full");
            return Err(Error::invalid(&CLEANUP.field, reason));
        }
    };
    let source_key = inputs.get(&SOURCE_KEY)?.unwrap_or_else(|| "source".to_owned());
    Ok(Capability::RecordManager(Arc::new(Records { table, namespace, cleanup, source_key })))
}

/// The form's namespace; that of the flow where it is empty.
fn namespace(inputs: &Inputs) -> Result<String> {
    Ok(inputs.get(&NAMESPACE)?.unwrap_or_else(|| inputs.flow_id.clone()))
}

/// The server that a form names, at each of its addresses. It is held to the same rules as the
/// target of an HTTP call.
pub(crate) async fn server(inputs: &Inputs, kind: Kind, usual_port: u16) -> Result<Vec<Target>> {
    let credential = inputs.credential()?;
    let user = credential.require("user", "User")?;
    let password = credential.get("password").unwrap_or_default();
    let port = match inputs.get(&PORT)? {
        None => usual_port,
        Some(port) => u16::try_from(port)
            .map_err(|_| Error::invalid(&PORT.field, "a number from 1 to 65535 is expected"))?,
    };
    let settings = inputs.get(&SETTINGS)?.unwrap_or_default();
    let asked = &settings["ssl"];
    let secure = inputs.get(&SSL)? || *asked == true || asked.is_object();
    let (host, database) = (inputs.get(&HOST)?, inputs.get(&DATABASE)?);
    let server = Server::new(kind, &host, port, (user, password), &database, secure);
    let server = server.map_err(|error| Error::invalid(&HOST.field, error.to_string()))?;
    let client = inputs.services.get::<HttpClient>()?;
    let addresses = client.addresses(&server.host, server.port).await?;
    Ok(addresses.into_iter().map(|it| Target::Server(server.clone().at(it))).collect())
}

/// What may be chosen as a login.
const fn login(names: &'static [&'static str]) -> CredentialSlot {
    CredentialSlot::required(names)
}

struct Records {
    table: RecordTable,
    namespace: String,
    cleanup: Cleanup,
    source_key: String,
}

impl Records {
    /// Records of two collections do not mix.
    fn space(&self, collection: &str) -> String {
        format!("{}_{collection}", self.namespace)
    }
}

fn failed(error: flowstone_sql::Error) -> Error {
    Error::Transport(format!("the records could not be kept: {error}"))
}

#[async_trait]
impl RecordManager for Records {
    fn cleanup(&self) -> Cleanup {
        self.cleanup
    }

    fn source_key(&self) -> &str {
        &self.source_key
    }

    async fn begin(&self, collection: &str) -> Result<f64> {
        self.table.begin(&self.space(collection)).await.map_err(failed)
    }

    async fn known(&self, collection: &str, keys: &[String]) -> Result<Vec<bool>> {
        let known = self.table.known(&self.space(collection), keys).await.map_err(failed)?;
        let known: std::collections::HashSet<String> = known.into_iter().collect();
        Ok(keys.iter().map(|it| known.contains(it)).collect())
    }

    async fn keep(&self, collection: &str, records: &[Record], time: f64) -> Result<()> {
        let rows: Vec<RecordRow> = records
            .iter()
            .map(|it| RecordRow {
                key: it.key.clone(),
                group: it.source.clone(),
                document: it.loader.clone(),
            })
            .collect();
        self.table.keep(&self.space(collection), &rows, time).await.map_err(failed)
    }

    async fn list(&self, collection: &str, filter: &RecordFilter) -> Result<Vec<String>> {
        let which = Which {
            before: filter.before,
            groups: filter.sources.as_deref(),
            document: filter.loader.as_deref(),
            limit: filter.limit,
        };
        self.table.list(&self.space(collection), which).await.map_err(failed)
    }

    async fn count(&self, collection: &str) -> Result<usize> {
        self.table.count(&self.space(collection)).await.map_err(failed)
    }

    async fn forget(&self, collection: &str, keys: &[String]) -> Result<()> {
        self.table.forget(&self.space(collection), keys).await.map_err(failed)
    }
}
