//! The vector store that a document store was written to.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Spec, capability::StoreRetriever, node::Entry,
    spec::Output,
};

const STORE: Input<String> = Input::async_options("Select Store", "selectedStore", "listStores")
    .describe("A document store of this workspace that was written to its vector store");

static SPEC: Spec = Spec {
    label: "Document Store (Vector)",
    name: "documentStoreVS",
    version: 1.0,
    kind: "DocumentStoreVS",
    icon: "document-store.svg",
    category: "Vector Stores",
    description: "Finds documents of a document store by meaning",
    base_classes: &["DocumentStoreVS"],
    inputs: &[STORE.field],
    outputs: &[
        Output {
            label: "Retriever",
            name: "retriever",
            base_classes: &["BaseRetriever"],
            description: Some("Finds documents for a question"),
        },
        Output {
            label: "Vector Store",
            name: "vectorStore",
            base_classes: &["VectorStore"],
            description: Some("The store itself, for nodes that search it their own way"),
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct DocumentStoreVs;

#[async_trait]
impl Node for DocumentStoreVs {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let stores = &inputs.services.document_stores;
        let store = stores.vector_store(&inputs.workspace, &inputs.get(&STORE)?).await?;
        Ok(if inputs.output == "vectorStore" {
            Capability::VectorStore(store)
        } else {
            Capability::Retriever(Arc::new(StoreRetriever(store)))
        })
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if method != "listStores" {
            return Err(Error::Unsupported(format!("there is no list {method}")));
        }
        let stores = inputs.services.document_stores.list(&inputs.workspace).await?;
        let searchable = stores.into_iter().filter(|it| it.is_searchable);
        Ok(searchable.map(|it| Entry::new(it.id, it.name).describe(it.description)).collect())
    }
}
