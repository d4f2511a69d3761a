//! Finds all documents that are near enough to a question.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Node, Result, Retriever, Run, Spec, VectorStore,
};

use super::{QUERY, VECTOR_STORE, finds_at_once, hand_on, outputs};

const MINIMUM: Input<f64> = Input::number("Minimum Similarity Score (%)", "minSimilarityScore")
    .step(1.0)
    .default(80.0)
    .describe("Documents that are less similar to the question are left out");
const MOST: Input<u64> = Input::whole("Max K", "maxK")
    .step(1.0)
    .default(20)
    .describe("How many documents to find at most")
    .additional();
const INCREMENT: Input<u64> = Input::whole("K Increment", "kIncrement")
    .step(1.0)
    .default(2)
    .describe("How many more documents the store is asked for while all it gave are near enough")
    .additional();

const CLASSES: &[&str] = &["SimilarityThresholdRetriever", "BaseRetriever"];

static SPEC: Spec = Spec {
    label: "Similarity Score Threshold Retriever",
    name: "similarityThresholdRetriever",
    version: 2.0,
    kind: "SimilarityThresholdRetriever",
    icon: "retriever-filter.svg",
    category: "Retrievers",
    description: "Finds the documents whose similarity to the question is above a bound",
    base_classes: CLASSES,
    inputs: &[VECTOR_STORE.field, QUERY.field, MINIMUM.field, MOST.field, INCREMENT.field],
    outputs: &outputs("Similarity Threshold Retriever", CLASSES),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct SimilarityThresholdRetriever;

#[async_trait]
impl Node for SimilarityThresholdRetriever {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let minimum = inputs.get(&MINIMUM)?;
        if !(0.0..=100.0).contains(&minimum) {
            return Err(Error::invalid(&MINIMUM.field, "a number from 0 to 100 is expected"));
        }
        let whole = |row: &Input<u64>| -> Result<usize> {
            match inputs.get(row)? {
                0 => Err(Error::invalid(&row.field, "a number of 1 or more is expected")),
                chosen => Ok(usize::try_from(chosen).unwrap_or(usize::MAX)),
            }
        };
        #[expect(clippy::cast_possible_truncation, reason = "similarities have no more digits")]
        let minimum = (minimum / 100.0) as f32;
        let retriever = NearEnough {
            store: inputs.get(&VECTOR_STORE)?,
            minimum,
            most: whole(&MOST)?,
            increment: whole(&INCREMENT)?,
        };
        hand_on(retriever, inputs).await
    }

    fn depends_on_run(&self, output: &str) -> bool {
        finds_at_once(output)
    }
}

struct NearEnough {
    store: Arc<dyn VectorStore>,
    /// Least similarity, from 0 to 1.
    minimum: f32,
    most: usize,
    increment: usize,
}

#[async_trait]
impl Retriever for NearEnough {
    async fn retrieve(&self, query: &str, _: &Run) -> Result<Vec<Document>> {
        let mut wanted = 0;
        loop {
            wanted = self.most.min(wanted + self.increment);
            let mut found = self.store.search(query, wanted).await?;
            found.retain(|(_, similarity)| *similarity >= self.minimum);
            // Fewer than asked for: there are no more, or those after these are too far away.
            if found.len() < wanted || wanted >= self.most {
                found.truncate(self.most);
                return Ok(found.into_iter().map(|(document, _)| document).collect());
            }
        }
    }
}
