//! Lets Cohere put found passages in order.

use flowstone_core::{Choice, Input, Spec, spec::CredentialSlot};
use serde_json::Map;

use super::{
    BASE_RETRIEVER, QUERY, outputs,
    rerank::{MAX_CHUNKS, RerankForm, TOP_K},
};

const USUAL_MODEL: &str = "rerank-v3.5";
const MODEL: Input<Option<String>> = Input::options(
    "Model Name",
    "model",
    &[
        Choice::plain("rerank-v3.5"),
        Choice::plain("rerank-english-v3.0"),
        Choice::plain("rerank-multilingual-v3.0"),
    ],
)
.default(USUAL_MODEL)
.optional();

const CLASSES: &[&str] = &["Cohere Rerank Retriever", "BaseRetriever"];

static SPEC: Spec = Spec {
    label: "Cohere Rerank Retriever",
    name: "cohereRerankRetriever",
    version: 1.0,
    kind: "Cohere Rerank Retriever",
    icon: "cohere.svg",
    category: "Retrievers",
    description: "Puts found passages in order by how well they answer, with a model of Cohere",
    base_classes: CLASSES,
    credential: Some(CredentialSlot::required(&["cohereApi"])),
    inputs: &[BASE_RETRIEVER.field, MODEL.field, QUERY.field, TOP_K.field, MAX_CHUNKS.field],
    outputs: &outputs("Cohere Rerank Retriever", CLASSES),
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: RerankForm = RerankForm {
    spec: &SPEC,
    model: MODEL,
    usual_model: USUAL_MODEL,
    keep: TOP_K,
    keep_name: "top_n",
    key: ("cohereApiKey", "Cohere Api Key"),
    address: |_| Ok("https://api.cohere.com/v1/rerank".to_owned()),
    settings: |inputs| {
        let most = inputs.get(&MAX_CHUNKS)?.filter(|it| *it > 0).unwrap_or(10);
        Ok(Map::from_iter([
            ("max_chunks_per_doc".to_owned(), most.into()),
            ("return_documents".to_owned(), false.into()),
        ]))
    },
};
