//! Answers one question from the nearest passages of a vector store.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Input, Inputs, Node, Result, Spec, VectorStore,
    capability::StoreRetriever,
};

use super::passages::FromPassages;
use crate::moderation::INPUT_MODERATION;

const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Language Model", "model", "BaseLanguageModel");
const STORE: Input<Arc<dyn VectorStore>> =
    Input::socket("Vector Store", "vectorStore", "VectorStore");

static SPEC: Spec = Spec {
    label: "VectorDB QA Chain",
    name: "vectorDBQAChain",
    version: 2.0,
    kind: "VectorDBQAChain",
    icon: "retrieval-chain.svg",
    category: "Chains",
    description: "Answers a question from the nearest passages of a vector store",
    base_classes: &["VectorDBQAChain", "BaseChain", "Runnable"],
    badge: Some("DEPRECATING"),
    inputs: &[MODEL.field, STORE.field, INPUT_MODERATION.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct VectorDbQaChain;

#[async_trait]
impl Node for VectorDbQaChain {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Runnable(Arc::new(FromPassages {
            model: inputs.get(&MODEL)?,
            retriever: Arc::new(StoreRetriever(inputs.get(&STORE)?)),
            moderations: inputs.get(&INPUT_MODERATION)?,
        })))
    }
}
