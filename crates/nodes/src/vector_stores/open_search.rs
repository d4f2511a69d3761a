//! Keeps documents in OpenSearch.

use std::sync::Arc;

use flowstone_core::{
    Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{
        VectorServer,
        search_engine::{Index, Kind, Login},
    },
};

use super::{
    stored::{self, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, TOP_K},
};

const INDEX: Input<String> = Input::text("Index Name", "indexName");
const ENGINE: Input<Option<String>> = Input::options("Engine", "engine", ENGINES)
    .default("lucene")
    .describe("What searches an index that is made")
    .additional()
    .optional();
const ENGINES: &[Choice] = &[
    Choice::new("lucene", "Lucene (OpenSearch 2.x+)"),
    Choice::new("faiss", "Faiss (OpenSearch 2.x+)"),
    Choice::new("nmslib", "NMSLIB (Legacy, pre-3.0)"),
];
const SPACE: Input<Option<String>> = Input::options("Space Type", "spaceType", SPACES)
    .default("l2")
    .describe("What counts as near, for an index that is made")
    .additional()
    .optional();
const SPACES: &[Choice] = &[
    Choice::new("l2", "L2 (Euclidean)"),
    Choice::new("cosinesimil", "Cosine Similarity"),
    Choice::new("innerproduct", "Inner Product"),
];

static SPEC: Spec = Spec {
    label: "OpenSearch",
    name: "openSearch",
    version: 4.0,
    kind: "OpenSearch",
    icon: "opensearch.svg",
    category: "Vector Stores",
    description: "Keeps documents in OpenSearch and finds them by meaning",
    base_classes: &["OpenSearch", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["openSearchUrl"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        INDEX.field,
        TOP_K.field,
        ENGINE.field,
        SPACE.field,
    ],
    outputs: &[
        Output {
            label: "OpenSearch Retriever",
            name: "retriever",
            base_classes: &["OpenSearch", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "OpenSearch Vector Store",
            name: "vectorStore",
            base_classes: &["OpenSearch", "VectorStore"],
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
    let origin = credential.require("openSearchUrl", "OpenSearch Url")?;
    let login = match stored::secret(inputs, "user") {
        Some(user) => Login::Basic(user, credential.get("password").unwrap_or_default()),
        None => Login::None,
    };
    let kind = Kind::Open {
        engine: stored::text_or(inputs, &ENGINE, "lucene")?,
        space: stored::text_or(inputs, &SPACE, "l2")?,
    };
    let (http, name) = (inputs.services.get::<HttpClient>()?, stored::name(inputs, &INDEX)?);
    Ok(Arc::new(Index::new(http, origin, login, &name, kind)))
}
