//! Chat models of xAI.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{ALLOW_IMAGES, CACHE, STREAMING};
use crate::openai_form::{ChatForm, MAX_TOKENS, TEMPERATURE};

const MODEL: Input<String> = Input::text("Model", "modelName").placeholder("grok-4");

static SPEC: Spec = Spec {
    label: "xAI Grok",
    name: "chatXAI",
    version: 2.0,
    kind: "ChatXAI",
    icon: "xai.svg",
    category: "Chat Models",
    description: "Grok models of xAI",
    base_classes: &[
        "ChatXAI",
        "ChatXAI",
        "ChatOpenAICompletions",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["xaiApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        ALLOW_IMAGES.field,
        MAX_TOKENS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm =
    ChatForm::new(&SPEC, &dialects::XAI, Some(("xaiApiKey", "X AI API Key")), MODEL);
