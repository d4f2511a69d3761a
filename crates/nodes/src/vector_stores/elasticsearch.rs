//! Keeps documents in Elasticsearch.

use std::sync::Arc;

use flowstone_core::{
    Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{
        VectorServer,
        search_engine::{self, Index, Kind, Login},
    },
};

use super::{
    stored::{self, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, RECORD_MANAGER, TOP_K},
};

const INDEX: Input<String> = Input::text("Index Name", "indexName").placeholder("handbook");
const SIMILARITY: Input<Option<String>> = Input::options("Similarity", "similarity", SIMILARITIES)
    .default("l2_norm")
    .describe("What counts as near, for an index that is made")
    .additional()
    .optional();
const SIMILARITIES: &[Choice] =
    &[Choice::plain("l2_norm"), Choice::plain("dot_product"), Choice::plain("cosine")];

static SPEC: Spec = Spec {
    label: "Elasticsearch",
    name: "elasticsearch",
    version: 2.0,
    kind: "Elasticsearch",
    icon: "elasticsearch.svg",
    category: "Vector Stores",
    description: "Keeps documents in Elasticsearch and finds them by meaning",
    base_classes: &["Elasticsearch", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["elasticsearchApi", "elasticSearchUserPassword"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        RECORD_MANAGER.field,
        INDEX.field,
        TOP_K.field,
        SIMILARITY.field,
    ],
    outputs: &[
        Output {
            label: "Elasticsearch Retriever",
            name: "retriever",
            base_classes: &["Elasticsearch", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Elasticsearch Vector Store",
            name: "vectorStore",
            base_classes: &["Elasticsearch", "VectorStore"],
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
    let origin = match stored::secret(inputs, "cloudId") {
        Some(id) => search_engine::address_of(id)?,
        None => credential.require("endpoint", "Elasticsearch Endpoint")?.to_owned(),
    };
    let login = match (stored::secret(inputs, "apiKey"), stored::secret(inputs, "username")) {
        (Some(key), _) => Login::Key(key),
        (None, Some(user)) => Login::Basic(user, credential.get("password").unwrap_or_default()),
        (None, None) => Login::None,
    };
    let similarity = stored::text_or(inputs, &SIMILARITY, "l2_norm")?;
    let (http, name) = (inputs.services.get::<HttpClient>()?, stored::name(inputs, &INDEX)?);
    Ok(Arc::new(Index::new(http, &origin, login, &name, Kind::Elastic { similarity })))
}
