//! Asks once for each passage and betters the answer each time.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Document, Inputs, Node, Output, Result, Run, Spec, Synthesizer,
};

use super::{REFINE_PROMPT, Refining, TEXT_QA_PROMPT, packed};

static SPEC: Spec = Spec {
    label: "Refine",
    name: "refineLlamaIndex",
    version: 1.0,
    kind: "Refine",
    icon: "synthesizer.svg",
    category: "Response Synthesizer",
    description: "Answers from the first passage and betters the answer with each further one",
    base_classes: &["Refine", "ResponseSynthesizer"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    inputs: &[REFINE_PROMPT.field, TEXT_QA_PROMPT.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Refine;

#[async_trait]
impl Node for Refine {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Synthesizer(Arc::new(Way(Refining::from_form(inputs)?))))
    }
}

struct Way(Refining);

#[async_trait]
impl Synthesizer for Way {
    async fn synthesize(
        &self,
        model: &dyn ChatModel,
        question: &str,
        passages: &[Document],
        run: &Run,
    ) -> Result<Output> {
        let each = passages.chunks(1).flat_map(packed);
        let texts: Vec<String> = if passages.is_empty() { packed(&[]) } else { each.collect() };
        self.0.answer(model, question, &texts, &run.events).await
    }
}
