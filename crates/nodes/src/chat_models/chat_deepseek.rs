//! Chat models of DeepSeek.

use flowstone_core::{Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::openai::{Chat, dialects};
use serde_json::json;

use super::{CACHE, STREAMING};
use crate::openai_form::{
    BASE_OPTIONS, COOL_SAMPLING, COOL_TEMPERATURE, ChatForm, FREQUENCY_PENALTY, MAX_TOKENS,
    PRESENCE_PENALTY, STOP, TIMEOUT, TOP_P,
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("deepseek-chat");
const THINKING: Input<bool> = Input::flag("Thinking", "thinking")
    .default(false)
    .describe("Lets a model that can do so think before it answers")
    .may_be_empty()
    .additional();

static SPEC: Spec = Spec {
    label: "Deepseek",
    name: "chatDeepseek",
    version: 1.0,
    kind: "chatDeepseek",
    icon: "deepseek.svg",
    category: "Chat Models",
    description: "Chat and reasoning models of DeepSeek",
    base_classes: &[
        "chatDeepseek",
        "ChatOpenAICompletions",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["deepseekApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        COOL_TEMPERATURE.field,
        STREAMING.field,
        MAX_TOKENS.field,
        TOP_P.field,
        FREQUENCY_PENALTY.field,
        PRESENCE_PENALTY.field,
        TIMEOUT.field,
        STOP.field,
        THINKING.field,
        BASE_OPTIONS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    numbers: COOL_SAMPLING,
    adjust: think,
    ..ChatForm::new(
        &SPEC,
        &dialects::DEEPSEEK,
        Some(("deepseekApiKey", "DeepseekAI API Key")),
        MODEL,
    )
};

fn think(inputs: &Inputs, chat: &mut Chat) -> Result<()> {
    if inputs.get(&THINKING)? {
        chat.settings.insert("thinking".to_owned(), json!({"type": "enabled"}));
    }
    Ok(())
}
