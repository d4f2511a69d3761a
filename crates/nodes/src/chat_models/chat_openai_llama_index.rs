//! Chat models of OpenAI, for flows made of LlamaIndex nodes.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use crate::openai_form::{
    Address, BASE_PATH, ChatForm, MAX_TOKENS, OPENAI_KEY, TEMPERATURE, TIMEOUT, TOP_P,
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("gpt-3.5-turbo");
const BASE: Input<Option<String>> = {
    let mut it = BASE_PATH;
    it.field.label = "BasePath";
    it
};

static SPEC: Spec = Spec {
    label: "ChatOpenAI",
    name: "chatOpenAI_LlamaIndex",
    version: 2.0,
    kind: "ChatOpenAI",
    icon: "openai.svg",
    category: "Chat Models",
    description: "Chat models of OpenAI, for LlamaIndex nodes",
    base_classes: &["ChatOpenAI", "BaseChatModel_LlamaIndex", "ToolCallLLM", "BaseLLM"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    credential: Some(CredentialSlot::required(&["openAIApi"])),
    inputs: &[
        MODEL.field,
        TEMPERATURE.field,
        MAX_TOKENS.field,
        TOP_P.field,
        TIMEOUT.field,
        BASE.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    address: Address::Anyone(&BASE),
    ..ChatForm::new(&SPEC, &dialects::OPENAI, Some(OPENAI_KEY), MODEL)
};
