//! Chat models of Google's Gemini API.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Error, Field, Input, Inputs, Node, Result, Spec,
    node::Entry,
    number::as_written,
    spec::{CredentialSlot, Holds, When},
};
use flowstone_providers::{
    Gateways, HttpClient,
    gemini::{Chat, Server},
};
use serde_json::{Map, Value, json};

use super::{ALLOW_IMAGES, CACHE, STREAMING};
use crate::models::{self, Kind};

const MODEL: Input<String> = Input::async_options("Model Name", "modelName", "listModels")
    .default("gemini-1.5-flash-latest");
const CUSTOM_MODEL: Input<Option<String>> = Input::text("Custom Model Name", "customModelName")
    .describe("A model that the list does not have; it wins over the one chosen there")
    .placeholder("gemini-2.5-flash-preview-09-2025")
    .optional()
    .additional();
/// How much chance there is in an answer.
pub(super) const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.9)
    .describe("From 0, always the likeliest word, to 2; higher answers are more surprising")
    .optional();
/// How long older models think, whichever model is chosen.
pub(super) const ANY_THINKING_BUDGET: Input<Option<f64>> = Input::number(
    "Thinking Budget",
    "thinkingBudget",
)
.step(1.0)
.describe(
    "How long the model may think before it answers, in tokens: 0 not at all, -1 as long as \
         it finds right. Its thoughts are shown where this is filled in",
)
.optional()
.additional();
/// The same, shown for the models that take it.
pub(super) const THINKING_BUDGET: Input<Option<f64>> = ANY_THINKING_BUDGET.show_when(&[When(
    "modelName",
    Holds::AnyOf(&["gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"]),
)]);
/// How much newer models think.
pub(super) const THINKING_LEVEL: Input<Option<String>> = Input::options(
    "Thinking Level",
    "thinkingLevel",
    &[Choice::new("LOW", "Low"), Choice::new("MEDIUM", "Medium"), Choice::new("HIGH", "High")],
)
.describe(
    "How much the model thinks before it answers. Its thoughts are shown where this is filled in",
)
.optional()
.additional()
.show_when(&[When(
    "modelName",
    Holds::AnyOf(&[
        "gemini-3.1-pro-preview",
        "gemini-3.1-flash-lite-preview",
        "gemini-3-flash-preview",
    ]),
)]);
/// How long an answer may be.
pub(super) const MAX_TOKENS: Input<Option<f64>> =
    Input::number("Max Output Tokens", "maxOutputTokens")
        .step(1.0)
        .describe("Longest answer in tokens, thoughts included")
        .optional()
        .additional();
/// How much of the likely words is considered.
pub(super) const TOP_P: Input<Option<f64>> = Input::number("Top Probability", "topP")
    .step(0.1)
    .describe("Considers only the likeliest words whose chances add up to this")
    .optional()
    .additional();
/// How many words are considered.
pub(super) const TOP_K: Input<Option<f64>> =
    Input::number("Top Next Highest Probability Tokens", "topK")
        .step(1.0)
        .describe("Considers only this many of the likeliest words")
        .optional()
        .additional();
const SAFETY: Input<Option<Vec<Map<String, Value>>>> =
    Input::array("Safety Settings", "safetySettings", &[CATEGORY.field, THRESHOLD.field])
        .describe("What Google holds back, by the kind of harm")
        .optional()
        .additional();
const CATEGORY: Input<String> = Input::options(
    "Harm Category",
    "harmCategory",
    &[
        Choice::new("HARM_CATEGORY_DANGEROUS_CONTENT", "Dangerous"),
        Choice::new("HARM_CATEGORY_HARASSMENT", "Harassment"),
        Choice::new("HARM_CATEGORY_HATE_SPEECH", "Hate Speech"),
        Choice::new("HARM_CATEGORY_SEXUALLY_EXPLICIT", "Sexually Explicit"),
        Choice::new("HARM_CATEGORY_CIVIC_INTEGRITY", "Civic Integrity"),
    ],
);
const THRESHOLD: Input<String> = Input::options(
    "Harm Block Threshold",
    "harmBlockThreshold",
    &[
        Choice::new("BLOCK_NONE", "None").describe("Holds nothing back"),
        Choice::new("BLOCK_ONLY_HIGH", "Only High")
            .describe("Holds back what is very likely harmful"),
        Choice::new("BLOCK_MEDIUM_AND_ABOVE", "Medium and Above")
            .describe("Holds back what is likely harmful"),
        Choice::new("BLOCK_LOW_AND_ABOVE", "Low and Above")
            .describe("Holds back what may be harmful"),
        Choice::new(
            "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
            "Threshold Unspecified (Default Threshold)",
        )
        .describe("Leaves it to Google"),
    ],
);
const BASE_URL: Input<Option<String>> = Input::text("Base URL", "baseUrl")
    .describe("Address of a gateway in place of Google's; the version at its end may be left out")
    .placeholder("https://gemini.example.com")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Google Gemini",
    name: "chatGoogleGenerativeAI",
    version: 3.1,
    kind: "ChatGoogleGenerativeAI",
    icon: "gemini.svg",
    category: "Chat Models",
    description: "The Gemini models of Google, with a key of Google AI Studio",
    base_classes: &[
        "ChatGoogleGenerativeAI",
        "ChatGoogleGenerativeAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["googleGenerativeAI"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        CUSTOM_MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        ALLOW_IMAGES.field,
        THINKING_BUDGET.field,
        THINKING_LEVEL.field,
        MAX_TOKENS.field,
        TOP_P.field,
        TOP_K.field,
        SAFETY.field,
        BASE_URL.field,
    ],
    ..Spec::EMPTY
};

/// Rows that go into `generationConfig`.
pub(super) const GENERATION: &[(Input<Option<f64>>, &str)] = &[
    (TEMPERATURE, "temperature"),
    (MAX_TOKENS, "maxOutputTokens"),
    (TOP_P, "topP"),
    (TOP_K, "topK"),
];

/// The node.
pub(crate) struct ChatGoogleGenerativeAi;

#[async_trait]
impl Node for ChatGoogleGenerativeAi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let model = models::chosen(inputs, &CUSTOM_MODEL, &MODEL)?;
        let mut chat = Chat::new(server(inputs, inputs.get(&BASE_URL)?)?, model);
        chat.generation = super::numbers(inputs, GENERATION)?;
        chat.thinking_budget = inputs.get(&THINKING_BUDGET)?.map(as_written);
        chat.thinking_level = inputs.get(&THINKING_LEVEL)?;
        chat.safety = safety(inputs)?;
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

/// Google's server, or the one at `address`, with the key of the form's credential.
pub(crate) fn server(inputs: &Inputs, address: Option<String>) -> Result<Server> {
    let http = inputs.services.get::<HttpClient>()?;
    let gateways = inputs.services.get::<Gateways>().unwrap_or_default();
    let key = inputs.credential()?.require("googleGenerativeAPIKey", "Google AI API Key")?;
    Ok(Server::new(http, address.unwrap_or_else(|| gateways.gemini.clone()), key))
}

fn safety(inputs: &Inputs) -> Result<Vec<Value>> {
    let rows = inputs.get(&SAFETY)?.unwrap_or_default();
    let mut settings = Vec::new();
    for row in &rows {
        let chosen = |field: &Field| {
            let value = row.get(field.name).and_then(Value::as_str);
            value.filter(|it| !it.is_empty()).map(str::to_owned)
        };
        match (chosen(&CATEGORY.field), chosen(&THRESHOLD.field)) {
            // A row that was added and left alone.
            (None, None) => {}
            (Some(category), Some(threshold)) => {
                settings.push(json!({"category": category, "threshold": threshold}));
            }
            (category, _) => {
                let missing = if category.is_some() { THRESHOLD } else { CATEGORY };
                let reason = format!("{} is missing in an entry", missing.field.label);
                return Err(Error::invalid(&SAFETY.field, reason));
            }
        }
    }
    Ok(settings)
}
