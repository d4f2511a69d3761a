//! Chat models of Anthropic, for flows made of LlamaIndex nodes.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec, node::Entry, spec::CredentialSlot,
};
use flowstone_providers::anthropic::{Chat, Thinking};

use super::chat_anthropic;
use crate::models::{self, Kind};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("claude-3-haiku");
const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.9)
    .describe("From 0 to 1. Models that think, and those from version 4.7 on, are sent none")
    .optional();
const MAX_TOKENS: Input<Option<u64>> = Input::whole("Max Tokens", "maxTokensToSample")
    .step(1.0)
    .describe("Longest answer, in tokens")
    .optional()
    .additional();
const TOP_P: Input<Option<f64>> = Input::number("Top P", "topP")
    .step(0.1)
    .describe(
        "Considers only the likeliest words whose chances add up to this. It stands instead of \
         the temperature",
    )
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "ChatAnthropic",
    name: "chatAnthropic_LlamaIndex",
    version: 3.0,
    kind: "ChatAnthropic",
    icon: "anthropic.svg",
    category: "Chat Models",
    description: "The Claude models of Anthropic, for LlamaIndex nodes",
    base_classes: &["ChatAnthropic", "BaseChatModel_LlamaIndex", "ToolCallLLM", "BaseLLM"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    credential: Some(CredentialSlot::required(&["anthropicApi"])),
    inputs: &[MODEL.field, TEMPERATURE.field, MAX_TOKENS.field, TOP_P.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ChatAnthropicLlamaIndex;

#[async_trait]
impl Node for ChatAnthropicLlamaIndex {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let mut chat = Chat::new(chat_anthropic::server(inputs)?, inputs.get(&MODEL)?);
        chat.max_tokens = inputs.get(&MAX_TOKENS)?.filter(|it| *it > 0);
        chat.thinking = Thinking::Off;
        chat.sampling = super::numbers(inputs, &[(TEMPERATURE, "temperature"), (TOP_P, "top_p")])?;
        super::finish(inputs, chat)
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, SPEC.name, method)
    }
}
