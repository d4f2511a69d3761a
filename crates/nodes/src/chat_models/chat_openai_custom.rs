//! Models that OpenAI trained further, and any server that speaks its wire.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{CACHE, STREAMING};
use crate::openai_form::{
    Address, BASE_OPTIONS, BASE_PATH, ChatForm, FREQUENCY_PENALTY, MAX_TOKENS, OPENAI_KEY,
    PRESENCE_PENALTY, TEMPERATURE, TIMEOUT, TOP_P,
};

const MODEL: Input<String> =
    Input::text("Model Name", "modelName").placeholder("ft:gpt-4.1-mini:my-org");

static SPEC: Spec = Spec {
    label: "OpenAI Custom Model",
    name: "chatOpenAICustom",
    version: 4.0,
    kind: "ChatOpenAI-Custom",
    icon: "openai.svg",
    category: "Chat Models",
    description: "A fine-tuned model of OpenAI, or any server that speaks the same wire",
    base_classes: &[
        "ChatOpenAI-Custom",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::optional(&["openAIApi"])),
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
    address: Address::Anyone(&BASE_PATH),
    ..ChatForm::new(&SPEC, &dialects::OPENAI, Some(OPENAI_KEY), MODEL)
};
