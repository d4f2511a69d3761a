//! Hands files to a corpus of Vectara, as older flows do.

use std::sync::Arc;

use flowstone_core::{
    Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::vectors::VectorServer;

use super::{
    stored::{FINDS, STORE_ITSELF, StoreNode},
    upserting::TOP_K,
    vectara::{AFTER, BEFORE, FILE, FILTER, LAMBDA, corpus, upload},
};

static SPEC: Spec = Spec {
    label: "Vectara Upload File",
    name: "vectaraUpload",
    version: 1.0,
    kind: "Vectara",
    icon: "vectara.svg",
    category: "Vector Stores",
    badge: Some("DEPRECATING"),
    description: "Hands files to a corpus of Vectara and finds them by meaning",
    base_classes: &["Vectara", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["vectaraApi"])),
    inputs: &[FILE.field, FILTER.field, BEFORE.field, AFTER.field, LAMBDA.field, TOP_K.field],
    outputs: &[
        Output {
            label: "Vectara Retriever",
            name: "retriever",
            base_classes: &["Vectara", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Vectara Vector Store",
            name: "vectorStore",
            base_classes: &["Vectara", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode = StoreNode {
    upload: Some(|inputs| Box::pin(upload(inputs))),
    ..StoreNode::new(&SPEC, |inputs| {
        Box::pin(async move { Ok(corpus(inputs)? as Arc<dyn VectorServer>) })
    })
};
