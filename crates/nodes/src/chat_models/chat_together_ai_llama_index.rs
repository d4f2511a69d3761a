//! Chat models served by Together AI, for flows made of LlamaIndex nodes.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use crate::openai_form::{ChatForm, TEMPERATURE};

const MODEL: Input<String> =
    Input::text("Model Name", "modelName").placeholder("meta-llama/Llama-3.3-70B-Instruct-Turbo");

static SPEC: Spec = Spec {
    label: "ChatTogetherAI",
    name: "chatTogetherAI_LlamaIndex",
    version: 1.0,
    kind: "ChatTogetherAI",
    icon: "together.svg",
    category: "Chat Models",
    description: "Open models served by Together AI, for LlamaIndex nodes",
    base_classes: &[
        "ChatTogetherAI",
        "BaseChatModel_LlamaIndex",
        "OpenAI",
        "ToolCallLLM",
        "BaseLLM",
    ],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    credential: Some(CredentialSlot::required(&["togetherAIApi"])),
    inputs: &[MODEL.field, TEMPERATURE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm::new(
    &SPEC,
    &dialects::TOGETHER,
    Some(("togetherAIApiKey", "TogetherAI Api Key")),
    MODEL,
);
