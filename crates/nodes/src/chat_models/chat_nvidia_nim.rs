//! Chat models served by NVIDIA NIM.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{CACHE, STREAMING};
use crate::openai_form::{
    Address, BASE_OPTIONS, ChatForm, FREQUENCY_PENALTY, MAX_TOKENS, PRESENCE_PENALTY, TEMPERATURE,
    TIMEOUT, TOP_P,
};

const MODEL: Input<String> =
    Input::text("Model Name", "modelName").placeholder("meta/llama-3.1-8b-instruct");
const BASE_URL: Input<String> = Input::text("Base Path", "basePath")
    .describe("Address of the server; NVIDIA's own is https://integrate.api.nvidia.com/v1")
    .placeholder("http://localhost:8000/v1");

static SPEC: Spec = Spec {
    label: "Nvidia NIM",
    name: "chatNvidiaNIM",
    version: 1.1,
    kind: "ChatNvidiaNIM",
    icon: "nvidia.svg",
    category: "Chat Models",
    description: "Models served by NVIDIA NIM, in the cloud or in a container of your own",
    base_classes: &[
        "ChatNvidiaNIM",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::optional(&["nvidiaNIMApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        BASE_URL.field,
        TEMPERATURE.field,
        STREAMING.field,
        MAX_TOKENS.field,
        TOP_P.field,
        FREQUENCY_PENALTY.field,
        PRESENCE_PENALTY.field,
        TIMEOUT.field,
        BASE_OPTIONS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    address: Address::Own(&BASE_URL),
    ..ChatForm::new(
        &SPEC,
        &dialects::NVIDIA,
        Some(("nvidiaNIMApiKey", "NVIDIA NGC API Key")),
        MODEL,
    )
};
