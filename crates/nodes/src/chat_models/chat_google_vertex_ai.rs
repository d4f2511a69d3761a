//! Chat models of Google that Vertex AI serves.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec, node::Entry, number::as_written,
};
use flowstone_providers::gemini::Chat;
use serde_json::{Map, Value};

use super::{
    ALLOW_IMAGES, CACHE, STREAMING,
    chat_google_generative_ai::{
        ANY_THINKING_BUDGET, GENERATION, MAX_TOKENS, TEMPERATURE, THINKING_BUDGET, THINKING_LEVEL,
        TOP_K, TOP_P,
    },
};
use crate::{
    models::{self, Kind},
    vertex_form::{self, CREDENTIAL, REGION},
};

const MODEL: Input<String> = Input::async_options("Model Name", "modelName", "listModels");
const CUSTOM_MODEL: Input<Option<String>> = Input::text("Custom Model Name", "customModelName")
    .describe("A model that the list does not have; it wins over the one chosen there")
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
        THINKING_BUDGET.field,
        THINKING_LEVEL.field,
        MAX_TOKENS.field,
        TOP_P.field,
        TOP_K.field,
        ANY_THINKING_BUDGET.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ChatGoogleVertexAi;

#[async_trait]
impl Node for ChatGoogleVertexAi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let model = models::chosen(inputs, &CUSTOM_MODEL, &MODEL)?;
        let mut chat = Chat::new(vertex_form::server(inputs, inputs.get(&REGION)?)?, model);
        chat.generation = super::numbers(inputs, GENERATION)?;
        chat.thinking_budget = inputs.get(&ANY_THINKING_BUDGET)?.map(as_written);
        chat.thinking_level = inputs.get(&THINKING_LEVEL)?;
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
