//! Keeps documents in Pinecone.

use std::sync::Arc;

use flowstone_core::{
    Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{VectorGateways, VectorServer, pinecone::Index},
};
use serde_json::Value;

use super::{
    stored::{self, FETCH_K, FILE_UPLOAD, FINDS, LAMBDA, SEARCH, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, RECORD_MANAGER, TOP_K},
};

pub(super) const INDEX: Input<String> = Input::text("Pinecone Index", "pineconeIndex");
pub(super) const NAMESPACE: Input<Option<String>> =
    Input::text("Pinecone Namespace", "pineconeNamespace")
        .describe("The part of the index; its usual one where this is empty")
        .placeholder("handbook")
        .additional()
        .optional();
const TEXT_KEY: Input<Option<String>> = Input::text("Pinecone Text Key", "pineconeTextKey")
    .describe("The key of the metadata that holds the text; text where this is empty")
    .placeholder("text")
    .additional()
    .optional();
const FILTER: Input<Option<Value>> =
    Input::json("Pinecone Metadata Filter", "pineconeMetadataFilter")
        .describe(
            "Finds only documents whose metadata fulfils this, as Pinecone documents it; nested \
             values are named with dots, such as {\"loc.pageNumber\": 3}",
        )
        .optional()
        .additional()
        .accepts_variables();

static SPEC: Spec = Spec {
    label: "Pinecone",
    name: "pinecone",
    version: 5.0,
    kind: "Pinecone",
    icon: "pinecone.svg",
    category: "Vector Stores",
    description: "Keeps documents in an index of Pinecone and finds them by meaning",
    base_classes: &["Pinecone", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["pineconeApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        RECORD_MANAGER.field,
        INDEX.field,
        NAMESPACE.field,
        FILE_UPLOAD.field,
        TEXT_KEY.field,
        FILTER.field,
        TOP_K.field,
        SEARCH.field,
        FETCH_K.field,
        LAMBDA.field,
    ],
    outputs: &[
        Output {
            label: "Pinecone Retriever",
            name: "retriever",
            base_classes: &["Pinecone", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Pinecone Vector Store",
            name: "vectorStore",
            base_classes: &["Pinecone", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { opened(inputs) }));

fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let filter = stored::object(inputs, &FILTER)?.map(Value::Object);
    index(inputs, &stored::text_or(inputs, &TEXT_KEY, "text")?, filter)
}

/// The index that a form names, whose texts are under `text_key`.
pub(super) fn index(
    inputs: &Inputs,
    text_key: &str,
    filter: Option<Value>,
) -> Result<Arc<dyn VectorServer>> {
    let key = inputs.credential()?.require("pineconeApiKey", "Pinecone Api Key")?;
    let gateways = inputs.services.get::<VectorGateways>().unwrap_or_default();
    let (http, name) = (inputs.services.get::<HttpClient>()?, stored::name(inputs, &INDEX)?);
    let namespace = stored::text_or(inputs, &NAMESPACE, "")?;
    let index = Index::new(http, &gateways.pinecone, key, &name, &namespace, text_key, filter);
    Ok(Arc::new(index))
}
