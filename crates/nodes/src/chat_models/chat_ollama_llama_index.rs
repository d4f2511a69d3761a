//! Chat models served by Ollama, for flows made of LlamaIndex nodes.

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec};
use flowstone_providers::ollama::Chat;

use crate::ollama_form::{
    self, BASE_URL, CONTEXT, GPUS, MIROSTAT, MIROSTAT_ETA, MIROSTAT_TAU, MODEL, REPEAT_LAST_N,
    REPEAT_PENALTY, STOP, TAIL_FREE, TEMPERATURE, THREADS, TOP_K, TOP_P,
};

static SPEC: Spec = Spec {
    label: "ChatOllama",
    name: "chatOllama_LlamaIndex",
    version: 1.0,
    kind: "ChatOllama",
    icon: "ollama.svg",
    category: "Chat Models",
    description: "Open models on a machine of your own, served by Ollama, for LlamaIndex nodes",
    base_classes: &["ChatOllama", "BaseChatModel_LlamaIndex", "BaseEmbedding"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    inputs: &[
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
pub(crate) struct ChatOllamaLlamaIndex;

#[async_trait]
impl Node for ChatOllamaLlamaIndex {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let mut chat = Chat::new(ollama_form::server(inputs)?, inputs.get(&MODEL)?);
        chat.options = ollama_form::options(inputs)?;
        super::finish(inputs, chat)
    }
}
