//! Chat models served by Together AI.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{CACHE, OPEN_STREAMING};
use crate::openai_form::{ChatForm, TEMPERATURE};

const MODEL: Input<String> =
    Input::text("Model Name", "modelName").placeholder("meta-llama/Llama-3.3-70B-Instruct-Turbo");

static SPEC: Spec = Spec {
    label: "TogetherAI",
    name: "chatTogetherAI",
    version: 2.0,
    kind: "ChatTogetherAI",
    icon: "together.svg",
    category: "Chat Models",
    description: "Open models served by Together AI",
    base_classes: &[
        "ChatTogetherAI",
        "ChatOpenAICompletions",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["togetherAIApi"])),
    inputs: &[CACHE.field, MODEL.field, TEMPERATURE.field, OPEN_STREAMING.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm::new(
    &SPEC,
    &dialects::TOGETHER,
    Some(("togetherAIApiKey", "TogetherAI Api Key")),
    MODEL,
);
