//! Looks for documents that are like an answer instead of like the question.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Choice, Document, Error, Input, Inputs, Node, Result, Retriever, Run,
    Spec, VectorStore,
};

use super::{
    MODEL, QUERY, VECTOR_STORE, ask, count, finds_at_once, hand_on, outputs, question_template,
};
use crate::prompt_format::{Template, Values};

const DEFINED: Input<String> = Input::options(
    "Select Defined Prompt",
    "promptKey",
    &[
        Choice::plain("websearch").describe("A passage of a page that answers the question"),
        Choice::plain("scifact").describe("A scientific passage that supports or refutes a claim"),
        Choice::plain("arguana").describe("A passage that argues against the text"),
        Choice::plain("trec-covid").describe("A scientific passage on a medical question"),
        Choice::plain("fiqa").describe("A passage of an article on money"),
        Choice::plain("dbpedia-entity").describe("A passage of an encyclopedia"),
        Choice::plain("trec-news").describe("A passage of the news"),
        Choice::plain("mr-tydi").describe("A passage in the language of the question"),
    ],
)
.default("websearch")
.describe("What kind of text the model is to imagine");
const CUSTOM: Input<Option<String>> = Input::text("Custom Prompt", "customPrompt")
    .rows(4)
    .describe("Takes the place of the chosen prompt. Must hold {question}")
    .placeholder("Write a passage of our handbook that answers: {question}")
    .additional()
    .optional();
const TOP_K: Input<Option<u64>> = Input::whole("Top K", "topK")
    .default(4)
    .describe("How many documents to find")
    .optional()
    .additional();

/// What the model is asked to write, by the name of the prompt.
const PROMPTS: &[(&str, &str)] = &[
    (
        "websearch",
        "Write a short passage as it could stand on a good web page that answers this \
         question.\nQuestion: {question}\nPassage:",
    ),
    (
        "scifact",
        "Write a short passage of a scientific paper whose findings support or refute this \
         claim.\nClaim: {question}\nPassage:",
    ),
    (
        "arguana",
        "Write a short passage that argues against the following text.\nText: {question}\n\
         Counterargument:",
    ),
    (
        "trec-covid",
        "Write a short passage of a medical paper that answers this question.\nQuestion: \
         {question}\nPassage:",
    ),
    (
        "fiqa",
        "Write a short passage of an article on finance that answers this question.\nQuestion: \
         {question}\nPassage:",
    ),
    (
        "dbpedia-entity",
        "Write a short passage of an encyclopedia that answers this question.\nQuestion: \
         {question}\nPassage:",
    ),
    (
        "trec-news",
        "Write a short passage of a news report on this topic.\nTopic: {question}\nPassage:",
    ),
    (
        "mr-tydi",
        "Write a short passage that answers this question, in the language the question is \
         in.\nQuestion: {question}\nPassage:",
    ),
];

const CLASSES: &[&str] = &["HydeRetriever", "BaseRetriever"];

static SPEC: Spec = Spec {
    label: "HyDE Retriever",
    name: "HydeRetriever",
    version: 3.0,
    kind: "HydeRetriever",
    icon: "retriever.svg",
    category: "Retrievers",
    description: "Lets a model imagine an answer and finds the documents that are most like it",
    base_classes: CLASSES,
    inputs: &[
        MODEL.field,
        VECTOR_STORE.field,
        QUERY.field,
        DEFINED.field,
        CUSTOM.field,
        TOP_K.field,
    ],
    outputs: &outputs("HyDE Retriever", CLASSES),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct HydeRetriever;

#[async_trait]
impl Node for HydeRetriever {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let retriever = Imagining {
            model: inputs.get(&MODEL)?,
            store: inputs.get(&VECTOR_STORE)?,
            prompt: prompt(inputs)?,
            top_k: count(inputs, &TOP_K)?.unwrap_or(4),
        };
        hand_on(retriever, inputs).await
    }

    fn depends_on_run(&self, output: &str) -> bool {
        finds_at_once(output)
    }
}

fn prompt(inputs: &Inputs) -> Result<Template> {
    if let Some(custom) = inputs.get(&CUSTOM)? {
        return question_template(&CUSTOM, &custom);
    }
    let chosen = inputs.get(&DEFINED)?;
    let Some((_, text)) = PROMPTS.iter().find(|(name, _)| *name == chosen) else {
        let names: Vec<&str> = PROMPTS.iter().map(|(name, _)| *name).collect();
        let reason = format!("there is no prompt {chosen}. There are {}", names.join(", "));
        return Err(Error::invalid(&DEFINED.field, reason));
    };
    question_template(&DEFINED, text)
}

struct Imagining {
    model: Arc<dyn ChatModel>,
    store: Arc<dyn VectorStore>,
    prompt: Template,
    top_k: usize,
}

#[async_trait]
impl Retriever for Imagining {
    async fn retrieve(&self, query: &str, _: &Run) -> Result<Vec<Document>> {
        let values = Values::from_iter([("question".to_owned(), query.into())]);
        let imagined = ask(self.model.as_ref(), self.prompt.fill(&values)?).await?;
        // A model that says nothing leaves the question to look for.
        let wanted = if imagined.trim().is_empty() { query } else { imagined.as_str() };
        let found = self.store.search(wanted, self.top_k).await?;
        Ok(found.into_iter().map(|(document, _)| document).collect())
    }
}
