//! Hands on what a store finds in a form of the user's own.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Input, Inputs, Node, Result, Retriever, Run, Spec, VectorStore,
    filter::entry,
};

use super::{QUERY, VECTOR_STORE, count, finds_at_once, hand_on, outputs};
use crate::prompt_format;

const FORMAT: Input<String> = Input::text("Result Format", "resultFormat")
    .rows(4)
    .default("{{context}}\nSource: {{metadata.source}}")
    .describe(
        "What each document becomes. {{context}} stands for its text, {{metadata.source}} for an \
         entry of its metadata",
    );
const TOP_K: Input<Option<u64>> = Input::whole("Top K", "topK")
    .describe("How many documents to find; as many as the store usually does where it is empty")
    .placeholder("4")
    .optional()
    .additional();

const CLASSES: &[&str] = &["CustomRetriever", "BaseRetriever"];

static SPEC: Spec = Spec {
    label: "Custom Retriever",
    name: "customRetriever",
    version: 1.0,
    kind: "CustomRetriever",
    icon: "retriever.svg",
    category: "Retrievers",
    description: "Hands on the documents of a vector store in a form of your own",
    base_classes: CLASSES,
    inputs: &[VECTOR_STORE.field, QUERY.field, FORMAT.field, TOP_K.field],
    outputs: &outputs("Custom Retriever", CLASSES),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CustomRetriever;

#[async_trait]
impl Node for CustomRetriever {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let store = inputs.get(&VECTOR_STORE)?;
        let top_k = count(inputs, &TOP_K)?.unwrap_or_else(|| store.top_k());
        hand_on(Formatted { store, format: inputs.get(&FORMAT)?, top_k }, inputs).await
    }

    fn depends_on_run(&self, output: &str) -> bool {
        finds_at_once(output)
    }
}

struct Formatted {
    store: Arc<dyn VectorStore>,
    format: String,
    top_k: usize,
}

#[async_trait]
impl Retriever for Formatted {
    async fn retrieve(&self, query: &str, _: &Run) -> Result<Vec<Document>> {
        let found = self.store.search(query, self.top_k).await?;
        let formatted = found.into_iter().map(|(document, _)| Document {
            page_content: fill(&self.format, &document),
            ..document
        });
        Ok(formatted.collect())
    }
}

/// Replaces the places of `format` in one pass, so that braces in a document stand for themselves.
/// A place for an entry that the document lacks becomes empty; anything else stays as it is.
fn fill(format: &str, document: &Document) -> String {
    let mut filled = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let place = after.split_once("}}");
        match place.and_then(|(name, rest)| Some((value(name.trim(), document)?, rest))) {
            Some((value, behind)) => {
                filled.push_str(&value);
                rest = behind;
            }
            None => {
                filled.push_str("{{");
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

fn value(name: &str, document: &Document) -> Option<String> {
    if name == "context" {
        return Some(document.page_content.clone());
    }
    let path = name.strip_prefix("metadata.")?;
    Some(entry(&document.metadata, path).map(prompt_format::as_text).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_filled_and_everything_else_stays() {
        let document = Document {
            page_content: "It is {{metadata.source}}".to_owned(),
            metadata: json!({"source": "a.pdf", "loc": {"page": 3}}).as_object().cloned().unwrap(),
            id: None,
        };
        let format =
            "{{ context }} ({{metadata.source}}, {{metadata.loc.page}}{{metadata.x}}) {{y}} {{";
        let expected = "It is {{metadata.source}} (a.pdf, 3) {{y}} {{";
        assert_eq!(fill(format, &document), expected);
    }
}
