//! Keeps documents in a collection of an open-source Zep.

use std::sync::Arc;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{VectorServer, zep::Collection},
};
use serde_json::Value;

use super::{
    stored::{self, FETCH_K, FINDS, LAMBDA, SEARCH, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, TOP_K},
};

const SERVER: Input<String> = Input::text("Base URL", "baseURL").default("http://127.0.0.1:8000");
const DIMENSION: Input<u64> = Input::whole("Embedding Dimension", "dimension")
    .default(1536)
    .describe("Length of the embedding model's vectors, for a collection that is made")
    .additional();

pub(super) const COLLECTION: Input<String> = Input::text("Zep Collection", "zepCollection")
    .describe("A name of letters and digits")
    .placeholder("handbook");
pub(super) const FILTER: Input<Option<Value>> =
    Input::json("Zep Metadata Filter", "zepMetadataFilter")
        .describe(
            "Finds only documents whose metadata fulfils this, such as {\"where\": {\"jsonpath\": \
             \"$[*] ? (@.page == 3)\"}}",
        )
        .optional()
        .additional()
        .accepts_variables();

static SPEC: Spec = Spec {
    label: "Zep Collection - Open Source",
    name: "zep",
    version: 2.0,
    kind: "Zep",
    icon: "zep.svg",
    category: "Vector Stores",
    description: "Keeps documents in a collection of a Zep server and finds them by meaning",
    base_classes: &["Zep", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::optional(&["zepMemoryApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        SERVER.field,
        COLLECTION.field,
        FILTER.field,
        DIMENSION.field,
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
    let (http, key) = (inputs.services.get::<HttpClient>()?, stored::secret(inputs, "apiKey"));
    let filter = stored::object(inputs, &FILTER)?.map(Value::Object);
    let (server, dimension) = (inputs.get(&SERVER)?, inputs.get(&DIMENSION)?);
    let name = collection_name(inputs)?;
    Ok(Arc::new(Collection::of_server(http, &server, key, &name, dimension, filter)))
}

/// The form's collection.
///
/// # Errors
/// Where it is a name that Zep does not take.
pub(super) fn collection_name(inputs: &Inputs) -> Result<String> {
    let name = stored::name(inputs, &COLLECTION)?;
    if name.chars().all(|it| it.is_ascii_alphanumeric()) {
        return Ok(name);
    }
    Err(Error::invalid(&COLLECTION.field, "a name of letters and digits is expected"))
}
