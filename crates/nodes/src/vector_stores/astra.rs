//! Keeps documents in DataStax Astra.

use std::sync::Arc;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{VectorServer, astra::Collection},
};

use super::{
    stored::{self, FETCH_K, FINDS, LAMBDA, SEARCH, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, TOP_K},
};

const COLLECTION: Input<String> = Input::text("Collection", "astraCollection");
const DIMENSION: Input<Option<u64>> = Input::whole("Vector Dimension", "vectorDimension")
    .describe(
        "Length of the embedding model's vectors, for a collection that is made; as long as they \
         are where it is empty",
    )
    .placeholder("1536")
    .optional();
const METRIC: Input<Option<String>> = Input::text("Similarity Metric", "similarityMetric")
    .describe(
        "What counts as near, for a collection that is made: cosine, euclidean or dot_product; \
         cosine where it is empty",
    )
    .placeholder("cosine")
    .optional();

static SPEC: Spec = Spec {
    label: "Astra",
    name: "Astra",
    version: 2.1,
    kind: "Astra",
    icon: "astra.svg",
    category: "Vector Stores",
    description: "Keeps documents in DataStax Astra and finds them by meaning",
    base_classes: &["Astra", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["AstraDBApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        COLLECTION.field,
        DIMENSION.field,
        METRIC.field,
        TOP_K.field,
        SEARCH.field,
        FETCH_K.field,
        LAMBDA.field,
    ],
    outputs: &[
        Output {
            label: "Astra Retriever",
            name: "retriever",
            base_classes: &["Astra", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Astra Vector Store",
            name: "vectorStore",
            base_classes: &["Astra", "VectorStore"],
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
    let origin = credential.require("dbEndPoint", "Astra DB Api Endpoint")?;
    let token = credential.require("applicationToken", "Astra DB Application Token")?;
    let metric = stored::text_or(inputs, &METRIC, "cosine")?;
    if !["cosine", "euclidean", "dot_product"].contains(&metric.as_str()) {
        let reason = format!("{metric} is none of cosine, euclidean and dot_product");
        return Err(Error::invalid(&METRIC.field, reason));
    }
    let (http, name) = (inputs.services.get::<HttpClient>()?, stored::name(inputs, &COLLECTION)?);
    let mut collection = Collection::new(http, origin, token, &name, &metric);
    collection.dimension = inputs.get(&DIMENSION)?.filter(|it| *it > 0);
    Ok(Arc::new(collection))
}
