//! Turns HTML into Markdown and cuts that at its headings.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Document, Error, Inputs, Node, Result, Spec, TextSplitter};

use super::{
    markdown_text_splitter,
    rows::{CHUNK_OVERLAP, CHUNK_SIZE},
    splitting::Recursive,
};
use crate::html_text;

static SPEC: Spec = Spec {
    label: "HtmlToMarkdown Text Splitter",
    name: "htmlToMarkdownTextSplitter",
    version: 1.0,
    kind: "HtmlToMarkdownTextSplitter",
    icon: "html-splitter.svg",
    category: "Text Splitters",
    description: "Turns HTML into Markdown and cuts it at its headings",
    base_classes: &[
        "HtmlToMarkdownTextSplitter",
        "MarkdownTextSplitter",
        "RecursiveCharacterTextSplitter",
        "TextSplitter",
        "BaseDocumentTransformer",
        "Runnable",
    ],
    inputs: &[CHUNK_SIZE.field, CHUNK_OVERLAP.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct HtmlToMarkdownTextSplitter;

#[async_trait]
impl Node for HtmlToMarkdownTextSplitter {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let markdown = markdown_text_splitter::by_size(inputs)?;
        Ok(Capability::TextSplitter(Arc::new(Splitter { markdown })))
    }
}

struct Splitter {
    markdown: Recursive,
}

impl TextSplitter for Splitter {
    fn split_text(&self, text: &str) -> Result<Vec<String>> {
        self.markdown.split_text(&to_markdown(text)?)
    }

    /// Lines are those of the Markdown.
    fn split_documents(&self, documents: &[Document]) -> Result<Vec<Document>> {
        let translated = documents
            .iter()
            .map(|it| Ok(Document { page_content: to_markdown(&it.page_content)?, ..it.clone() }));
        self.markdown.split_documents(&translated.collect::<Result<Vec<_>>>()?)
    }
}

fn to_markdown(html: &str) -> Result<String> {
    // Refuses what is nested to keep the parser busy, which the translator would not.
    html_text::Page::parse(html)?;
    flowstone_documents::html::to_markdown(html)
        .map_err(|error| Error::Unsupported(format!("the HTML {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::form;

    #[tokio::test]
    async fn headings_of_html_are_where_it_is_cut() {
        let form = form(&json!({"chunkSize": 40, "chunkOverlap": 0}));
        let made = HtmlToMarkdownTextSplitter.init(&form).await;
        let Ok(Capability::TextSplitter(splitter)) = made else { panic!("no splitter") };
        let html =
            "<h2>Opening hours</h2><p>Nine to <b>five</b>.</p><h2>Rooms</h2><ul><li>A</li></ul>";
        let document = Document { page_content: html.to_owned(), ..Document::default() };
        let chunks = splitter.split_documents(&[document]).unwrap();
        let texts: Vec<&str> = chunks.iter().map(|it| it.page_content.as_str()).collect();
        assert_eq!(texts, ["## Opening hours\n\nNine to **five**.", "## Rooms\n\n*   A"]);
        assert_eq!(chunks[1].metadata["loc"]["lines"], json!({"from": 5, "to": 7}));
    }
}
