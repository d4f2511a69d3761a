//! Chat models of Mistral AI, for flows made of LlamaIndex nodes.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use crate::openai_form::{ChatForm, LONGEST_ANSWER, TEMPERATURE};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("mistral-tiny");
const LONGEST: Input<Option<f64>> = Input::number("Max Tokens", "maxTokensToSample")
    .step(1.0)
    .describe("Longest answer, in tokens")
    .optional()
    .additional();
const TOP_P: Input<Option<f64>> = Input::number("Top P", "topP")
    .step(0.1)
    .describe("Considers only the likeliest words whose chances add up to this")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "ChatMistral",
    name: "chatMistral_LlamaIndex",
    version: 1.0,
    kind: "ChatMistral",
    icon: "mistral.svg",
    category: "Chat Models",
    description: "Chat models of Mistral AI, for LlamaIndex nodes",
    base_classes: &["ChatMistral", "BaseChatModel_LlamaIndex", "BaseLLM"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    credential: Some(CredentialSlot::required(&["mistralAIApi"])),
    inputs: &[MODEL.field, TEMPERATURE.field, LONGEST.field, TOP_P.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    numbers: &[(TEMPERATURE, "temperature"), (LONGEST, LONGEST_ANSWER), (TOP_P, "top_p")],
    ..ChatForm::new(
        &SPEC,
        &dialects::MISTRAL,
        Some(("mistralAIAPIKey", "MistralAI API Key")),
        MODEL,
    )
};
