//! Answers from the passages that fit the question best.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatRequest, Input, Inputs, Message, Moderation, Node, Output, Result,
    Retriever, Run, Runnable, Spec,
};

use super::{
    passages,
    router::{Router, Way},
};
use crate::moderation::{self, INPUT_MODERATION};

const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Language Model", "model", "BaseLanguageModel");
const RETRIEVERS: Input<Vec<Arc<dyn Retriever>>> =
    Input::sockets("Vector Store Retriever", "vectorStoreRetriever", "VectorStoreRetriever");
const RETURN_SOURCES: Input<bool> =
    Input::flag("Return Source Documents", "returnSourceDocuments").may_be_empty();

static SPEC: Spec = Spec {
    label: "Multi Retrieval QA Chain",
    name: "multiRetrievalQAChain",
    version: 2.0,
    kind: "MultiRetrievalQAChain",
    icon: "router.svg",
    category: "Chains",
    description: "Lets the model choose among several retrievers, and answers from what it finds",
    base_classes: &["MultiRetrievalQAChain", "MultiRouteChain", "BaseChain", "Runnable"],
    badge: Some("DEPRECATING"),
    inputs: &[MODEL.field, RETRIEVERS.field, RETURN_SOURCES.field, INPUT_MODERATION.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MultiRetrievalQaChain;

#[async_trait]
impl Node for MultiRetrievalQaChain {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let retrievers = inputs.get(&RETRIEVERS)?;
        let ways = retrievers.iter().enumerate().map(|(at, it)| Way {
            name: it.name().map_or_else(|| format!("retriever {}", at + 1), str::to_owned),
            description: it.description().unwrap_or_default().to_owned(),
        });
        Ok(Capability::Runnable(Arc::new(Chain {
            router: Router::new(inputs.get(&MODEL)?, ways.collect(), &RETRIEVERS.field)?,
            retrievers,
            returns_sources: inputs.get(&RETURN_SOURCES)?,
            moderations: inputs.get(&INPUT_MODERATION)?,
        })))
    }
}

struct Chain {
    router: Router,
    retrievers: Vec<Arc<dyn Retriever>>,
    returns_sources: bool,
    moderations: Vec<Arc<dyn Moderation>>,
}

#[async_trait]
impl Runnable for Chain {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        if let Some(refusal) = moderation::refusal(&self.moderations, input, run).await? {
            return Ok(refusal);
        }
        let (chosen, spent) = self.router.choose(input).await?;
        let model = self.router.model();
        let mut output = if let Some(retriever) = chosen.and_then(|it| self.retrievers.get(it)) {
            let found = retriever.retrieve(input, run).await?;
            let mut output = passages::answer(model, input, &found, run).await?;
            if self.returns_sources {
                passages::tell(found, &mut output, run).await;
            }
            output
        } else {
            let request = ChatRequest::new(vec![Message::user(input)]);
            super::output(model.chat(&request, &run.events).await?)
        };
        output.usage += spent;
        Ok(output)
    }
}
