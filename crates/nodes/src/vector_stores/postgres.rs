//! Keeps documents in PostgreSQL with the extension pgvector.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Error, Input, Inputs, MetadataFilter, Result, Spec,
    spec::{Choice, CredentialSlot, Output},
};
use flowstone_providers::vectors::{Ask, CHAT, Entry, Hit, VectorServer};
use flowstone_sql::{Distance, Kind, VectorTable};
use serde_json::{Map, Value, json};

use super::{
    stored::{self, FILE_UPLOAD, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, RECORD_MANAGER, TOP_K},
};
use crate::record_manager::{self, DATABASE, HOST, PORT, SSL};

const TABLE: Input<Option<String>> = Input::text("Table Name", "tableName")
    .describe("Made where it is not there; documents where this is empty")
    .placeholder("documents")
    .additional()
    .optional();
const DISTANCE: Input<Option<String>> =
    Input::options("Distance Strategy", "distanceStrategy", DISTANCES)
        .default("cosine")
        .describe("What counts as near")
        .additional()
        .optional();
const DISTANCES: &[Choice] = &[
    Choice::new("cosine", "Cosine").describe("A small angle between the vectors"),
    Choice::new("euclidean", "Euclidean").describe("A short line between them"),
    Choice::new("innerProduct", "Inner Product").describe("A large inner product"),
];
const BATCH_SIZE: Input<Option<u64>> = Input::whole("Upsert Batch Size", "batchSize")
    .step(1.0)
    .describe("How many rows are written by one statement; 100 where it is empty")
    .additional()
    .optional();
const SETTINGS: Input<Option<Value>> = Input::json("Additional Configuration", "additionalConfig")
    .describe(
        "A JSON object; of it only ssl is taken: true refuses a connection that is not encrypted",
    )
    .additional()
    .optional();
const FILTER: Input<Option<Value>> = Input::json("Postgres Metadata Filter", "pgMetadataFilter")
    .describe(
        "Finds only documents whose metadata holds all of this, such as {\"source\": \"a.pdf\"}",
    )
    .additional()
    .optional()
    .accepts_variables();
const CONTENT: Input<Option<String>> = Input::text("Content Column Name", "contentColumnName")
    .describe("The column that holds the text; pageContent where it is empty")
    .placeholder("pageContent")
    .additional()
    .optional();

static SPEC: Spec = Spec {
    label: "Postgres",
    name: "postgres",
    version: 7.1,
    kind: "Postgres",
    icon: "postgres.svg",
    category: "Vector Stores",
    description: "Keeps documents in PostgreSQL with pgvector and finds them by meaning",
    base_classes: &["Postgres", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["PostgresApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        RECORD_MANAGER.field,
        HOST.field,
        DATABASE.field,
        PORT.field,
        SSL.field,
        TABLE.field,
        DISTANCE.field,
        FILE_UPLOAD.field,
        BATCH_SIZE.field,
        SETTINGS.field,
        TOP_K.field,
        FILTER.field,
        CONTENT.field,
    ],
    outputs: &[
        Output {
            label: "Postgres Retriever",
            name: "retriever",
            base_classes: &["Postgres", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Postgres Vector Store",
            name: "vectorStore",
            base_classes: &["Postgres", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode = StoreNode::new(&SPEC, |inputs| Box::pin(table(inputs)));

async fn table(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let distance = inputs.get(&DISTANCE)?;
    let distance = match distance.as_deref().unwrap_or("cosine") {
        "cosine" => Distance::Cosine,
        "euclidean" => Distance::Euclidean,
        "innerProduct" => Distance::InnerProduct,
        other => {
            let reason = format!("{other} is none of cosine, euclidean and innerProduct");
            return Err(Error::invalid(&DISTANCE.field, reason));
        }
    };
    let name = stored::text_or(inputs, &TABLE, "documents")?;
    let content = stored::text_or(inputs, &CONTENT, "pageContent")?;
    let batch = inputs.get(&BATCH_SIZE)?.filter(|it| *it > 0).unwrap_or(100);
    let targets = record_manager::server(inputs, Kind::Postgres, 5432).await?;
    let table = VectorTable::new(targets, &name, &content, distance)
        .map_err(|error| Error::invalid(&TABLE.field, error.to_string()))?;
    Ok(Arc::new(Table {
        table,
        name,
        batch: usize::try_from(batch).unwrap_or(100),
        filter: stored::object(inputs, &FILTER)?.unwrap_or_default(),
    }))
}

struct Table {
    table: VectorTable,
    name: String,
    batch: usize,
    filter: Map<String, Value>,
}

fn failed(error: flowstone_sql::Error) -> Error {
    match error {
        flowstone_sql::Error::Settings(said) => Error::Unsupported(said),
        other => Error::Transport(format!("PostgreSQL: {other}")),
    }
}

#[async_trait]
impl VectorServer for Table {
    fn collection(&self) -> &str {
        &self.name
    }

    fn batch(&self) -> usize {
        self.batch
    }

    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        self.table.make_ready().await.map_err(failed)
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let rows: Vec<flowstone_sql::Entry> = entries.iter().map(stored::row).collect();
        self.table.write(&rows).await.map_err(failed)
    }

    fn filters(&self, filter: &MetadataFilter) -> bool {
        filter.conditions().all(|(_, values)| !values.is_empty())
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let chat = ask.chat.map(|chat| (CHAT, chat));
        let among: Vec<Vec<Value>> = ask.filter.conditions().map(contained).collect();
        let found = self.table.nearest(ask.vector, ask.k, &self.filter, &among, chat).await;
        Ok(found.map_err(failed)?.into_iter().map(stored::hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        self.table.delete(ids).await.map_err(failed)
    }
}

/// The objects of which metadata contains one where it has one of the values under the key: as the
/// value or in a list, under the whole name or under its parts.
fn contained((key, values): (&str, &[Value])) -> Vec<Value> {
    let mut objects = Vec::new();
    for value in values {
        for held in [value.clone(), json!([value])] {
            objects.push(json!({ key: held }));
            if key.contains('.') {
                objects.push(key.rsplit('.').fold(held, |inner, part| json!({ part: inner })));
            }
        }
    }
    objects
}
