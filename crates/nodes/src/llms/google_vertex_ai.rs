//! Text models of Google on Vertex AI. The old ones are gone; the newer answer conversations.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, node::Entry};
use flowstone_providers::gemini::Chat;

use super::DEPRECATING;
use crate::{
    chat_models::{self, CACHE},
    models::{self, Kind},
    vertex_form::{self, CREDENTIAL},
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("text-bison");
const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.7)
    .describe("How much chance there is in an answer")
    .optional();
const MAX_TOKENS: Input<Option<f64>> = Input::number("max Output Tokens", "maxOutputTokens")
    .step(1.0)
    .describe("Longest answer, in tokens")
    .optional()
    .additional();
const TOP_P: Input<Option<f64>> = Input::number("Top Probability", "topP")
    .step(0.1)
    .describe("Considers only the likeliest words whose chances add up to this")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "GoogleVertexAI",
    name: "googlevertexai",
    version: 3.0,
    kind: "GoogleVertexAI",
    icon: "gemini.svg",
    category: "LLMs",
    description: "Models of Google on Vertex AI, with a service account",
    base_classes: &[
        "GoogleVertexAI",
        "GoogleLLM",
        "GoogleBaseLLM",
        "LLM",
        "BaseLLM",
        "BaseLanguageModel",
        "Runnable",
    ],
    badge: DEPRECATING,
    credential: Some(CREDENTIAL),
    inputs: &[CACHE.field, MODEL.field, TEMPERATURE.field, MAX_TOKENS.field, TOP_P.field],
    ..Spec::EMPTY
};

const GENERATION: &[(Input<Option<f64>>, &str)] =
    &[(TEMPERATURE, "temperature"), (MAX_TOKENS, "maxOutputTokens"), (TOP_P, "topP")];

/// The node.
pub(crate) struct GoogleVertexAi;

#[async_trait]
impl Node for GoogleVertexAi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let mut chat = Chat::new(vertex_form::server(inputs, None)?, inputs.get(&MODEL)?);
        chat.generation = chat_models::numbers(inputs, GENERATION)?;
        chat_models::finish(inputs, chat)
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, SPEC.name, method)
    }
}
