//! Text models of OpenAI that Azure serves.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, node::Entry};
use flowstone_providers::openai::Completion;

use super::{BEST, BEST_OF, DEPRECATING, MAX_TOKENS};
use crate::{
    chat_models::{self, CACHE},
    models::{self, Kind},
    openai_form::{
        self, AZURE_BASE_PATH, Azure, FREQUENCY_PENALTY, LONGEST_ANSWER, Number, PRESENCE_PENALTY,
        TEMPERATURE, TIMEOUT, TOP_P,
    },
};

const MODEL: Input<String> = Input::async_options("Model Name", "modelName", "listModels")
    .default("text-davinci-003")
    .describe("The model that the deployment serves");

static SPEC: Spec = Spec {
    label: "Azure OpenAI",
    name: "azureOpenAI",
    version: 4.0,
    kind: "AzureOpenAI",
    icon: "azure.svg",
    category: "LLMs",
    description: "Text models of OpenAI that Azure serves, older than its chat models",
    base_classes: &["AzureOpenAI", "OpenAI", "BaseLLM", "BaseLanguageModel", "Runnable"],
    badge: DEPRECATING,
    credential: Some(Azure::CREDENTIAL),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        MAX_TOKENS.field,
        TOP_P.field,
        BEST_OF.field,
        FREQUENCY_PENALTY.field,
        PRESENCE_PENALTY.field,
        TIMEOUT.field,
        AZURE_BASE_PATH.field,
    ],
    ..Spec::EMPTY
};

const NUMBERS: &[Number] = &[
    (TEMPERATURE, "temperature"),
    (MAX_TOKENS, LONGEST_ANSWER),
    (TOP_P, "top_p"),
    BEST,
    (FREQUENCY_PENALTY, "frequency_penalty"),
    (PRESENCE_PENALTY, "presence_penalty"),
];

/// The node.
pub(crate) struct AzureOpenAi;

#[async_trait]
impl Node for AzureOpenAi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let azure = Azure::read(inputs, &SPEC)?;
        let model = azure.model(inputs.get(&MODEL)?);
        let mut text = Completion::new(azure.endpoint(inputs, &SPEC)?, model);
        text.dialect = azure.dialect();
        text.settings = openai_form::text_settings(inputs, &SPEC, NUMBERS)?;
        text.stream = !openai_form::takes_the_best(&text);
        chat_models::finish(inputs, text)
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Text, SPEC.name, method)
    }
}
