//! Chat models of Mistral AI.

use flowstone_core::{Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::openai::{Chat, dialects};

use super::{CACHE, STREAMING};
use crate::openai_form::{Address, ChatForm, LONGEST_ANSWER, TEMPERATURE, TOP_P, with_version};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("mistral-tiny");
const LONGEST: Input<Option<f64>> = Input::number("Max Output Tokens", "maxOutputTokens")
    .step(1.0)
    .describe("Longest answer, in tokens")
    .optional()
    .additional();
const SEED: Input<Option<f64>> = Input::number("Random Seed", "randomSeed")
    .step(1.0)
    .describe("The same seed and question give the same answer")
    .optional()
    .additional();
const SAFE: Input<bool> = Input::flag("Safe Mode", "safeMode")
    .describe("Lets Mistral put its own instructions for safe answers before the conversation")
    .may_be_empty()
    .additional();
const ENDPOINT: Input<Option<String>> = Input::text("Override Endpoint", "overrideEndpoint")
    .describe("Address of another server that speaks the same wire")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "MistralAI",
    name: "chatMistralAI",
    version: 4.0,
    kind: "ChatMistralAI",
    icon: "mistral.svg",
    category: "Chat Models",
    description: "Chat and reasoning models of Mistral AI",
    base_classes: &["ChatMistralAI", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    credential: Some(CredentialSlot::required(&["mistralAIApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        LONGEST.field,
        TOP_P.field,
        SEED.field,
        SAFE.field,
        ENDPOINT.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    address: Address::Row(&ENDPOINT),
    numbers: &[
        (TEMPERATURE, "temperature"),
        (LONGEST, LONGEST_ANSWER),
        (TOP_P, "top_p"),
        (SEED, "random_seed"),
    ],
    adjust: settle,
    ..ChatForm::new(
        &SPEC,
        &dialects::MISTRAL,
        Some(("mistralAIAPIKey", "MistralAI API Key")),
        MODEL,
    )
};

fn settle(inputs: &Inputs, chat: &mut Chat) -> Result<()> {
    chat.endpoint.base_url = with_version(&chat.endpoint.base_url);
    if inputs.get(&SAFE)? {
        chat.settings.insert("safe_prompt".to_owned(), true.into());
    }
    Ok(())
}
