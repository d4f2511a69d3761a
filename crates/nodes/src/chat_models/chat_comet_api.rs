//! Chat models of many vendors behind CometAPI.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{CACHE, STREAMING};
use crate::openai_form::{
    BASE_OPTIONS, COOL_SAMPLING, COOL_TEMPERATURE, ChatForm, FREQUENCY_PENALTY, MAX_TOKENS,
    PRESENCE_PENALTY, TOP_P,
};

const MODEL: Input<String> =
    Input::text("Model Name", "modelName").default("gpt-5-mini").placeholder("gpt-5-mini");

static SPEC: Spec = Spec {
    label: "Comet",
    name: "chatCometAPI",
    version: 1.0,
    kind: "ChatCometAPI",
    icon: "comet.svg",
    category: "Chat Models",
    description: "Models of many vendors with one key, by CometAPI",
    base_classes: &[
        "ChatCometAPI",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["cometApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        COOL_TEMPERATURE.field,
        STREAMING.field,
        MAX_TOKENS.field,
        TOP_P.field,
        FREQUENCY_PENALTY.field,
        PRESENCE_PENALTY.field,
        BASE_OPTIONS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    numbers: COOL_SAMPLING,
    ..ChatForm::new(&SPEC, &dialects::COMET, Some(("cometApiKey", "Comet API Key")), MODEL)
};
