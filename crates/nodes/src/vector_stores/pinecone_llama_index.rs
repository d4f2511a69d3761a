//! Keeps documents in Pinecone, for flows of LlamaIndex nodes.

use std::sync::Arc;

use flowstone_core::{
    Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::vectors::VectorServer;
use serde_json::Value;

use super::{
    pinecone::{INDEX, NAMESPACE, index},
    simple_store_llama_index::{EMBEDDINGS, MODEL},
    stored::{self, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, TOP_K},
};

const FILTER: Input<Option<Value>> =
    Input::json("Pinecone Metadata Filter", "pineconeMetadataFilter")
        .describe("Finds only documents whose metadata fulfils this, as Pinecone documents it")
        .optional()
        .additional();

static SPEC: Spec = Spec {
    label: "Pinecone",
    name: "pineconeLlamaIndex",
    version: 1.0,
    kind: "Pinecone",
    icon: "pinecone.svg",
    category: "Vector Stores",
    tags: &["LlamaIndex"],
    badge: Some("DEPRECATING"),
    description: "Keeps documents in an index of Pinecone and finds them by meaning",
    base_classes: &["Pinecone", "VectorIndexRetriever"],
    credential: Some(CredentialSlot::required(&["pineconeApi"])),
    inputs: &[
        DOCUMENTS.field,
        MODEL.field,
        EMBEDDINGS.field,
        INDEX.field,
        NAMESPACE.field,
        FILTER.field,
        TOP_K.field,
    ],
    outputs: &[
        Output {
            label: "Pinecone Retriever",
            name: "retriever",
            base_classes: &["Pinecone", "VectorIndexRetriever"],
            description: FINDS,
        },
        Output {
            label: "Pinecone Vector Store Index",
            name: "vectorStore",
            base_classes: &["Pinecone", "VectorStoreIndex"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { opened(inputs) }));

fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    index(inputs, "text", stored::object(inputs, &FILTER)?.map(Value::Object))
}
