//! Looks for a question in several wordings and joins what they find.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Document, Input, Inputs, Node, Result, Retriever, Run, Spec,
    capability::StoreRetriever,
};
use futures::future::try_join_all;

use super::{MODEL, VECTOR_STORE, ask, each_once, question_template, variants};
use crate::prompt_format::{Template, Values};

const PROMPT: Input<String> =
    Input::text("Prompt", "modelPrompt").rows(4).default(DEFAULT_PROMPT).describe(
        "How the model writes the other wordings, one a line. Must hold {question}; {queryCount} \
         stands for 3",
    );

const DEFAULT_PROMPT: &str = "A search by meaning finds other passages when a question is put in \
other words. Write the question below in {queryCount} further ways that would find passages which \
its own words might miss: other terms, another angle, a wider or a narrower view. Keep its \
language. Write one a line, without numbers, between these tags:

<questions>
first wording
second wording
</questions>

Question: {question}";

/// How many wordings a prompt asks for by `{queryCount}`.
const WORDINGS: u64 = 3;
/// A model that writes without end must not make a search of every line.
const MOST: usize = 10;

static SPEC: Spec = Spec {
    label: "Multi Query Retriever",
    name: "multiQueryRetriever",
    version: 1.0,
    kind: "MultiQueryRetriever",
    icon: "retriever-queries.svg",
    category: "Retrievers",
    description: "Lets a model put the question in other words, and joins what all of them find",
    base_classes: &["MultiQueryRetriever", "BaseRetriever"],
    inputs: &[VECTOR_STORE.field, MODEL.field, PROMPT.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MultiQueryRetriever;

#[async_trait]
impl Node for MultiQueryRetriever {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Retriever(Arc::new(ManyQueries {
            store: StoreRetriever(inputs.get(&VECTOR_STORE)?),
            model: inputs.get(&MODEL)?,
            prompt: question_template(&PROMPT, &inputs.get(&PROMPT)?)?,
        })))
    }
}

struct ManyQueries {
    store: StoreRetriever,
    model: Arc<dyn ChatModel>,
    prompt: Template,
}

#[async_trait]
impl Retriever for ManyQueries {
    async fn retrieve(&self, query: &str, run: &Run) -> Result<Vec<Document>> {
        let values = Values::from_iter([
            ("question".to_owned(), query.into()),
            ("queryCount".to_owned(), WORDINGS.into()),
        ]);
        let answer = ask(self.model.as_ref(), self.prompt.fill(&values)?).await?;
        let mut wordings = variants::questions(&answer);
        wordings.truncate(MOST);
        if wordings.is_empty() {
            wordings.push(query.to_owned());
        }
        let searches = wordings.iter().map(|it| self.store.retrieve(it, run));
        Ok(each_once(try_join_all(searches).await?))
    }
}
