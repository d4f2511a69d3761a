//! A document from text typed into the form.

use async_trait::async_trait;
use flowstone_core::{Capability, Document, Input, Inputs, Node, Result, Spec};
use serde_json::Map;

use crate::documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const TEXT: Input<String> =
    Input::text("Text", "text").rows(4).placeholder("The library opens at nine…");

static SPEC: Spec = Spec {
    label: "Plain Text",
    name: "plainText",
    version: 2.0,
    kind: "Document",
    icon: "plain-text.svg",
    category: "Document Loaders",
    description: "Makes a document of text typed into the form",
    base_classes: &["Document"],
    inputs: &[TEXT.field, TEXT_SPLITTER.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct PlainText;

#[async_trait]
impl Node for PlainText {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let document =
            Document { page_content: inputs.get(&TEXT)?, metadata: Map::new(), id: None };
        documents::hand_on(vec![document], inputs).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{documents, form};

    #[tokio::test]
    async fn text_becomes_a_document() {
        let form = form(&json!({"text": "Hello", "metadata": "{\"a\": 1}"}));
        let made = documents(PlainText.init(&form).await);
        assert_eq!(made[0].page_content, "Hello");
        assert_eq!(made[0].metadata, json!({"a": 1}).as_object().cloned().unwrap());
    }

    #[tokio::test]
    async fn the_text_itself_can_be_handed_on() {
        let mut form = form(&json!({"text": "Hello"}));
        form.output = "text".to_owned();
        let Ok(Capability::Value(text)) = PlainText.init(&form).await else { panic!() };
        assert_eq!(text, "Hello");
    }

    #[tokio::test]
    async fn metadata_that_is_no_object_is_refused() {
        let form = form(&json!({"text": "Hello", "metadata": "[1]"}));
        let said = PlainText.init(&form).await.err().unwrap().to_string();
        assert!(said.starts_with("Additional Metadata: a JSON object such as"), "{said}");
    }
}
