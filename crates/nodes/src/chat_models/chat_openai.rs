//! Chat models of OpenAI, and of any server that speaks its wire.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Input, Inputs, Node, Result, Spec,
    node::Entry,
    spec::{CredentialSlot, Holds, When},
};
use flowstone_providers::openai::Chat;
use serde_json::{Map, Value};

use super::{ALLOW_IMAGES, CACHE, STREAMING};
use crate::{
    models::{self, Kind},
    openai_form::{self, BASE_OPTIONS, BASE_PATH, TIMEOUT},
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("gpt-4o-mini");
const TEMPERATURE: Input<Option<f64>> =
    Input::number("Temperature", "temperature").step(0.1).default(0.9).optional();
const REASONING: Input<bool> = Input::flag("Reasoning", "reasoning")
    .default(false)
    .describe("For models that think before they answer, such as gpt-5 and o4-mini")
    .may_be_empty()
    .additional();
const EFFORT: Input<String> = Input::options(
    "Reasoning Effort",
    "reasoningEffort",
    &[
        Choice::new("low", "Low"),
        Choice::new("medium", "Medium"),
        Choice::new("high", "High"),
        Choice::new("xhigh", "X-High"),
    ],
)
.describe("How long the model thinks")
.additional()
.show_when(WITH_REASONING);
const SUMMARY: Input<String> = Input::options(
    "Reasoning Summary",
    "reasoningSummary",
    &[
        Choice::new("auto", "Auto"),
        Choice::new("concise", "Concise"),
        Choice::new("detailed", "Detailed"),
    ],
)
.describe("How much of its thoughts the model tells, where the server offers that")
.additional()
.show_when(WITH_REASONING);
const WITH_REASONING: &[When] = &[When("reasoning", Holds::Flag(true))];
const MAX_TOKENS: Input<Option<f64>> = Input::number("Max Tokens", "maxTokens")
    .step(1.0)
    .describe("Longest answer, in tokens")
    .optional()
    .additional();
const TOP_P: Input<Option<f64>> =
    Input::number("Top Probability", "topP").step(0.1).optional().additional();
const FREQUENCY_PENALTY: Input<Option<f64>> =
    Input::number("Frequency Penalty", "frequencyPenalty").step(0.1).optional().additional();
const PRESENCE_PENALTY: Input<Option<f64>> =
    Input::number("Presence Penalty", "presencePenalty").step(0.1).optional().additional();
const STRICT_TOOLS: Input<bool> = Input::flag("Strict Tool Calling", "strictToolCalling")
    .describe(
        "Makes the server hold calls of tools to their schemas. It then refuses schemas with \
         open ends",
    )
    .may_be_empty()
    .additional();
const STOP: Input<Option<String>> = Input::text("Stop Sequence", "stopSequence")
    .rows(4)
    .describe("Texts that end the answer, with commas between")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "OpenAI",
    name: "chatOpenAI",
    version: 8.3,
    kind: "ChatOpenAI",
    icon: "openai.svg",
    category: "Chat Models",
    description: "Chat models of OpenAI, and of servers that speak the same wire",
    base_classes: &[
        "ChatOpenAI",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["openAIApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        ALLOW_IMAGES.field,
        REASONING.field,
        EFFORT.field,
        SUMMARY.field,
        MAX_TOKENS.field,
        TOP_P.field,
        FREQUENCY_PENALTY.field,
        PRESENCE_PENALTY.field,
        TIMEOUT.field,
        STRICT_TOOLS.field,
        STOP.field,
        BASE_PATH.field,
        BASE_OPTIONS.field,
    ],
    ..Spec::EMPTY
};

/// Rows that are sent as they stand.
const NUMBERS: &[(Input<Option<f64>>, &str)] = &[
    (TOP_P, "top_p"),
    (FREQUENCY_PENALTY, "frequency_penalty"),
    (PRESENCE_PENALTY, "presence_penalty"),
];

/// The node.
pub(crate) struct ChatOpenAi;

#[async_trait]
impl Node for ChatOpenAi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let mut chat = Chat::new(openai_form::endpoint(inputs)?, inputs.get(&MODEL)?);
        let mut settings = super::numbers(inputs, NUMBERS)?;
        settings.extend(super::numbers(inputs, &[(MAX_TOKENS, chat.dialect.max_tokens)])?);
        let reasons = inputs.get(&REASONING)?;
        if reasons && let Some(effort) = inputs.value(&EFFORT.field) {
            settings.insert("reasoning_effort".to_owned(), effort);
        }
        if !(reasons || always_reasons(&chat.model)) {
            settings.extend(super::numbers(inputs, &[(TEMPERATURE, "temperature")])?);
        }
        let stop = super::stop_sequences(inputs, &STOP)?;
        if !stop.is_empty() {
            settings.insert("stop".to_owned(), stop.into());
        }
        chat.settings = settings;
        chat.strict_tools = inputs.get(&STRICT_TOOLS)?;
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

/// Models that think whatever the form says; they refuse a temperature.
fn always_reasons(model: &str) -> bool {
    ["o1", "o3", "o4", "gpt-5"].iter().any(|family| model.starts_with(family))
}
