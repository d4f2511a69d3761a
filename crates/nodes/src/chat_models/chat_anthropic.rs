//! Chat models of Anthropic.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Error, Input, Inputs, Node, Result, Spec,
    node::Entry,
    spec::{CredentialSlot, Default as FieldDefault, Holds, When},
};
use flowstone_providers::{
    Gateways, HttpClient,
    anthropic::{Chat, Family, Server, Thinking},
};
use serde_json::{Map, Value};

use super::{ALLOW_IMAGES, CACHE, STREAMING};
use crate::models::{self, Kind};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("claude-haiku-4-5");
const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.9)
    .describe("From 0 to 1. Models that think, and those from version 4.7 on, are sent none")
    .optional();
const EXTENDED: Input<bool> = Input::flag("Extended Thinking", "extendedThinking")
    .describe("Lets the model think before it answers. Models from version 3.7 on can")
    .may_be_empty()
    .additional()
    .hide_when(IF_ADAPTIVE);
const BUDGET: Input<Option<u64>> = {
    let mut it = Input::whole("Budget Tokens", "budgetTokens")
        .step(1.0)
        .describe(
            "How long it may think, in tokens: at least 1024, and less than Max Tokens. Newer \
             models choose by themselves",
        )
        .optional()
        .additional()
        .show_when(&[When("extendedThinking", Holds::Flag(true))])
        .hide_when(IF_ADAPTIVE);
    it.field.default = FieldDefault::Text("1024");
    it
};
const ADAPTIVE: Input<bool> = Input::flag("Adaptive Thinking", "adaptiveThinking")
    .default(false)
    .describe("Lets the model think before it answers, as long as it finds right")
    .may_be_empty()
    .additional()
    .show_when(IF_ADAPTIVE);
const EFFORT: Input<Option<String>> = Input::options(
    "Thinking Effort",
    "thinkingEffort",
    &[
        Choice::new("low", "Low"),
        Choice::new("medium", "Medium"),
        Choice::new("high", "High"),
        Choice::new("max", "Max"),
    ],
)
.describe("How much the model takes upon itself; high where it is empty")
.optional()
.additional()
.show_when(&[
    When("adaptiveThinking", Holds::Flag(true)),
    When("modelName", Holds::AnyOf(ADAPTIVE_MODELS)),
]);
const MAX_TOKENS: Input<Option<u64>> = Input::whole("Max Tokens", "maxTokensToSample")
    .step(1.0)
    .describe(
        "Longest answer in tokens, thoughts included. Where it is empty: 16384, or what older \
         models can write",
    )
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
const TOP_K: Input<Option<f64>> = Input::number("Top K", "topK")
    .step(0.1)
    .describe("Considers only this many of the likeliest words")
    .optional()
    .additional();

/// Models whose form offers adaptive thinking in place of a budget.
const ADAPTIVE_MODELS: &[&str] = &["claude-opus-4-7", "claude-opus-4-6", "claude-sonnet-4-6"];
const IF_ADAPTIVE: &[When] = &[When("modelName", Holds::AnyOf(ADAPTIVE_MODELS))];
/// Shortest budget that the vendor takes, in tokens.
const LEAST_BUDGET: u64 = 1024;

static SPEC: Spec = Spec {
    label: "Anthropic Claude",
    name: "chatAnthropic",
    version: 8.0,
    kind: "ChatAnthropic",
    icon: "anthropic.svg",
    category: "Chat Models",
    description: "The Claude models of Anthropic",
    base_classes: &[
        "ChatAnthropic",
        "ChatAnthropicMessages",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["anthropicApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        ALLOW_IMAGES.field,
        EXTENDED.field,
        BUDGET.field,
        ADAPTIVE.field,
        EFFORT.field,
        MAX_TOKENS.field,
        TOP_P.field,
        TOP_K.field,
    ],
    ..Spec::EMPTY
};

/// Rows that are sent as they stand, where the model takes them.
const SAMPLING: &[(Input<Option<f64>>, &str)] =
    &[(TEMPERATURE, "temperature"), (TOP_P, "top_p"), (TOP_K, "top_k")];

/// The node.
pub(crate) struct ChatAnthropic;

#[async_trait]
impl Node for ChatAnthropic {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let mut chat = Chat::new(server(inputs)?, inputs.get(&MODEL)?);
        chat.max_tokens = inputs.get(&MAX_TOKENS)?.filter(|it| *it > 0);
        chat.thinking = thinking(inputs, &chat)?;
        chat.sampling = super::numbers(inputs, SAMPLING)?;
        chat.takes_images = inputs.get(&ALLOW_IMAGES)?;
        chat.stream = inputs.get(&STREAMING)?;
        super::finish(inputs, chat)
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, SPEC.name, method)
    }

    fn streams(&self, values: &Map<String, Value>) -> bool {
        super::streams(values)
    }
}

/// The vendor's server, or the gateway in front of it, with the key of the form's credential.
pub(super) fn server(inputs: &Inputs) -> Result<Server> {
    let http = inputs.services.get::<HttpClient>()?;
    let gateways = inputs.services.get::<Gateways>().unwrap_or_default();
    let key = inputs.credential()?.require("anthropicApiKey", "Anthropic Api Key")?;
    Ok(Server::new(http, gateways.anthropic.clone(), key))
}

/// Only the rows that the form shows for the model count.
fn thinking(inputs: &Inputs, chat: &Chat) -> Result<Thinking> {
    if ADAPTIVE_MODELS.contains(&chat.model.as_str()) {
        let effort = inputs.get(&EFFORT)?;
        let adaptive = Thinking::Adaptive { effort };
        return Ok(if inputs.get(&ADAPTIVE)? { adaptive } else { Thinking::Off });
    }
    if !inputs.get(&EXTENDED)? {
        return Ok(Thinking::Off);
    }
    let budget = inputs.get(&BUDGET)?.unwrap_or(LEAST_BUDGET);
    let too_long = chat.max_tokens.filter(|it| *it <= budget);
    if Family::of(&chat.model).only_adaptive() {
        return Ok(Thinking::Budget(budget));
    }
    if budget < LEAST_BUDGET {
        let reason = format!("{budget} is too little: at least {LEAST_BUDGET} are needed");
        return Err(Error::invalid(&BUDGET.field, reason));
    }
    if let Some(all) = too_long {
        return Err(Error::invalid(
            &BUDGET.field,
            format!(
                "the model may think {budget} tokens long, but {} is {all}: thoughts count into \
                 it, so it must be larger",
                MAX_TOKENS.field.label
            ),
        ));
    }
    Ok(Thinking::Budget(budget))
}
