//! Text models served by Ollama.

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec};
use flowstone_providers::ollama::Generate;

use super::DEPRECATING;
use crate::{
    chat_models::{self, CACHE},
    ollama_form::{
        self, BASE_URL, CONTEXT, GPUS, MIROSTAT, MIROSTAT_ETA, MIROSTAT_TAU, MODEL, REPEAT_LAST_N,
        REPEAT_PENALTY, STOP, TAIL_FREE, TEMPERATURE, THREADS, TOP_K, TOP_P,
    },
};

static SPEC: Spec = Spec {
    label: "Ollama",
    name: "ollama",
    version: 2.1,
    kind: "Ollama",
    icon: "ollama.svg",
    category: "LLMs",
    description: "Text models on a machine of your own, served by Ollama",
    base_classes: &["Ollama", "LLM", "BaseLLM", "BaseLanguageModel", "Runnable"],
    badge: DEPRECATING,
    inputs: &[
        CACHE.field,
        BASE_URL.field,
        MODEL.field,
        TEMPERATURE.field,
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
pub(crate) struct Ollama;

#[async_trait]
impl Node for Ollama {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let model = Generate {
            server: ollama_form::server(inputs)?,
            model: inputs.get(&MODEL)?,
            options: ollama_form::options(inputs)?,
        };
        chat_models::finish(inputs, model)
    }
}
