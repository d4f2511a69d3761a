//! Gives a vector store a name and a purpose, for chains that choose among several.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Input, Inputs, Node, Result, Retriever, Run, Spec,
    capability::StoreRetriever,
};

use super::VECTOR_STORE;

const NAME: Input<String> = Input::text("Retriever Name", "name")
    .describe("Short and telling: the chain shows it to its model")
    .placeholder("opening hours");
const DESCRIPTION: Input<String> = Input::text("Retriever Description", "description")
    .rows(3)
    .describe("Which questions its documents answer, so that the model can choose it")
    .placeholder("Good for questions about when our shops are open");

static SPEC: Spec = Spec {
    label: "Vector Store Retriever",
    name: "vectorStoreRetriever",
    version: 1.0,
    kind: "VectorStoreRetriever",
    icon: "retriever.svg",
    category: "Retrievers",
    description: "Names a vector store and says what it is good for, so that a chain can choose it",
    base_classes: &["VectorStoreRetriever"],
    inputs: &[VECTOR_STORE.field, NAME.field, DESCRIPTION.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct VectorStoreRetriever;

#[async_trait]
impl Node for VectorStoreRetriever {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Retriever(Arc::new(Named {
            store: StoreRetriever(inputs.get(&VECTOR_STORE)?),
            name: inputs.get(&NAME)?,
            description: inputs.get(&DESCRIPTION)?,
        })))
    }
}

struct Named {
    store: StoreRetriever,
    name: String,
    description: String,
}

#[async_trait]
impl Retriever for Named {
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }

    fn description(&self) -> Option<&str> {
        Some(&self.description)
    }

    async fn retrieve(&self, query: &str, run: &Run) -> Result<Vec<Document>> {
        self.store.retrieve(query, run).await
    }
}
