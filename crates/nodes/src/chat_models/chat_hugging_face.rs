//! Chat models behind Hugging Face's router, or on an endpoint of one's own.

use flowstone_core::{Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::openai::{Chat, dialects};

use super::CACHE;
use crate::openai_form::{
    Address, ChatForm, FREQUENCY_PENALTY, LONGEST_ANSWER, MAX_TOKENS, TOP_P, with_version,
};

const MODEL: Input<String> = Input::text("Model", "model")
    .describe("Name of the model; with an endpoint of your own it is what that endpoint serves")
    .placeholder("openai/gpt-oss-20b");
const ENDPOINT: Input<Option<String>> = Input::text("Endpoint", "endpoint")
    .describe("Address of an inference endpoint of your own")
    .placeholder("https://xyz.eu-west-1.aws.endpoints.huggingface.cloud")
    .optional();
const TEMPERATURE: Input<Option<f64>> =
    Input::number("Temperature", "temperature").step(0.1).optional().additional();
const TOP_K: Input<Option<f64>> = Input::number("Top K", "hfTopK")
    .step(0.1)
    .describe("Considers only this many of the likeliest words, where the server can")
    .optional()
    .additional();
const STOP_TEXTS: Input<Option<String>> = Input::text("Stop Sequence", "stop")
    .rows(4)
    .describe("Texts that end the answer, with commas between")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "HuggingFace",
    name: "chatHuggingFace",
    version: 3.0,
    kind: "ChatHuggingFace",
    icon: "hugging-face.svg",
    category: "Chat Models",
    description: "Open models that Hugging Face finds a server for, or on an endpoint of your own",
    base_classes: &[
        "ChatHuggingFace",
        "BaseChatModel",
        "LLM",
        "BaseLLM",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["huggingFaceApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        ENDPOINT.field,
        TEMPERATURE.field,
        MAX_TOKENS.field,
        TOP_P.field,
        TOP_K.field,
        FREQUENCY_PENALTY.field,
        STOP_TEXTS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    address: Address::Row(&ENDPOINT),
    numbers: &[
        (TEMPERATURE, "temperature"),
        (MAX_TOKENS, LONGEST_ANSWER),
        (TOP_P, "top_p"),
        (TOP_K, "top_k"),
        (FREQUENCY_PENALTY, "frequency_penalty"),
    ],
    stop: STOP_TEXTS,
    adjust: below_version,
    ..ChatForm::new(
        &SPEC,
        &dialects::HUGGING_FACE,
        Some(("huggingFaceApiKey", "HuggingFace Api Key")),
        MODEL,
    )
};

#[expect(clippy::unnecessary_wraps, reason = "what a form adjusts may fail")]
fn below_version(_: &Inputs, chat: &mut Chat) -> Result<()> {
    chat.endpoint.base_url = with_version(&chat.endpoint.base_url);
    Ok(())
}
