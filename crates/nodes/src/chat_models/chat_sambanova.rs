//! Chat models served by SambaNova.

use flowstone_core::{Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::openai::{Chat, dialects};

use super::{CACHE, OPEN_STREAMING};
use crate::openai_form::{Address, BASE_OPTIONS, ChatForm, TEMPERATURE};

const MODEL: Input<String> = Input::text("Model", "modelName")
    .default("Meta-Llama-3.3-70B-Instruct")
    .placeholder("Meta-Llama-3.3-70B-Instruct");
const BASE_PATH: Input<Option<String>> = Input::text("Base Path", "basepath")
    .default("https://api.sambanova.ai/v1")
    .describe("Address of the server, where another one stands in front of it")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "SambaNova",
    name: "chatSambanova",
    version: 1.0,
    kind: "ChatSambanova",
    icon: "sambanova.svg",
    category: "Chat Models",
    description: "Open models at great speed, served by SambaNova",
    base_classes: &[
        "ChatSambanova",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["sambanovaApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        OPEN_STREAMING.field,
        BASE_PATH.field,
        BASE_OPTIONS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    address: Address::Row(&BASE_PATH),
    adjust: mend_address,
    ..ChatForm::new(
        &SPEC,
        &dialects::SAMBANOVA,
        Some(("sambanovaApiKey", "Sambanova Api Key")),
        MODEL,
    )
};

/// Flows of the reference saved its default, which lacks a letter.
#[expect(clippy::unnecessary_wraps, reason = "what a form adjusts may fail")]
fn mend_address(_: &Inputs, chat: &mut Chat) -> Result<()> {
    if let Some(rest) = chat.endpoint.base_url.trim().strip_prefix("htps://") {
        chat.endpoint.base_url = format!("https://{rest}");
    }
    Ok(())
}
