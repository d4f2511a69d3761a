//! Answers from groups of passages and puts those answers together.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Document, Error, Events, Input, Inputs, Node, Output, Result, Run, Spec,
    Synthesizer, Usage,
};

use super::{QUESTION_PROMPT, ask, packed, template, with_spent};
use crate::prompt_format::Template;

const PROMPT: Input<Option<String>> = Input::text("Prompt", "prompt")
    .rows(4)
    .default(QUESTION_PROMPT)
    .describe(
        "Answers from a group of passages or of answers. Must hold {context}; {query} is the \
         question",
    )
    .optional();

static SPEC: Spec = Spec {
    label: "TreeSummarize",
    name: "treeSummarizeLlamaIndex",
    version: 1.0,
    kind: "TreeSummarize",
    icon: "synthesizer.svg",
    category: "Response Synthesizer",
    description: "Answers from groups of passages, then from those answers, until one is left",
    base_classes: &["TreeSummarize", "ResponseSynthesizer"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    inputs: &[PROMPT.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct TreeSummarize;

#[async_trait]
impl Node for TreeSummarize {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let prompt = template(inputs, &PROMPT, QUESTION_PROMPT)?;
        Ok(Capability::Synthesizer(Arc::new(Way(prompt))))
    }
}

struct Way(Template);

#[async_trait]
impl Synthesizer for Way {
    async fn synthesize(
        &self,
        model: &dyn ChatModel,
        question: &str,
        passages: &[Document],
        run: &Run,
    ) -> Result<Output> {
        let mut texts = packed(passages);
        let mut spent = Usage::default();
        let silent = Events::silent();
        while texts.len() > 1 {
            let mut answers = Vec::with_capacity(texts.len());
            for text in &texts {
                let part = ask(model, &self.0, question, text, "", &silent).await?;
                spent += part.usage;
                answers
                    .push(Document { page_content: part.answer.to_text(), ..Document::default() });
            }
            let fewer = packed(&answers);
            // A model that answers at greater length than it was asked would never come to an end.
            if fewer.len() >= texts.len() {
                let reason = "the model's answers are longer than the passages they stand on";
                return Err(Error::ModelAnswer(reason.to_owned()));
            }
            texts = fewer;
        }
        let last = ask(model, &self.0, question, &texts[0], "", &run.events).await?;
        Ok(with_spent(last, spent))
    }
}
