//! Keeps documents in SingleStore.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{Ask, Entry, Hit, VectorServer},
};
use flowstone_sql::{Kind, PackedColumns, PackedTable, Server, Target};

use super::{
    stored::{self, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, TOP_K},
};
use crate::record_manager::DATABASE;

const HOST: Input<String> = Input::text("Host", "host")
    .describe("A name or an address, with :PORT where it is not 3306")
    .placeholder("svc.example.com");
const TABLE: Input<Option<String>> = column("Table Name", "tableName", "embeddings");
const CONTENT: Input<Option<String>> =
    column("Content Column Name", "contentColumnName", "content");
const VECTOR: Input<Option<String>> = column("Vector Column Name", "vectorColumnName", "vector");
const METADATA: Input<Option<String>> =
    column("Metadata Column Name", "metadataColumnName", "metadata");

const fn column(
    label: &'static str,
    name: &'static str,
    usual: &'static str,
) -> Input<Option<String>> {
    Input::text(label, name)
        .describe("The example where it is empty; the table is made where it is not there")
        .placeholder(usual)
        .additional()
        .optional()
}

static SPEC: Spec = Spec {
    label: "SingleStore",
    name: "singlestore",
    version: 1.0,
    kind: "SingleStore",
    icon: "singlestore.svg",
    category: "Vector Stores",
    description: "Keeps documents in a table of SingleStore and finds them by meaning",
    base_classes: &["SingleStore", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::optional(&["singleStoreApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        HOST.field,
        DATABASE.field,
        TABLE.field,
        CONTENT.field,
        VECTOR.field,
        METADATA.field,
        TOP_K.field,
    ],
    outputs: &[
        Output {
            label: "SingleStore Retriever",
            name: "retriever",
            base_classes: &["SingleStore", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "SingleStore Vector Store",
            name: "vectorStore",
            base_classes: &["SingleStore", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode = StoreNode::new(&SPEC, |inputs| Box::pin(opened(inputs)));

async fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let user = stored::secret(inputs, "user").unwrap_or("root");
    let password = stored::secret(inputs, "password").unwrap_or_default();
    let host = stored::name(inputs, &HOST)?;
    let (host, port) = match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => {
            let wrong = || Error::invalid(&HOST.field, "a port from 1 to 65535 is expected");
            (name.to_owned(), port.parse().map_err(|_| wrong())?)
        }
        _ => (host, 3306),
    };
    let login = (user, password);
    let server = Server::new(Kind::MySql, &host, port, login, &inputs.get(&DATABASE)?, false)
        .map_err(|error| Error::invalid(&HOST.field, error.to_string()))?;
    let addresses =
        inputs.services.get::<HttpClient>()?.addresses(&server.host, server.port).await?;
    let targets = addresses.into_iter().map(|it| Target::Server(server.clone().at(it))).collect();
    let columns = PackedColumns {
        table: stored::text_or(inputs, &TABLE, "embeddings")?,
        content: stored::text_or(inputs, &CONTENT, "content")?,
        vector: stored::text_or(inputs, &VECTOR, "vector")?,
        metadata: stored::text_or(inputs, &METADATA, "metadata")?,
    };
    let name = columns.table.clone();
    let table = PackedTable::new(targets, columns)
        .map_err(|error| Error::invalid(&TABLE.field, error.to_string()))?;
    Ok(Arc::new(Table { table, name }))
}

struct Table {
    table: PackedTable,
    name: String,
}

fn failed(error: flowstone_sql::Error) -> Error {
    match error {
        flowstone_sql::Error::Settings(said) => Error::Unsupported(said),
        other => Error::Transport(format!("SingleStore: {other}")),
    }
}

#[async_trait]
impl VectorServer for Table {
    fn collection(&self) -> &str {
        &self.name
    }

    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        self.table.make_ready().await.map_err(failed)
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let rows: Vec<flowstone_sql::Entry> = entries.iter().map(stored::row).collect();
        self.table.write(&rows).await.map_err(failed)
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let found = self.table.nearest(ask.vector, ask.k).await.map_err(failed)?;
        Ok(found.into_iter().map(stored::hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        self.table.delete(ids).await.map_err(failed)
    }
}
