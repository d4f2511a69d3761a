//! Chat models served by Groq.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{CACHE, OPEN_STREAMING};
use crate::openai_form::{ChatForm, MAX_TOKENS, TEMPERATURE};

const MODEL: Input<String> = Input::async_options("Model Name", "modelName", "listModels");

static SPEC: Spec = Spec {
    label: "Groq",
    name: "groqChat",
    version: 4.0,
    kind: "GroqChat",
    icon: "groq.svg",
    category: "Chat Models",
    description: "Open models at great speed, served by Groq",
    base_classes: &["GroqChat", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    credential: Some(CredentialSlot::optional(&["groqApi"])),
    inputs: &[CACHE.field, MODEL.field, TEMPERATURE.field, MAX_TOKENS.field, OPEN_STREAMING.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm =
    ChatForm::new(&SPEC, &dialects::GROQ, Some(("groqApiKey", "Groq Api Key")), MODEL);
