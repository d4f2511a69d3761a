//! Chat models served by LocalAI.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{CACHE, STREAMING};
use crate::openai_form::{Address, ChatForm, MAX_TOKENS, TEMPERATURE, TIMEOUT, TOP_P};

const MODEL: Input<String> =
    Input::text("Model Name", "modelName").placeholder("llama-3.2-1b-instruct");
const BASE_URL: Input<String> = Input::text("Base Path", "basePath")
    .describe("Address of the server")
    .placeholder("http://localhost:8080/v1");

static SPEC: Spec = Spec {
    label: "LocalAI",
    name: "chatLocalAI",
    version: 3.0,
    kind: "ChatLocalAI",
    icon: "local-ai.svg",
    category: "Chat Models",
    description: "Open models on a machine of your own, served by LocalAI",
    base_classes: &[
        "ChatLocalAI",
        "BaseChatModel",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::optional(&["localAIApi"])),
    inputs: &[
        CACHE.field,
        BASE_URL.field,
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        MAX_TOKENS.field,
        TOP_P.field,
        TIMEOUT.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    address: Address::Own(&BASE_URL),
    ..ChatForm::new(&SPEC, &dialects::LOCALAI, Some(("localAIApiKey", "LocalAI Api Key")), MODEL)
};
