//! Chat models served by Fireworks AI.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{CACHE, OPEN_STREAMING};
use crate::openai_form::{ChatForm, TEMPERATURE};

const MODEL: Input<String> = Input::text("Model", "modelName")
    .default("accounts/fireworks/models/llama-v3p1-8b-instruct")
    .placeholder("accounts/fireworks/models/llama-v3p1-8b-instruct");

static SPEC: Spec = Spec {
    label: "Fireworks AI",
    name: "chatFireworks",
    version: 2.0,
    kind: "ChatFireworks",
    icon: "fireworks.svg",
    category: "Chat Models",
    description: "Open models served by Fireworks AI",
    base_classes: &[
        "ChatFireworks",
        "ChatOpenAICompletions",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["fireworksApi"])),
    inputs: &[CACHE.field, MODEL.field, TEMPERATURE.field, OPEN_STREAMING.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm::new(
    &SPEC,
    &dialects::FIREWORKS,
    Some(("fireworksApiKey", "Fireworks Api Key")),
    MODEL,
);
