//! Keeps documents in Upstash Vector.

use std::sync::Arc;

use flowstone_core::{
    Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{VectorServer, upstash::Index},
};

use super::{
    stored::{self, FILE_UPLOAD, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, RECORD_MANAGER, TOP_K},
};

const FILTER: Input<Option<String>> =
    Input::text("Upstash Metadata Filter", "upstashMetadataFilter")
        .describe("Finds only documents whose metadata fulfils this, such as source = 'a.pdf'")
        .placeholder("source = 'a.pdf' AND page > 3")
        .optional()
        .additional()
        .accepts_variables();

static SPEC: Spec = Spec {
    label: "Upstash Vector",
    name: "upstash",
    version: 2.0,
    kind: "Upstash",
    icon: "upstash.svg",
    category: "Vector Stores",
    description: "Keeps documents in an index of Upstash Vector and finds them by meaning",
    base_classes: &["Upstash", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["upstashVectorApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        RECORD_MANAGER.field,
        FILE_UPLOAD.field,
        FILTER.field,
        TOP_K.field,
    ],
    outputs: &[
        Output {
            label: "Upstash Retriever",
            name: "retriever",
            base_classes: &["Upstash", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Upstash Vector Store",
            name: "vectorStore",
            base_classes: &["Upstash", "VectorStore"],
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
    let origin = credential.require("UPSTASH_VECTOR_REST_URL", "Upstash Vector REST URL")?;
    let token = credential.require("UPSTASH_VECTOR_REST_TOKEN", "Upstash Vector REST Token")?;
    let http = inputs.services.get::<HttpClient>()?;
    Ok(Arc::new(Index::new(http, origin, token, stored::text(inputs, &FILTER)?)))
}
