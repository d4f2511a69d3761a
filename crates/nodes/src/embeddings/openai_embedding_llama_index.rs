//! Embedding models of OpenAI, for flows made of LlamaIndex nodes.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use crate::openai_form::{Address, BASE_PATH, OPENAI_KEY, VECTOR_TIMEOUT, VectorForm};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("text-embedding-ada-002");
const BASE: Input<Option<String>> = {
    let mut it = BASE_PATH;
    it.field.label = "BasePath";
    it
};

static SPEC: Spec = Spec {
    label: "OpenAI Embedding",
    name: "openAIEmbedding_LlamaIndex",
    version: 2.0,
    kind: "OpenAIEmbedding",
    icon: "openai.svg",
    category: "Embeddings",
    description: "Turns text into vectors with OpenAI, for LlamaIndex nodes",
    base_classes: &["OpenAIEmbedding", "BaseEmbedding_LlamaIndex", "BaseEmbedding"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    credential: Some(CredentialSlot::required(&["openAIApi"])),
    inputs: &[MODEL.field, VECTOR_TIMEOUT.field, BASE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: VectorForm = VectorForm {
    address: Address::Row(&BASE),
    ..VectorForm::new(&SPEC, &dialects::OPENAI, OPENAI_KEY, MODEL)
};
