//! Keeps documents in Meilisearch.

use std::sync::Arc;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{VectorServer, meilisearch::Index},
};

use super::{
    stored::{self, FINDS, K, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS},
};

const HOST: Input<String> = Input::text("Host", "host").placeholder("http://localhost:7700");
const INDEX: Input<String> = Input::text("Index Uid", "indexUid")
    .describe("Made where it is not there")
    .placeholder("handbook");
const REPLACE: Input<bool> = Input::flag("Delete Index if exists", "deleteIndex")
    .describe("Before documents are written, the index goes with everything in it")
    .may_be_empty();
const RATIO: Input<Option<f64>> = Input::number("Semantic Ratio", "semanticRatio")
    .describe("From 0, only words count, to 1, only meaning; 0.75 where it is empty")
    .placeholder("0.75")
    .additional()
    .optional();
const FILTER: Input<Option<String>> = Input::text("Search Filter", "searchFilter")
    .describe("Finds only documents that fulfil this, such as metadata.page > 3")
    .additional()
    .optional()
    .accepts_variables();

static SPEC: Spec = Spec {
    label: "Meilisearch",
    name: "meilisearch",
    version: 1.0,
    kind: "Meilisearch",
    icon: "meilisearch.svg",
    category: "Vector Stores",
    description: "Keeps documents in Meilisearch and finds them by meaning and by words",
    base_classes: &["BaseRetriever"],
    credential: Some(CredentialSlot::required(&["meilisearchApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        HOST.field,
        INDEX.field,
        REPLACE.field,
        K.field,
        RATIO.field,
        FILTER.field,
    ],
    outputs: &[Output {
        label: "Meilisearch Retriever",
        name: "retriever",
        base_classes: &["BaseRetriever"],
        description: FINDS,
    }],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { opened(inputs) }));

fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let ratio = inputs.get(&RATIO)?.unwrap_or(0.75);
    if !(0.0..=1.0).contains(&ratio) {
        return Err(Error::invalid(&RATIO.field, "a number from 0 to 1 is expected"));
    }
    inputs.credential()?;
    let (search, admin) = (
        stored::secret(inputs, "meilisearchSearchApiKey"),
        stored::secret(inputs, "meilisearchAdminApiKey"),
    );
    let (http, name) = (inputs.services.get::<HttpClient>()?, stored::name(inputs, &INDEX)?);
    let mut index = Index::new(http, &inputs.get(&HOST)?, search, admin, &name);
    index.replaces = inputs.get(&REPLACE)?;
    index.semantic_ratio = ratio;
    index.filter = stored::text(inputs, &FILTER)?;
    Ok(Arc::new(index))
}
