//! The splitters against what the LangChain package for JavaScript makes of the same texts.

use std::{collections::HashMap, sync::Arc};

use flowstone_core::{Capability, Document, Node, TextSplitter};
use serde::Deserialize;
use serde_json::Value;

use super::{
    character_text_splitter::CharacterTextSplitter, code_text_splitter::CodeTextSplitter,
    markdown_text_splitter::MarkdownTextSplitter, token_text_splitter::TokenTextSplitter,
};
use crate::testing::form;

#[derive(Deserialize)]
struct Golden {
    texts: HashMap<String, String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    /// The rows of the form, which are called as the package's own settings.
    settings: Value,
    text: String,
    /// First line, last line, text.
    chunks: Vec<(u64, u64, String)>,
}

async fn splitter(node: &dyn Node, settings: &Value) -> Arc<dyn TextSplitter> {
    let Ok(Capability::TextSplitter(splitter)) = node.init(&form(settings)).await else {
        panic!("no splitter")
    };
    splitter
}

async fn compare(node: &dyn Node, golden: &str, at_least: usize) {
    let golden: Golden = serde_json::from_str(golden).unwrap();
    assert!(golden.cases.len() >= at_least);
    for case in golden.cases {
        let text = golden.texts[&case.text].clone();
        let document = Document { page_content: text, ..Document::default() };
        let splitter = splitter(node, &case.settings).await;
        let made = splitter.split_documents(&[document]).unwrap().into_iter().map(|it| {
            let line = |key: &str| it.metadata["loc"]["lines"][key].as_u64().unwrap();
            (line("from"), line("to"), it.page_content.clone())
        });
        assert_eq!(made.collect::<Vec<_>>(), case.chunks, "{} {}", case.text, case.settings);
    }
}

#[tokio::test]
async fn one_separator_cuts_as_langchain_does() {
    let golden = include_str!("../../tests/golden/character_text_splitter.json");
    compare(&CharacterTextSplitter, golden, 100).await;
}

#[tokio::test]
async fn tokens_are_cut_as_langchain_does() {
    let golden = include_str!("../../tests/golden/token_text_splitter.json");
    compare(&TokenTextSplitter, golden, 100).await;
}

#[tokio::test]
async fn markdown_is_cut_as_langchain_does() {
    let golden = include_str!("../../tests/golden/markdown_text_splitter.json");
    compare(&MarkdownTextSplitter, golden, 12).await;
}

#[tokio::test]
async fn code_is_cut_as_langchain_does() {
    let golden = include_str!("../../tests/golden/code_text_splitter.json");
    compare(&CodeTextSplitter, golden, 48).await;
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused_with_the_reason() {
    for (node, settings, said) in [
        (
            &CharacterTextSplitter as &dyn Node,
            serde_json::json!({"chunkSize": 100, "chunkOverlap": "100"}),
            "Chunk Overlap: 100 is not less than the chunk size of 100",
        ),
        (
            &TokenTextSplitter,
            serde_json::json!({"encodingName": "gpt9"}),
            "Encoding Name: there is no encoding gpt9. There are: gpt2, r50k_base, p50k_base, \
             p50k_edit, cl100k_base",
        ),
        (&CodeTextSplitter, serde_json::json!({}), "Language is required"),
        (
            &MarkdownTextSplitter,
            serde_json::json!({"splitByHeaders": "h7"}),
            "Split by Headers: h7 is none of: disabled, h1, h2, h3, h4, h5, h6",
        ),
    ] {
        assert_eq!(node.init(&form(&settings)).await.err().unwrap().to_string(), said);
    }
}
