//! Text models served by SambaNova.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::DEPRECATING;
use crate::{chat_models::CACHE, openai_form::TextForm};

const MODEL: Input<String> = {
    let mut it = Input::text("Model Name", "modelName").default("Meta-Llama-3.3-70B-Instruct");
    it.field.optional = true;
    it
};

static SPEC: Spec = Spec {
    label: "Sambanova",
    name: "sambanova",
    version: 1.0,
    kind: "Sambanova",
    icon: "sambanova.svg",
    category: "LLMs",
    description: "Text models served by SambaNova",
    base_classes: &["Sambanova", "BaseLLM", "BaseLanguageModel", "Runnable"],
    badge: DEPRECATING,
    credential: Some(CredentialSlot::required(&["sambanovaApi"])),
    inputs: &[CACHE.field, MODEL.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: TextForm =
    TextForm::new(&SPEC, &dialects::SAMBANOVA, ("sambanovaApiKey", "Sambanova Api Key"), MODEL);
