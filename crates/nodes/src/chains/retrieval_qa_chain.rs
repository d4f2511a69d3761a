//! Answers one question from passages, without a conversation.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, ChatModel, Input, Inputs, Node, Result, Retriever, Spec};

use super::passages::FromPassages;
use crate::moderation::INPUT_MODERATION;

const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Language Model", "model", "BaseLanguageModel");
const RETRIEVER: Input<Arc<dyn Retriever>> =
    Input::socket("Vector Store Retriever", "vectorStoreRetriever", "BaseRetriever");

static SPEC: Spec = Spec {
    label: "Retrieval QA Chain",
    name: "retrievalQAChain",
    version: 2.0,
    kind: "RetrievalQAChain",
    icon: "retrieval-chain.svg",
    category: "Chains",
    description: "Answers a question from the passages that a retriever finds",
    base_classes: &["RetrievalQAChain", "BaseChain", "Runnable"],
    badge: Some("DEPRECATING"),
    inputs: &[MODEL.field, RETRIEVER.field, INPUT_MODERATION.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct RetrievalQaChain;

#[async_trait]
impl Node for RetrievalQaChain {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Runnable(Arc::new(FromPassages {
            model: inputs.get(&MODEL)?,
            retriever: inputs.get(&RETRIEVER)?,
            moderations: inputs.get(&INPUT_MODERATION)?,
        })))
    }
}
