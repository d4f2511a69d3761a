//! Documents from a search of a vector store.

use async_trait::async_trait;
use flowstone_core::{Capability, Document, Error, Input, Inputs, Node, Result, Spec};

use super::remote::filled;
use crate::{documents, retrievers::VECTOR_STORE};

const QUERY: Input<Option<String>> = Input::text("Query", "query")
    .describe("What to look for; the question of the call where it is empty")
    .optional()
    .accepts_variables();
const MINIMUM: Input<Option<f64>> = Input::number("Minimum Score (%)", "minScore")
    .step(1.0)
    .describe("Leaves out documents that are less similar to the query")
    .placeholder("75")
    .optional();

static SPEC: Spec = Spec {
    label: "VectorStore To Document",
    name: "vectorStoreToDocument",
    version: 2.0,
    kind: "Document",
    icon: "retriever.svg",
    category: "Document Loaders",
    description: "Hands on the documents of a vector store that are nearest to a query",
    base_classes: &["Document"],
    inputs: &[VECTOR_STORE.field, QUERY.field, MINIMUM.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct VectorStoreToDocument;

#[async_trait]
impl Node for VectorStoreToDocument {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let store = inputs.get(&VECTOR_STORE)?;
        let minimum = inputs.get(&MINIMUM)?.unwrap_or(0.0);
        if !(0.0..=100.0).contains(&minimum) {
            return Err(Error::invalid(&MINIMUM.field, "a number from 0 to 100 is expected"));
        }
        let query = match filled(inputs.get(&QUERY)?) {
            Some(query) => query,
            None => inputs.run()?.question.clone(),
        };
        let found = store.search(&query, store.top_k()).await?;
        // Without a bound everything passes, whatever way the store counts.
        let near = |score: f32| minimum == 0.0 || f64::from(score) >= minimum / 100.0;
        let found = found.into_iter().filter(|(_, score)| near(*score));
        let found: Vec<Document> = found.map(|(document, _)| document).collect();
        if inputs.output == "text" {
            let texts: Vec<&str> = found.iter().map(|it| it.page_content.as_str()).collect();
            return Ok(Capability::Value(texts.join("\n").into()));
        }
        Ok(Capability::Documents(found.into()))
    }

    /// The query may be the question of the call.
    fn depends_on_run(&self, _: &str) -> bool {
        true
    }
}
