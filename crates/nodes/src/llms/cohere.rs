//! Text models of Cohere. Its interface for them is gone, so they are asked as chat models.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::DEPRECATING;
use crate::{
    chat_models::CACHE,
    openai_form::{COOL_SAMPLING, COOL_TEMPERATURE, ChatForm},
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("command");
const MAX_TOKENS: Input<Option<f64>> = Input::number("Max Tokens", "maxTokens")
    .step(1.0)
    .describe("Longest answer, in tokens")
    .optional();

static SPEC: Spec = Spec {
    label: "Cohere",
    name: "cohere",
    version: 3.0,
    kind: "Cohere",
    icon: "cohere.svg",
    category: "LLMs",
    description: "Command models of Cohere",
    base_classes: &["Cohere", "LLM", "BaseLLM", "BaseLanguageModel", "Runnable"],
    badge: DEPRECATING,
    credential: Some(CredentialSlot::required(&["cohereApi"])),
    inputs: &[CACHE.field, MODEL.field, COOL_TEMPERATURE.field, MAX_TOKENS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    numbers: COOL_SAMPLING,
    ..ChatForm::new(&SPEC, &dialects::COHERE, Some(("cohereApiKey", "Cohere Api Key")), MODEL)
};
