//! Chat models behind a LiteLLM proxy.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{ALLOW_IMAGES, CACHE, STREAMING};
use crate::openai_form::{Address, ChatForm, MAX_TOKENS, TEMPERATURE, TIMEOUT};

const MODEL: Input<String> = Input::text("Model Name", "modelName").placeholder("model_name");
const BASE_URL: Input<String> = Input::text("Base URL", "basePath")
    .describe("Address of the proxy")
    .placeholder("http://localhost:4000");
const SHORT_TOP_P: Input<Option<f64>> =
    Input::number("Top P", "topP").step(0.1).optional().additional();

static SPEC: Spec = Spec {
    label: "LiteLLM",
    name: "chatLitellm",
    version: 2.0,
    kind: "ChatLitellm",
    icon: "litellm.svg",
    category: "Chat Models",
    description: "Models of many vendors behind a LiteLLM proxy of your own",
    base_classes: &[
        "ChatLitellm",
        "BaseChatModel",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::optional(&["litellmApi"])),
    inputs: &[
        CACHE.field,
        BASE_URL.field,
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        ALLOW_IMAGES.field,
        MAX_TOKENS.field,
        SHORT_TOP_P.field,
        TIMEOUT.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    address: Address::Own(&BASE_URL),
    ..ChatForm::new(&SPEC, &dialects::LITELLM, Some(("litellmApiKey", "API Key")), MODEL)
};
