//! Keeps only those of the found documents that are near the question by an embedding model.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Embeddings, Error, Input, Inputs, Node, Result, Retriever, Run, Spec,
};

use super::{BASE_RETRIEVER, QUERY, count, finds_at_once, hand_on, outputs};

const EMBEDDINGS: Input<Arc<dyn Embeddings>> =
    Input::socket("Embeddings", "embeddings", "Embeddings");
const THRESHOLD: Input<Option<f64>> = Input::number("Similarity Threshold", "similarityThreshold")
    .step(0.1)
    .default(0.8)
    .describe(
        "From 0 to 1: documents that are no more similar than this are left out. Where it is \
             empty, K alone decides",
    )
    .optional();
const K: Input<Option<u64>> = Input::whole("K", "k")
    .step(1.0)
    .default(20)
    .describe("How many documents to keep at most. Where it is empty, the threshold alone decides")
    .optional()
    .additional();

const CLASSES: &[&str] = &["EmbeddingsFilterRetriever", "BaseRetriever"];

static SPEC: Spec = Spec {
    label: "Embeddings Filter Retriever",
    name: "embeddingsFilterRetriever",
    version: 1.0,
    kind: "EmbeddingsFilterRetriever",
    icon: "retriever-filter.svg",
    category: "Retrievers",
    description: "Drops found documents that are not near the question by an embedding model",
    base_classes: CLASSES,
    inputs: &[BASE_RETRIEVER.field, EMBEDDINGS.field, QUERY.field, THRESHOLD.field, K.field],
    outputs: &outputs("Embeddings Filter Retriever", CLASSES),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct EmbeddingsFilterRetriever;

#[async_trait]
impl Node for EmbeddingsFilterRetriever {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let threshold = inputs.get(&THRESHOLD)?;
        let k = count(inputs, &K)?;
        if threshold.is_none() && k.is_none() {
            let reason = "fill this in, or K: without both there is nothing to filter by";
            return Err(Error::invalid(&THRESHOLD.field, reason));
        }
        let retriever = Near {
            base: inputs.get(&BASE_RETRIEVER)?,
            embeddings: inputs.get(&EMBEDDINGS)?,
            threshold,
            k,
        };
        hand_on(retriever, inputs).await
    }

    fn depends_on_run(&self, output: &str) -> bool {
        finds_at_once(output)
    }
}

struct Near {
    base: Arc<dyn Retriever>,
    embeddings: Arc<dyn Embeddings>,
    threshold: Option<f64>,
    k: Option<usize>,
}

#[async_trait]
impl Retriever for Near {
    async fn retrieve(&self, query: &str, run: &Run) -> Result<Vec<Document>> {
        let found = self.base.retrieve(query, run).await?;
        if found.is_empty() {
            return Ok(found);
        }
        let texts: Vec<String> = found.iter().map(|it| it.page_content.clone()).collect();
        let vectors = self.embeddings.embed(&texts).await?;
        let asked = self.embeddings.embed_query(query).await?;
        let similarities = vectors.iter().map(|it| cosine(&asked, it));
        let mut scored: Vec<(Document, f64)> = found.into_iter().zip(similarities).collect();
        if let Some(k) = self.k {
            scored.sort_by(|(_, one), (_, other)| other.total_cmp(one));
            scored.truncate(k);
        }
        if let Some(threshold) = self.threshold {
            scored.retain(|(_, similarity)| *similarity > threshold);
        }
        Ok(scored.into_iter().map(|(document, _)| document).collect())
    }
}

/// From -1 to 1; zero where a vector has no length.
fn cosine(one: &[f32], other: &[f32]) -> f64 {
    let product = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let lengths = (product(one, one) * product(other, other)).sqrt();
    if lengths > 0.0 { product(one, other) / lengths } else { 0.0 }
}
