//! Lets a model of Cohere that Azure serves put found passages in order.

use flowstone_core::{Choice, Input, Inputs, Result, Spec, spec::CredentialSlot};
use serde_json::Map;

use super::{
    BASE_RETRIEVER, QUERY, outputs,
    rerank::{MAX_CHUNKS, RerankForm, TOP_K},
};

/// Where a project serves the models of Cohere, in the second version of their interface.
const PATH: &str = "/providers/cohere/v2/rerank";
const USUAL_MODEL: &str = "Cohere-rerank-v4.0-fast";
const MODEL: Input<Option<String>> = Input::options(
    "Model Name",
    "model",
    &[
        Choice::plain("rerank-v3.5"),
        Choice::plain("rerank-english-v3.0"),
        Choice::plain("rerank-multilingual-v3.0"),
        Choice::plain("Cohere-rerank-v4.0-fast"),
        Choice::plain("Cohere-rerank-v4.0-pro"),
    ],
)
.default(USUAL_MODEL)
.optional();

const CLASSES: &[&str] = &["Azure Rerank Retriever", "BaseRetriever"];

static SPEC: Spec = Spec {
    label: "Azure Rerank Retriever",
    name: "AzureRerankRetriever",
    version: 1.0,
    kind: "Azure Rerank Retriever",
    icon: "azure.svg",
    category: "Retrievers",
    description: "Puts found passages in order by how well they answer, with a model of Cohere that Azure serves",
    base_classes: CLASSES,
    credential: Some(CredentialSlot::required(&["azureFoundryApi"])),
    inputs: &[BASE_RETRIEVER.field, MODEL.field, QUERY.field, TOP_K.field, MAX_CHUNKS.field],
    outputs: &outputs("Azure Rerank Retriever", CLASSES),
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: RerankForm = RerankForm {
    spec: &SPEC,
    model: MODEL,
    usual_model: USUAL_MODEL,
    keep: TOP_K,
    keep_name: "top_n",
    key: ("azureFoundryApiKey", "Azure Foundry API Key"),
    address,
    // This version cuts long passages by their tokens, not into a number of pieces.
    settings: |_| Ok(Map::new()),
};

/// The project's address with the path of the call, unless it is there already.
fn address(inputs: &Inputs) -> Result<String> {
    let credential = inputs.credential()?;
    let endpoint = credential.require("azureFoundryEndpoint", "Azure Foundry Endpoint")?;
    let endpoint = endpoint.trim().trim_end_matches('/');
    Ok(if endpoint.ends_with("/rerank") {
        endpoint.to_owned()
    } else {
        format!("{endpoint}{PATH}")
    })
}
