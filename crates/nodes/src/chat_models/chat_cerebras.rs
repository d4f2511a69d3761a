//! Chat models served by Cerebras.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{CACHE, STREAMING};
use crate::openai_form::{
    Address, BASE_OPTIONS, ChatForm, FREQUENCY_PENALTY, MAX_TOKENS, PRESENCE_PENALTY, TEMPERATURE,
    TIMEOUT, TOP_P,
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("llama3.1-8b");
const BASE_PATH: Input<Option<String>> = Input::text("Base Path", "basepath")
    .default("https://api.cerebras.ai/v1")
    .describe("Address of the server, where another one stands in front of it")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Cerebras",
    name: "chatCerebras",
    version: 3.0,
    kind: "ChatCerebras",
    icon: "cerebras.svg",
    category: "Chat Models",
    description: "Open models at great speed, served by Cerebras",
    base_classes: &[
        "ChatCerebras",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::optional(&["cerebrasAIApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        MAX_TOKENS.field,
        TOP_P.field,
        FREQUENCY_PENALTY.field,
        PRESENCE_PENALTY.field,
        TIMEOUT.field,
        BASE_PATH.field,
        BASE_OPTIONS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    address: Address::Row(&BASE_PATH),
    ..ChatForm::new(&SPEC, &dialects::CEREBRAS, Some(("cerebrasApiKey", "Cerebras API Key")), MODEL)
};
