//! Embedding models served by Ollama.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use flowstone_providers::ollama::Embeddings;

use crate::{
    chat_models,
    ollama_form::{self, BASE_URL, GPUS, THREADS},
};

const MODEL: Input<String> = Input::text("Model Name", "modelName").placeholder("nomic-embed-text");
const MEMORY_MAP: Input<bool> = Input::flag("Use MMap", "useMMap")
    .default(true)
    .describe("Reads the model from disk as it is needed instead of all at once")
    .may_be_empty()
    .additional();

static SPEC: Spec = Spec {
    label: "Ollama Embedding",
    name: "ollamaEmbedding",
    version: 2.0,
    kind: "OllamaEmbeddings",
    icon: "ollama.svg",
    category: "Embeddings",
    description: "Turns text into vectors on a machine of your own, with Ollama",
    base_classes: &["OllamaEmbeddings", "Embeddings"],
    inputs: &[BASE_URL.field, MODEL.field, GPUS.field, THREADS.field, MEMORY_MAP.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct OllamaEmbedding;

#[async_trait]
impl Node for OllamaEmbedding {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let rows = &[(GPUS, "num_gpu"), (THREADS, "num_thread")];
        let mut options = chat_models::numbers(inputs, rows)?;
        options.insert("use_mmap".to_owned(), inputs.get(&MEMORY_MAP)?.into());
        Ok(Capability::Embeddings(Arc::new(Embeddings {
            server: ollama_form::server(inputs)?,
            model: inputs.get(&MODEL)?,
            options,
        })))
    }
}
