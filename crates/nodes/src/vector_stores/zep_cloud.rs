//! Keeps documents in a collection of Zep's cloud, which embeds them itself.

use std::sync::Arc;

use flowstone_core::{
    Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{VectorGateways, VectorServer, zep::Collection},
};
use serde_json::Value;

use super::{
    stored::{self, FETCH_K, FINDS, LAMBDA, SEARCH, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, TOP_K},
    zep::{COLLECTION, FILTER, collection_name},
};

static SPEC: Spec = Spec {
    label: "Zep Collection - Cloud",
    name: "zepCloud",
    version: 2.0,
    kind: "Zep",
    icon: "zep.svg",
    category: "Vector Stores",
    description: "Keeps documents in a collection of Zep's cloud and finds them by meaning",
    base_classes: &["Zep", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["zepMemoryApi"])),
    inputs: &[
        DOCUMENTS.field,
        COLLECTION.field,
        FILTER.field,
        TOP_K.field,
        SEARCH.field,
        FETCH_K.field,
        LAMBDA.field,
    ],
    outputs: &[
        Output {
            label: "Zep Retriever",
            name: "retriever",
            base_classes: &["Zep", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Zep Vector Store",
            name: "vectorStore",
            base_classes: &["Zep", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { opened(inputs) }));

fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let key = inputs.credential()?.require("apiKey", "API Key")?;
    let gateways = inputs.services.get::<VectorGateways>().unwrap_or_default();
    let filter = stored::object(inputs, &FILTER)?.map(Value::Object);
    let (http, name) = (inputs.services.get::<HttpClient>()?, collection_name(inputs)?);
    Ok(Arc::new(Collection::of_cloud(http, &gateways.zep, key, &name, filter)))
}
