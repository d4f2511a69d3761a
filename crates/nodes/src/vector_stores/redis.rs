//! Keeps documents in a Redis with its search module.

use std::sync::Arc;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::vectors::{VectorServer, redis::Index};

use super::{
    stored::{self, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, TOP_K},
};
use crate::redis_form;

const INDEX: Input<String> = Input::text("Index Name", "indexName");
const REPLACE: Input<bool> = Input::flag("Replace Index on Upsert", "replaceIndex")
    .default(false)
    .describe("Before documents are written, the index goes with everything in it");
const CONTENT_KEY: Input<Option<String>> = Input::text("Content Field", "contentKey")
    .default("content")
    .describe("The field of a hash that holds the text")
    .additional()
    .optional();
const METADATA_KEY: Input<Option<String>> = Input::text("Metadata Field", "metadataKey")
    .default("metadata")
    .describe("The field of a hash that holds the metadata")
    .additional()
    .optional();
const VECTOR_KEY: Input<Option<String>> = Input::text("Vector Field", "vectorKey")
    .default("content_vector")
    .describe("The field of a hash that holds the vector")
    .additional()
    .optional();

static SPEC: Spec = Spec {
    label: "Redis",
    name: "redis",
    version: 1.0,
    kind: "Redis",
    icon: "redis.svg",
    category: "Vector Stores",
    description: "Keeps documents in a Redis with its search module and finds them by meaning",
    base_classes: &["Redis", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["redisCacheUrlApi", "redisCacheApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        INDEX.field,
        REPLACE.field,
        CONTENT_KEY.field,
        METADATA_KEY.field,
        VECTOR_KEY.field,
        TOP_K.field,
    ],
    outputs: &[
        Output {
            label: "Redis Retriever",
            name: "retriever",
            base_classes: &["Redis", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Redis Vector Store",
            name: "vectorStore",
            base_classes: &["Redis", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { index(inputs) }));

fn index(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    inputs.credential()?;
    let field = |row: &Input<Option<String>>, usual: &str| {
        let name = stored::text_or(inputs, row, usual)?;
        // It stands in a query, where other marks mean something.
        if name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_') {
            return Ok(name);
        }
        let reason = "a name of letters, digits and underscores is expected";
        Err(Error::invalid(&row.field, reason))
    };
    Ok(Arc::new(Index {
        client: redis_form::client(inputs)?,
        name: stored::name(inputs, &INDEX)?,
        content_key: field(&CONTENT_KEY, "content")?,
        metadata_key: field(&METADATA_KEY, "metadata")?,
        vector_key: field(&VECTOR_KEY, "content_vector")?,
        replaces: inputs.get(&REPLACE)?,
    }))
}
