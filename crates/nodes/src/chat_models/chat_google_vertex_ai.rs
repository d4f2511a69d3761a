//! Chat models of Google that Vertex AI serves.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Input, Inputs, Node, Result, Spec,
    node::Entry,
    number::as_written,
    spec::{Holds, When},
};
use flowstone_providers::gemini::Chat;
use serde_json::{Map, Value};

use super::{ALLOW_IMAGES, CACHE, STREAMING};
use crate::{
    models::{self, Kind},
    vertex_form::{self, CREDENTIAL, REGION},
};

const MODEL: Input<Option<String>> = {
    let mut it = Input::async_options("Model Name", "modelName", "listModels").optional();
    it.field.optional = false;
    it
};
const CUSTOM_MODEL: Input<Option<String>> = Input::text("Custom Model Name", "customModelName")
    .describe("A model that the list does not have; it wins over the one chosen there")
    .optional()
    .additional();
const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.9)
    .describe("From 0, always the likeliest word, to 2; higher answers are more surprising")
    .optional();
const BUDGET: Input<Option<f64>> = Input::number("Thinking Budget", "thinkingBudget")
    .step(1.0)
    .describe(
        "How long the model may think before it answers, in tokens: 0 not at all, -1 as long as \
         it finds right. Its thoughts are shown where this is filled in",
    )
    .optional()
    .additional();
const SHOWN_BUDGET: Input<Option<f64>> = BUDGET.show_when(&[When(
    "modelName",
    Holds::AnyOf(&["gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"]),
)]);
const LEVEL: Input<Option<String>> = Input::options(
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
const MAX_TOKENS: Input<Option<f64>> = Input::number("Max Output Tokens", "maxOutputTokens")
    .step(1.0)
    .describe("Longest answer in tokens, thoughts included")
    .optional()
    .additional();
const TOP_P: Input<Option<f64>> = Input::number("Top Probability", "topP")
    .step(0.1)
    .describe("Considers only the likeliest words whose chances add up to this")
    .optional()
    .additional();
const TOP_K: Input<Option<f64>> = Input::number("Top Next Highest Probability Tokens", "topK")
    .step(1.0)
    .describe("Considers only this many of the likeliest words")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Google VertexAI",
    name: "chatGoogleVertexAI",
    version: 5.3,
    kind: "ChatGoogleVertexAI",
    icon: "gemini.svg",
    category: "Chat Models",
    description: "The Gemini models of Google on Vertex AI, with a service account",
    base_classes: &[
        "ChatGoogleVertexAI",
        "ChatVertexAI",
        "ChatGoogle",
        "ChatGoogleBase",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CREDENTIAL),
    inputs: &[
        CACHE.field,
        REGION.field,
        MODEL.field,
        CUSTOM_MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        ALLOW_IMAGES.field,
        SHOWN_BUDGET.field,
        LEVEL.field,
        MAX_TOKENS.field,
        TOP_P.field,
        TOP_K.field,
        BUDGET.field,
    ],
    ..Spec::EMPTY
};

/// Rows that go into `generationConfig`.
const GENERATION: &[(Input<Option<f64>>, &str)] = &[
    (TEMPERATURE, "temperature"),
    (MAX_TOKENS, "maxOutputTokens"),
    (TOP_P, "topP"),
    (TOP_K, "topK"),
];

/// The node.
pub(crate) struct ChatGoogleVertexAi;

#[async_trait]
impl Node for ChatGoogleVertexAi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let model = super::aws_chat_bedrock::chosen(inputs, &CUSTOM_MODEL, &MODEL)?;
        let mut chat = Chat::new(vertex_form::server(inputs, inputs.get(&REGION)?)?, model);
        chat.generation = super::numbers(inputs, GENERATION)?;
        chat.thinking_budget = inputs.get(&BUDGET)?.map(as_written);
        chat.thinking_level = inputs.get(&LEVEL)?;
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
