//! Packs the passages into few questions and betters the answer with each.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Document, Inputs, Node, Output, Result, Run, Spec, Synthesizer,
};

use super::{REFINE_PROMPT, Refining, TEXT_QA_PROMPT, packed};

static SPEC: Spec = Spec {
    label: "Compact and Refine",
    name: "compactrefineLlamaIndex",
    version: 1.0,
    kind: "CompactRefine",
    icon: "synthesizer.svg",
    category: "Response Synthesizer",
    description: "Answers from as many passages as fit into one question and betters the answer with the rest",
    base_classes: &["CompactRefine", "ResponseSynthesizer"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    inputs: &[REFINE_PROMPT.field, TEXT_QA_PROMPT.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CompactRefine;

#[async_trait]
impl Node for CompactRefine {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Synthesizer(Arc::new(Way(Refining::from_form(inputs)?))))
    }
}

struct Way(Refining);

/// What engines do where no synthesizer is plugged in.
pub(crate) fn usual() -> Result<Arc<dyn Synthesizer>> {
    Ok(Arc::new(Way(Refining::usual()?)))
}

#[async_trait]
impl Synthesizer for Way {
    async fn synthesize(
        &self,
        model: &dyn ChatModel,
        question: &str,
        passages: &[Document],
        run: &Run,
    ) -> Result<Output> {
        self.0.answer(model, question, &packed(passages), &run.events).await
    }
}
