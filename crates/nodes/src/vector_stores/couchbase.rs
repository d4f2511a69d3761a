//! Keeps documents in Couchbase.

use std::sync::Arc;

use flowstone_core::{
    Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{
        VectorServer,
        couchbase::{Collection, Place},
    },
};
use serde_json::Value;

use super::{
    stored::{self, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, TOP_K},
};

const BUCKET: Input<String> = Input::text("Bucket Name", "bucketName");
const SCOPE: Input<String> = Input::text("Scope Name", "scopeName");
const COLLECTION: Input<String> = Input::text("Collection Name", "collectionName");
const INDEX: Input<String> = Input::text("Index Name", "indexName")
    .describe("An index of the search service over the field of the vectors");
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
const FILTER: Input<Option<Value>> =
    Input::json("Couchbase Metadata Filter", "couchbaseMetadataFilter")
        .describe(
            "Finds only documents that fulfil this query of the search service, such as \
             {\"field\": \"metadata.source\", \"match\": \"a.pdf\"}",
        )
        .optional()
        .additional()
        .accepts_variables();

static SPEC: Spec = Spec {
    label: "Couchbase",
    name: "couchbase",
    version: 1.0,
    kind: "Couchbase",
    icon: "couchbase.svg",
    category: "Vector Stores",
    description: "Keeps documents in a collection of Couchbase and finds them by meaning",
    base_classes: &["Couchbase", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["couchbaseApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        BUCKET.field,
        SCOPE.field,
        COLLECTION.field,
        INDEX.field,
        TEXT_KEY.field,
        EMBEDDING_KEY.field,
        FILTER.field,
        TOP_K.field,
    ],
    outputs: &[
        Output {
            label: "Couchbase Retriever",
            name: "retriever",
            base_classes: &["Couchbase", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Couchbase Vector Store",
            name: "vectorStore",
            base_classes: &["Couchbase", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { opened(inputs) }));

fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let credential = inputs.credential()?;
    let connection = credential.require("connectionString", "Couchbase Connection String")?;
    let login = (
        credential.require("username", "Couchbase Username")?,
        credential.get("password").unwrap_or_default(),
    );
    let place = Place {
        bucket: stored::name(inputs, &BUCKET)?,
        scope: stored::name(inputs, &SCOPE)?,
        collection: stored::name(inputs, &COLLECTION)?,
        index: stored::name(inputs, &INDEX)?,
    };
    let http = inputs.services.get::<HttpClient>()?;
    let mut collection = Collection::new(&http, connection, login, place)?;
    collection.text_key = stored::text_or(inputs, &TEXT_KEY, "text")?;
    collection.embedding_key = stored::text_or(inputs, &EMBEDDING_KEY, "embedding")?;
    collection.filter = stored::object(inputs, &FILTER)?.map(Value::Object);
    Ok(Arc::new(collection))
}
