//! Text models served by Fireworks AI.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::DEPRECATING;
use crate::{chat_models::CACHE, openai_form::TextForm};

const MODEL: Input<String> = {
    let mut it = Input::text("Model Name", "modelName")
        .default("accounts/fireworks/models/llama-v3-70b-instruct-hf");
    it.field.optional = true;
    it
};

static SPEC: Spec = Spec {
    label: "Fireworks",
    name: "fireworks",
    version: 1.0,
    kind: "Fireworks",
    icon: "fireworks.svg",
    category: "LLMs",
    description: "Text models served by Fireworks AI",
    base_classes: &["Fireworks", "OpenAI", "BaseLLM", "BaseLanguageModel", "Runnable"],
    badge: DEPRECATING,
    credential: Some(CredentialSlot::required(&["fireworksApi"])),
    inputs: &[CACHE.field, MODEL.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: TextForm =
    TextForm::new(&SPEC, &dialects::FIREWORKS, ("fireworksApiKey", "Fireworks Api Key"), MODEL);
