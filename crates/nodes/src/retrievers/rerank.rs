//! What the nodes share that let a service put found passages in order.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Document, Input, Inputs, Node, Result, Retriever, Run, Spec};
use flowstone_providers::{HttpClient, rerank::Reranker};
use serde_json::{Map, Value};

use super::{BASE_RETRIEVER, count, finds_at_once, hand_on};

/// Under this name a passage's metadata says how well it answers, from 0 to 1.
const SCORE: &str = "relevance_score";

/// How many passages to keep.
pub(super) const TOP_K: Input<Option<u64>> = Input::whole("Top K", "topK")
    .describe("How many of the found passages to keep; all of them where it is empty")
    .placeholder("4")
    .additional()
    .optional();
/// How long passages are cut by the service.
pub(super) const MAX_CHUNKS: Input<Option<u64>> =
    Input::whole("Max Chunks Per Doc", "maxChunksPerDoc")
        .describe("Into how many pieces the service may cut a long passage; 10 where it is empty")
        .placeholder("10")
        .additional()
        .optional();

/// A node over a rerank service.
pub(crate) struct RerankForm {
    /// What the canvas shows.
    pub(super) spec: &'static Spec,
    /// The row of the model.
    pub(super) model: Input<Option<String>>,
    /// The model where that row is empty.
    pub(super) usual_model: &'static str,
    /// The row of how many passages to keep.
    pub(super) keep: Input<Option<u64>>,
    /// What the service calls that number.
    pub(super) keep_name: &'static str,
    /// The field of the credential that holds the key, and its label.
    pub(super) key: (&'static str, &'static str),
    /// The whole address of the call.
    pub(super) address: fn(&Inputs) -> Result<String>,
    /// What goes into the body besides.
    pub(super) settings: fn(&Inputs) -> Result<Map<String, Value>>,
}

impl RerankForm {
    /// The service that a filled-in form stands for.
    pub(crate) fn reranker(&self, inputs: &Inputs) -> Result<Reranker> {
        let model = inputs.get(&self.model)?.unwrap_or_else(|| self.usual_model.to_owned());
        let (name, label) = self.key;
        Ok(Reranker {
            http: inputs.services.get::<HttpClient>()?,
            address: (self.address)(inputs)?,
            key: inputs.credential()?.require(name, label)?.to_owned(),
            model,
            settings: (self.settings)(inputs)?,
        })
    }

    /// The retriever over that service.
    pub(crate) fn retriever(&self, inputs: &Inputs, reranker: Reranker) -> Result<Reranked> {
        let keep = count(inputs, &self.keep)?;
        let base = inputs.get(&BASE_RETRIEVER)?;
        Ok(Reranked { base, reranker, keep, keep_name: self.keep_name })
    }
}

#[async_trait]
impl Node for RerankForm {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let retriever = self.retriever(inputs, self.reranker(inputs)?)?;
        hand_on(retriever, inputs).await
    }

    fn depends_on_run(&self, output: &str) -> bool {
        finds_at_once(output)
    }
}

/// Finds passages and lets a service put them in order.
pub(crate) struct Reranked {
    base: Arc<dyn Retriever>,
    reranker: Reranker,
    keep: Option<usize>,
    keep_name: &'static str,
}

#[async_trait]
impl Retriever for Reranked {
    async fn retrieve(&self, query: &str, run: &Run) -> Result<Vec<Document>> {
        let found = self.base.retrieve(query, run).await?;
        // Services refuse passages without any text.
        let found: Vec<Document> =
            found.into_iter().filter(|it| !it.page_content.trim().is_empty()).collect();
        if found.is_empty() {
            return Ok(found);
        }
        let keep = self.keep.unwrap_or(found.len()).min(found.len());
        let texts: Vec<&str> = found.iter().map(|it| it.page_content.as_str()).collect();
        let ranked = self.reranker.rank(query, &texts, self.keep_name, keep).await?;
        let kept = ranked.into_iter().take(keep).map(|it| {
            let mut document = found[it.index].clone();
            document.metadata.insert(SCORE.to_owned(), it.relevance_score.into());
            document
        });
        Ok(kept.collect())
    }
}
