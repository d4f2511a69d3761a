//! Keeps documents in MongoDB Atlas.

use std::sync::Arc;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    mongo::{MongoAddress, MongoClient},
    vectors::{VectorServer, mongodb::Collection},
};
use serde_json::Value;

use super::{
    stored::{self, FETCH_K, FINDS, LAMBDA, SEARCH, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, TOP_K},
};

const DATABASE: Input<String> = Input::text("Database", "databaseName").placeholder("knowledge");
const COLLECTION: Input<String> =
    Input::text("Collection Name", "collectionName").placeholder("handbook");
const INDEX: Input<String> = Input::text("Index Name", "indexName")
    .describe("An index for vector search over the field of the vectors, made in Atlas")
    .placeholder("vector_index");
const TEXT_KEY: Input<Option<String>> = Input::text("Content Field", "textKey")
    .default("text")
    .describe("The field that holds the text")
    .additional()
    .optional();
const EMBEDDING_KEY: Input<Option<String>> = Input::text("Embedded Field", "embeddingKey")
    .default("embedding")
    .describe("The field that holds the vector")
    .additional()
    .optional();
const FILTER: Input<Option<Value>> = Input::json("Mongodb Metadata Filter", "mongoMetadataFilter")
    .describe(
        "Finds only documents that fulfil this, such as {\"source\": \"a.pdf\"}; the index must list \
         the fields as filters",
    )
    .optional()
    .additional()
    .accepts_variables();

static SPEC: Spec = Spec {
    label: "MongoDB Atlas",
    name: "mongoDBAtlas",
    version: 1.0,
    kind: "MongoDB Atlas",
    icon: "mongodb.svg",
    category: "Vector Stores",
    description: "Keeps documents in MongoDB Atlas and finds them by meaning",
    base_classes: &["MongoDB Atlas", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["mongoDBUrlApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        DATABASE.field,
        COLLECTION.field,
        INDEX.field,
        TEXT_KEY.field,
        EMBEDDING_KEY.field,
        FILTER.field,
        TOP_K.field,
        SEARCH.field,
        FETCH_K.field,
        LAMBDA.field,
    ],
    outputs: &[
        Output {
            label: "MongoDB Retriever",
            name: "retriever",
            base_classes: &["MongoDB Atlas", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "MongoDB Vector Store",
            name: "vectorStore",
            base_classes: &["MongoDB Atlas", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { opened(inputs) }));

fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let url = inputs.credential()?.require("mongoDBConnectUrl", "ATLAS Connection URL")?;
    let address = MongoAddress::parse(url)?;
    let field = |row: &Input<Option<String>>, usual: &str| {
        let name = stored::text_or(inputs, row, usual)?;
        if !name.starts_with('$') && !name.contains('.') {
            return Ok(name);
        }
        Err(Error::invalid(&row.field, "a name without dots is expected, and not with $ first"))
    };
    Ok(Arc::new(Collection {
        client: MongoClient::new(address, inputs.services.get::<HttpClient>()?),
        database: stored::name(inputs, &DATABASE)?,
        name: stored::name(inputs, &COLLECTION)?,
        index: stored::name(inputs, &INDEX)?,
        text_key: field(&TEXT_KEY, "text")?,
        embedding_key: field(&EMBEDDING_KEY, "embedding")?,
        filter: stored::object(inputs, &FILTER)?,
    }))
}
