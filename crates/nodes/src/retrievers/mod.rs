//! Nodes that find documents for a question.

pub(crate) mod aws_bedrock_kb_retriever;
pub(crate) mod azure_rerank_retriever;
pub(crate) mod cohere_rerank_retriever;
pub(crate) mod custom_retriever;
pub(crate) mod embeddings_filter_retriever;
pub(crate) mod extract_metadata_retriever;
pub(crate) mod hyde_retriever;
pub(crate) mod jina_rerank_retriever;
pub(crate) mod llm_filter_retriever;
pub(crate) mod multi_query_retriever;
pub(crate) mod prompt_retriever;
mod rerank;
pub(crate) mod rrf_retriever;
pub(crate) mod similarity_threshold_retriever;
mod variants;
pub(crate) mod vector_store_retriever;
pub(crate) mod voyage_ai_rerank_retriever;

use std::sync::Arc;

use flowstone_core::{
    Capability, ChatModel, ChatRequest, Document, Error, Events, Input, Inputs, Message, Result,
    Retriever, VectorStore, spec::Output,
};

use crate::prompt_format::Template;

/// The store to search.
pub(crate) const VECTOR_STORE: Input<Arc<dyn VectorStore>> =
    Input::socket("Vector Store", "vectorStore", "VectorStore");

/// What finds the documents that the node then works on.
pub(crate) const BASE_RETRIEVER: Input<Arc<dyn Retriever>> =
    Input::socket("Vector Store Retriever", "baseRetriever", "VectorStoreRetriever");

/// The model that does the node's work.
pub(crate) const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Language Model", "model", "BaseLanguageModel");

/// What the outputs that find at once look for.
pub(crate) const QUERY: Input<Option<String>> = Input::text("Query", "query")
    .describe("What the outputs Document and Text look for; the question where it is empty")
    .optional()
    .accepts_variables();

/// The three outputs of these nodes; the first is called and classed like the node.
pub(crate) const fn outputs(
    label: &'static str,
    base_classes: &'static [&'static str],
) -> [Output; 3] {
    [
        Output {
            label,
            name: "retriever",
            base_classes,
            description: Some("Finds documents whenever it is asked"),
        },
        Output {
            label: "Document",
            name: "document",
            base_classes: &["Document", "json"],
            description: Some("The documents for this question, with their text and metadata"),
        },
        Output {
            label: "Text",
            name: "text",
            base_classes: &["string", "json"],
            description: Some("The text of these documents, one after the other"),
        },
    ]
}

/// Whether an output finds its documents at once, so that it differs from call to call.
pub(crate) fn finds_at_once(output: &str) -> bool {
    matches!(output, "document" | "text")
}

/// Hands on the chosen output: the retriever, or what it finds for the query.
pub(crate) async fn hand_on(
    retriever: impl Retriever + 'static,
    inputs: &Inputs,
) -> Result<Capability> {
    if !finds_at_once(&inputs.output) {
        return Ok(Capability::Retriever(Arc::new(retriever)));
    }
    let run = inputs.run()?;
    let query = inputs.get(&QUERY)?.unwrap_or_else(|| run.question.clone());
    let found = retriever.retrieve(&query, run).await?;
    if inputs.output == "document" {
        return Ok(Capability::Documents(Arc::new(found)));
    }
    let texts: Vec<&str> = found.iter().map(|it| it.page_content.as_str()).collect();
    Ok(Capability::Value(texts.join("\n").into()))
}

/// What `model` says to `prompt`; none of it is told as the answer.
async fn ask(model: &dyn ChatModel, prompt: String) -> Result<String> {
    let request = ChatRequest::new(vec![Message::user(prompt)]);
    Ok(model.chat(&request, &Events::silent()).await?.text)
}

/// A row that holds a prompt with a place for the question.
fn question_template<T>(row: &Input<T>, text: &str) -> Result<Template> {
    let template = Template::parse(text, row.field.label)?;
    if template.variables().any(|it| it == "question") {
        return Ok(template);
    }
    Err(Error::invalid(&row.field, "it must hold {question}"))
}

/// How many documents a row asks for; `None` where it is empty or zero.
fn count(inputs: &Inputs, row: &Input<Option<u64>>) -> Result<Option<usize>> {
    let chosen = inputs.get(row)?.filter(|it| *it > 0);
    Ok(chosen.map(|it| usize::try_from(it).unwrap_or(usize::MAX)))
}

/// The documents of all lists, each once, in the order they are first met.
fn each_once(lists: impl IntoIterator<Item = Vec<Document>>) -> Vec<Document> {
    let mut all: Vec<Document> = Vec::new();
    for document in lists.into_iter().flatten() {
        if !all.iter().any(|it| same(it, &document)) {
            all.push(document);
        }
    }
    all
}

/// Whether two hits are one document: stores without ids are compared by what they hold.
fn same(one: &Document, other: &Document) -> bool {
    match (&one.id, &other.id) {
        (Some(one), Some(other)) => one == other,
        _ => one.page_content == other.page_content && one.metadata == other.metadata,
    }
}

#[cfg(test)]
pub(crate) mod tests;
