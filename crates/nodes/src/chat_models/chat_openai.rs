//! Chat models of OpenAI, and of any server that speaks its wire.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Input, Inputs, Node, Result, Spec, node::Entry, spec::CredentialSlot,
};
use flowstone_providers::openai::{Chat, dialects};
use serde_json::{Map, Value};

use super::{ALLOW_IMAGES, CACHE, STREAMING};
use crate::{
    models::{self, Kind},
    openai_form::{
        self, Address, BASE_OPTIONS, BASE_PATH, FREQUENCY_PENALTY, MAX_TOKENS, OPENAI_KEY,
        PRESENCE_PENALTY, REASONING, SAMPLING, STOP, SUMMARY, TEMPERATURE, TIMEOUT, TOP_P,
        WITH_REASONING,
    },
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("gpt-4o-mini");
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
const STRICT_TOOLS: Input<bool> = Input::flag("Strict Tool Calling", "strictToolCalling")
    .describe(
        "Makes the server hold calls of tools to their schemas. It then refuses schemas with \
         open ends",
    )
    .may_be_empty()
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

/// The node.
pub(crate) struct ChatOpenAi;

#[async_trait]
impl Node for ChatOpenAi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let address = Address::Anyone(&BASE_PATH);
        let endpoint =
            openai_form::endpoint(inputs, &SPEC, &dialects::OPENAI, Some(OPENAI_KEY), address)?;
        let mut chat = Chat::new(endpoint, inputs.get(&MODEL)?);
        chat.settings = openai_form::numbers(inputs, &SPEC, SAMPLING, chat.dialect.max_tokens)?;
        let stop = super::stop_sequences(inputs, &STOP)?;
        if !stop.is_empty() {
            chat.settings.insert("stop".to_owned(), stop.into());
        }
        chat.strict_tools = inputs.get(&STRICT_TOOLS)?;
        chat.takes_images = inputs.get(&ALLOW_IMAGES)?;
        chat.stream = inputs.get(&STREAMING)?;
        let name = chat.model.clone();
        openai_form::finish_reasoning(inputs, chat, &name, &EFFORT, |_| Ok(()))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, SPEC.name, method)
    }

    fn streams(&self, values: &Map<String, Value>) -> bool {
        super::streams(values)
    }
}
