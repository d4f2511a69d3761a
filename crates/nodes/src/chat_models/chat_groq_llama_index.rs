//! Chat models served by Groq, for flows made of LlamaIndex nodes.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use crate::openai_form::{ChatForm, MAX_TOKENS, TEMPERATURE};

const MODEL: Input<String> = Input::async_options("Model Name", "modelName", "listModels");

static SPEC: Spec = Spec {
    label: "ChatGroq",
    name: "chatGroq_LlamaIndex",
    version: 1.0,
    kind: "ChatGroq",
    icon: "groq.svg",
    category: "Chat Models",
    description: "Open models at great speed, served by Groq, for LlamaIndex nodes",
    base_classes: &["ChatGroq", "BaseChatModel_LlamaIndex", "OpenAI", "ToolCallLLM", "BaseLLM"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    credential: Some(CredentialSlot::optional(&["groqApi"])),
    inputs: &[MODEL.field, TEMPERATURE.field, MAX_TOKENS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm =
    ChatForm::new(&SPEC, &dialects::GROQ, Some(("groqApiKey", "Groq Api Key")), MODEL);
