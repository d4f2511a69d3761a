//! Lets Jina AI put found passages in order.

use flowstone_core::{
    Choice, Input, Spec,
    spec::{CredentialSlot, Default},
};
use serde_json::Map;

use super::{BASE_RETRIEVER, QUERY, outputs, rerank::RerankForm};

const TOP_N: Input<Option<u64>> = {
    let mut it = Input::whole("Top N", "topN")
        .describe("How many of the found passages to keep; all of them where it is empty")
        .placeholder("4")
        .additional()
        .optional();
    it.field.default = Default::Number(4.0);
    it
};
const USUAL_MODEL: &str = "jina-reranker-v2-base-multilingual";
const MODEL: Input<Option<String>> = Input::options(
    "Model Name",
    "model",
    &[Choice::plain("jina-reranker-v2-base-multilingual"), Choice::plain("jina-colbert-v2")],
)
.default(USUAL_MODEL)
.optional();

const CLASSES: &[&str] = &["JinaRerankRetriever", "BaseRetriever"];

static SPEC: Spec = Spec {
    label: "Jina AI Rerank Retriever",
    name: "JinaRerankRetriever",
    version: 1.0,
    kind: "JinaRerankRetriever",
    icon: "jina.svg",
    category: "Retrievers",
    description: "Puts found passages in order by how well they answer, with a model of Jina AI",
    base_classes: CLASSES,
    credential: Some(CredentialSlot::required(&["jinaAIApi"])),
    inputs: &[BASE_RETRIEVER.field, MODEL.field, QUERY.field, TOP_N.field],
    outputs: &outputs("Jina AI Rerank Retriever", CLASSES),
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: RerankForm = RerankForm {
    spec: &SPEC,
    model: MODEL,
    usual_model: USUAL_MODEL,
    keep: TOP_N,
    keep_name: "top_n",
    key: ("jinaAIAPIKey", "JinaAI API Key"),
    address: |_| Ok("https://api.jina.ai/v1/rerank".to_owned()),
    settings: |_| Ok(Map::from_iter([("return_documents".to_owned(), false.into())])),
};
