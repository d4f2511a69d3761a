//! Chat models of many vendors behind OpenRouter.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{ALLOW_IMAGES, CACHE, STREAMING};
use crate::openai_form::{
    Address, BASE_OPTIONS, ChatForm, FREQUENCY_PENALTY, MAX_TOKENS, PRESENCE_PENALTY, TEMPERATURE,
    TIMEOUT, TOP_P,
};

const MODEL: Input<String> =
    Input::text("Model Name", "modelName").placeholder("openai/gpt-4o-mini");
const BASE_PATH: Input<Option<String>> = Input::text("Base Path", "basepath")
    .default("https://openrouter.ai/api/v1")
    .describe("Address of the server, where another one stands in front of it")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "OpenRouter",
    name: "chatOpenRouter",
    version: 1.0,
    kind: "ChatOpenRouter",
    icon: "openrouter.svg",
    category: "Chat Models",
    description: "Models of many vendors with one key, by OpenRouter",
    base_classes: &[
        "ChatOpenRouter",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::optional(&["openRouterApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        ALLOW_IMAGES.field,
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
    ..ChatForm::new(
        &SPEC,
        &dialects::OPENROUTER,
        Some(("openRouterApiKey", "OpenRouter API Key")),
        MODEL,
    )
};
