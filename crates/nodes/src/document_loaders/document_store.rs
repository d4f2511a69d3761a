//! The chunks of a document store.

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Input, Inputs, Node, Result, Spec, node::Entry};

use crate::documents;

const STORE: Input<String> = Input::async_options("Select Store", "selectedStore", "listStores")
    .describe("A document store of this workspace whose documents are loaded");

static SPEC: Spec = Spec {
    label: "Document Store",
    name: "documentStore",
    version: 1.0,
    kind: "Document",
    icon: "document-store.svg",
    category: "Document Loaders",
    description: "Hands on the chunks of a document store",
    base_classes: &["Document"],
    inputs: &[STORE.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct DocumentStore;

#[async_trait]
impl Node for DocumentStore {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let stores = &inputs.services.document_stores;
        let found = stores.documents(&inputs.workspace, &inputs.get(&STORE)?).await?;
        if inputs.output == "text" {
            let texts: Vec<&str> = found.iter().map(|it| it.page_content.as_str()).collect();
            return Ok(Capability::Value(texts.join("\n").into()));
        }
        Ok(Capability::Documents(found.into()))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if method != "listStores" {
            return Err(Error::Unsupported(format!("there is no list {method}")));
        }
        let stores = inputs.services.document_stores.list(&inputs.workspace).await?;
        let loaded = stores.into_iter().filter(|it| it.is_loaded);
        Ok(loaded.map(|it| Entry::new(it.id, it.name).describe(it.description)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use flowstone_core::Document;
    use flowstone_testkit::Ports;
    use serde_json::json;

    use super::*;
    use crate::testing::{documents, form};

    #[tokio::test]
    async fn the_chunks_of_a_store_are_handed_on() {
        let ports = Ports::default();
        let chunk = |text: &str| Document { page_content: text.into(), ..Document::default() };
        let chunks = vec![chunk("one"), chunk("two")];
        ports.document_stores.store("w", "s1", chunks.clone(), None);
        ports.document_stores.store("w", "empty", Vec::new(), None);
        ports.document_stores.store("other", "s2", chunks.clone(), None);
        let mut form = form(&json!({"selectedStore": "s1"}));
        (form.workspace, form.services) = ("w".to_owned(), Arc::new(ports.services()));
        assert_eq!(documents(DocumentStore.init(&form).await), chunks);
        let listed = DocumentStore.options("listStores", &form).await.unwrap();
        assert_eq!(listed, [Entry::new("s1", "Store s1").describe("What s1 knows")]);

        form.output = "text".to_owned();
        let Ok(Capability::Value(text)) = DocumentStore.init(&form).await else { panic!() };
        assert_eq!(text, "one\ntwo");
        form.values["selectedStore"] = "s2".into();
        assert!(DocumentStore.init(&form).await.is_err(), "another workspace's store");
    }
}
