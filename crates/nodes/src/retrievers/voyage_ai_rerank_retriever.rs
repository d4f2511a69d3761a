//! Lets Voyage AI put found passages in order.

use flowstone_core::{Choice, Input, Spec, spec::CredentialSlot};
use serde_json::Map;

use super::{
    BASE_RETRIEVER, QUERY, outputs,
    rerank::{RerankForm, TOP_K},
};

const USUAL_MODEL: &str = "rerank-lite-1";
const MODEL: Input<Option<String>> = Input::options(
    "Model Name",
    "model",
    &[
        Choice::plain("rerank-lite-1"),
        Choice::plain("rerank-lite-2"),
        Choice::plain("rerank-1"),
        Choice::plain("rerank-2"),
    ],
)
.default(USUAL_MODEL)
.optional();

const CLASSES: &[&str] = &["VoyageAIRerankRetriever", "BaseRetriever"];

static SPEC: Spec = Spec {
    label: "Voyage AI Rerank Retriever",
    name: "voyageAIRerankRetriever",
    version: 1.0,
    kind: "VoyageAIRerankRetriever",
    icon: "voyage.svg",
    category: "Retrievers",
    description: "Puts found passages in order by how well they answer, with a model of Voyage AI",
    base_classes: CLASSES,
    credential: Some(CredentialSlot::required(&["voyageAIApi"])),
    inputs: &[BASE_RETRIEVER.field, MODEL.field, QUERY.field, TOP_K.field],
    outputs: &outputs("Voyage AI Rerank Retriever", CLASSES),
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: RerankForm = RerankForm {
    spec: &SPEC,
    model: MODEL,
    usual_model: USUAL_MODEL,
    keep: TOP_K,
    keep_name: "top_k",
    key: ("apiKey", "Voyage AI API Key"),
    address: |_| Ok("https://api.voyageai.com/v1/rerank".to_owned()),
    settings: |_| Ok(Map::new()),
};
