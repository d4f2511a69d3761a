//! Asks once, with all passages.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Document, Inputs, Node, Output, Result, Run, Spec, Synthesizer,
};

use super::{QUESTION_PROMPT, ask};
use crate::{chains::passages, prompt_format::Template};

static SPEC: Spec = Spec {
    label: "Simple Response Builder",
    name: "simpleResponseBuilderLlamaIndex",
    version: 1.0,
    kind: "SimpleResponseBuilder",
    icon: "synthesizer.svg",
    category: "Response Synthesizer",
    description: "Answers from all passages in one question",
    base_classes: &["SimpleResponseBuilder", "ResponseSynthesizer"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    inputs: &[],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct SimpleResponseBuilder;

#[async_trait]
impl Node for SimpleResponseBuilder {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        let prompt = Template::parse(QUESTION_PROMPT, "Text QA Prompt")?;
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
        let text = passages::as_text(passages);
        ask(model, &self.0, question, &text, "", &run.events).await
    }
}
