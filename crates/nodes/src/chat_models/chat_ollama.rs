//! Chat models served by Ollama.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, spec::CredentialSlot};
use flowstone_providers::ollama::Chat;
use serde_json::{Map, Value};

use super::{ALLOW_IMAGES, CACHE, STREAMING};
use crate::ollama_form::{
    self, BASE_URL, CONTEXT, GPUS, MIROSTAT, MIROSTAT_ETA, MIROSTAT_TAU, MODEL, REPEAT_LAST_N,
    REPEAT_PENALTY, STOP, TAIL_FREE, TEMPERATURE, THREADS, TOP_K, TOP_P,
};

const THINK: Input<bool> = Input::flag("Think", "think")
    .default(false)
    .describe("For models that can think before they answer")
    .may_be_empty();
const JSON_MODE: Input<bool> = Input::flag("JSON Mode", "jsonMode")
    .describe("Holds answers to be JSON. The prompt must say what is to be in it")
    .may_be_empty()
    .additional();
const KEEP_ALIVE: Input<Option<String>> = Input::text("Keep Alive", "keepAlive")
    .default("5m")
    .describe("How long the model stays loaded after a call: 10m, 24h, or -1 for ever")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Ollama",
    name: "chatOllama",
    version: 5.0,
    kind: "ChatOllama",
    icon: "ollama.svg",
    category: "Chat Models",
    description: "Open models on a machine of your own, served by Ollama",
    base_classes: &["ChatOllama", "ChatOllama", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    credential: Some(CredentialSlot::optional(&["ollamaApi"])),
    inputs: &[
        CACHE.field,
        BASE_URL.field,
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        ALLOW_IMAGES.field,
        THINK.field,
        JSON_MODE.field,
        KEEP_ALIVE.field,
        TOP_P.field,
        TOP_K.field,
        MIROSTAT.field,
        MIROSTAT_ETA.field,
        MIROSTAT_TAU.field,
        CONTEXT.field,
        GPUS.field,
        THREADS.field,
        REPEAT_LAST_N.field,
        REPEAT_PENALTY.field,
        STOP.field,
        TAIL_FREE.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ChatOllama;

#[async_trait]
impl Node for ChatOllama {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let mut chat = Chat::new(ollama_form::server(inputs)?, inputs.get(&MODEL)?);
        chat.options = ollama_form::options(inputs)?;
        // Models that cannot think refuse to be told not to.
        chat.think = inputs.get(&THINK)?.then(|| true.into());
        chat.json_mode = inputs.get(&JSON_MODE)?;
        chat.keep_alive = inputs.get(&KEEP_ALIVE)?;
        chat.takes_images = inputs.get(&ALLOW_IMAGES)?;
        chat.stream = inputs.get(&STREAMING)?;
        super::finish(inputs, chat)
    }

    fn streams(&self, values: &Map<String, Value>) -> bool {
        super::streams(values)
    }
}
