//! Keeps documents in a Chroma server.

use std::sync::Arc;

use flowstone_core::{
    Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{
        VectorServer,
        chroma::{Collection, Login},
    },
};
use serde_json::Value;

use super::{
    stored::{self, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, RECORD_MANAGER, TOP_K},
};

const COLLECTION: Input<String> = Input::text("Collection Name", "collectionName");
const SERVER: Input<Option<String>> = Input::text("Chroma URL", "chromaURL")
    .describe("A server of version 0.6 or newer; http://localhost:8000 where it is empty")
    .placeholder("http://localhost:8000")
    .optional();
const FILTER: Input<Option<Value>> = Input::json("Chroma Metadata Filter", "chromaMetadataFilter")
    .describe(
        "Finds only documents whose metadata fulfils this, as Chroma documents it; nested values \
         are named with dots, such as {\"loc.pageNumber\": 3}",
    )
    .optional()
    .additional()
    .accepts_variables();

static SPEC: Spec = Spec {
    label: "Chroma",
    name: "chroma",
    version: 2.0,
    kind: "Chroma",
    icon: "chroma.svg",
    category: "Vector Stores",
    description: "Keeps documents in a Chroma server or in Chroma Cloud and finds them by meaning",
    base_classes: &["Chroma", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::optional(&["chromaApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        RECORD_MANAGER.field,
        COLLECTION.field,
        SERVER.field,
        FILTER.field,
        TOP_K.field,
    ],
    outputs: &[
        Output {
            label: "Chroma Retriever",
            name: "retriever",
            base_classes: &["Chroma", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Chroma Vector Store",
            name: "vectorStore",
            base_classes: &["Chroma", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { collection(inputs) }));

fn collection(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let login = Login {
        key: stored::secret(inputs, "chromaApiKey"),
        tenant: stored::secret(inputs, "chromaTenant"),
        database: stored::secret(inputs, "chromaDatabase"),
    };
    let http = inputs.services.get::<HttpClient>()?;
    let server = stored::text_or(inputs, &SERVER, "http://localhost:8000")?;
    let filter = stored::object(inputs, &FILTER)?.map(Value::Object);
    let name = stored::name(inputs, &COLLECTION)?;
    Ok(Arc::new(Collection::new(http, &server, login, &name, filter)))
}
