//! Chat models of OpenAI that Azure serves.

use async_trait::async_trait;
use flowstone_core::{Capability, Choice, Input, Inputs, Node, Result, Spec, node::Entry};
use flowstone_providers::openai::Chat;
use serde_json::{Map, Value};

use super::{ALLOW_IMAGES, CACHE, STREAMING};
use crate::{
    models::{self, Kind},
    openai_form::{
        self, AZURE_BASE_PATH, Azure, BASE_OPTIONS, FREQUENCY_PENALTY, MAX_TOKENS,
        PRESENCE_PENALTY, REASONING, SAMPLING, SUMMARY, TEMPERATURE, TIMEOUT, TOP_P,
        WITH_REASONING,
    },
};

const MODEL: Input<String> = {
    let mut it = Input::async_options("Model Name", "modelName", "listModels")
        .describe("The model that the deployment serves; it tells what may be asked of it");
    it.field.free_solo = true;
    it
};
const EFFORT: Input<String> = Input::options(
    "Reasoning Effort",
    "reasoningEffort",
    &[Choice::new("low", "Low"), Choice::new("medium", "Medium"), Choice::new("high", "High")],
)
.describe("How long the model thinks")
.additional()
.show_when(WITH_REASONING);

static SPEC: Spec = Spec {
    label: "Azure OpenAI",
    name: "azureChatOpenAI",
    version: 7.1,
    kind: "AzureChatOpenAI",
    icon: "azure.svg",
    category: "Chat Models",
    description: "Chat models of OpenAI that Azure serves",
    base_classes: &[
        "AzureChatOpenAI",
        "ChatOpenAI",
        "BaseChatOpenAI",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(Azure::CREDENTIAL),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        MAX_TOKENS.field,
        STREAMING.field,
        ALLOW_IMAGES.field,
        REASONING.field,
        EFFORT.field,
        SUMMARY.field,
        TOP_P.field,
        FREQUENCY_PENALTY.field,
        PRESENCE_PENALTY.field,
        TIMEOUT.field,
        AZURE_BASE_PATH.field,
        BASE_OPTIONS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct AzureChatOpenAi;

#[async_trait]
impl Node for AzureChatOpenAi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let azure = Azure::read(inputs, &SPEC)?;
        let name = inputs.get(&MODEL)?;
        let mut chat = Chat::new(azure.endpoint(inputs, &SPEC)?, azure.model(name.clone()));
        chat.dialect = azure.dialect();
        chat.settings = openai_form::numbers(inputs, &SPEC, SAMPLING, chat.dialect.max_tokens)?;
        chat.takes_images = inputs.get(&ALLOW_IMAGES)?;
        chat.stream = inputs.get(&STREAMING)?;
        openai_form::finish_reasoning(inputs, chat, &name, &EFFORT, |chat| {
            chat.endpoint = azure.responses(&chat.endpoint)?;
            chat.model = azure.deployment().to_owned();
            Ok(())
        })
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, SPEC.name, method)
    }

    fn streams(&self, values: &Map<String, Value>) -> bool {
        super::streams(values)
    }
}
