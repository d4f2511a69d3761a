//! Embedding models served by Together AI.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use crate::{chat_models::CACHE, openai_form::VectorForm};

const MODEL: Input<String> =
    Input::text("Model Name", "modelName").placeholder("BAAI/bge-base-en-v1.5");

static SPEC: Spec = Spec {
    label: "TogetherAI Embedding",
    name: "togetherAIEmbedding",
    version: 1.0,
    kind: "TogetherAIEmbedding",
    icon: "together.svg",
    category: "Embeddings",
    description: "Turns text into vectors with open models that Together AI serves",
    base_classes: &["TogetherAIEmbedding", "Embeddings"],
    credential: Some(CredentialSlot::required(&["togetherAIApi"])),
    inputs: &[CACHE.field, MODEL.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: VectorForm =
    VectorForm::new(&SPEC, &dialects::TOGETHER, ("togetherAIApiKey", "TogetherAI Api Key"), MODEL);
