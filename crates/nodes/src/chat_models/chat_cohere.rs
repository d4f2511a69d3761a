//! Chat models of Cohere, by its compatibility API.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{CACHE, OPEN_STREAMING};
use crate::openai_form::{COOL_SAMPLING, COOL_TEMPERATURE, ChatForm};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("command-r7b-12-2024");

static SPEC: Spec = Spec {
    label: "Cohere",
    name: "chatCohere",
    version: 3.0,
    kind: "ChatCohere",
    icon: "cohere.svg",
    category: "Chat Models",
    description: "Command models of Cohere",
    base_classes: &["ChatCohere", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    credential: Some(CredentialSlot::required(&["cohereApi"])),
    inputs: &[CACHE.field, MODEL.field, COOL_TEMPERATURE.field, OPEN_STREAMING.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    numbers: COOL_SAMPLING,
    ..ChatForm::new(&SPEC, &dialects::COHERE, Some(("cohereApiKey", "Cohere Api Key")), MODEL)
};
