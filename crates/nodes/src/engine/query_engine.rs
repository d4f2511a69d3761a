//! Answers one question from passages, made of LlamaIndex nodes.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Error, Inputs, Node, Output, Result, Retriever, Run, Runnable, Spec,
    Synthesizer,
};

use super::{RETRIEVER, RETURN_SOURCES, SYNTHESIZER};
use crate::chains::passages;

static SPEC: Spec = Spec {
    label: "Query Engine",
    name: "queryEngine",
    version: 2.0,
    kind: "QueryEngine",
    icon: "retrieval-chain.svg",
    category: "Engine",
    description: "Answers a question from the passages that a retriever finds, with the model of \
                  the retriever's form",
    base_classes: &["QueryEngine", "BaseQueryEngine"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    inputs: &[RETRIEVER.field, SYNTHESIZER.field, RETURN_SOURCES.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct QueryEngine;

#[async_trait]
impl Node for QueryEngine {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let retriever = inputs.get(&RETRIEVER)?;
        let Some(model) = retriever.model() else {
            let reason = "it has no chat model to answer with: plug one into the vector store";
            return Err(Error::invalid(&RETRIEVER.field, reason));
        };
        Ok(Capability::Runnable(Arc::new(Engine {
            model,
            retriever,
            synthesizer: super::synthesizer(inputs)?,
            returns_sources: inputs.get(&RETURN_SOURCES)?,
        })))
    }
}

struct Engine {
    model: Arc<dyn ChatModel>,
    retriever: Arc<dyn Retriever>,
    synthesizer: Arc<dyn Synthesizer>,
    returns_sources: bool,
}

#[async_trait]
impl Runnable for Engine {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        let found = self.retriever.retrieve(input, run).await?;
        let model = self.model.as_ref();
        let mut output = self.synthesizer.synthesize(model, input, &found, run).await?;
        if self.returns_sources {
            passages::tell(found, &mut output, run).await;
        }
        Ok(output)
    }
}
