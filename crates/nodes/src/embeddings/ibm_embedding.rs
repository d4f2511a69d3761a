//! Embedding models on IBM's watsonx.ai.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use flowstone_providers::watsonx::Embeddings;

use crate::watsonx_form::{self, CREDENTIAL};

const MODEL: Input<String> =
    Input::text("Model Name", "modelName").default("ibm/slate-30m-english-rtrvr");
const TRUNCATE: Input<Option<u64>> = Input::whole("Truncate Input Tokens", "truncateInputTokens")
    .step(1.0)
    .describe("Longer texts are cut to so many tokens; where it is empty they are refused")
    .optional()
    .additional();
const RETRIES: Input<Option<u64>> = Input::whole("Max Retries", "maxRetries")
    .step(1.0)
    .describe("Kept for flows of the reference; calls are tried again as everywhere here")
    .optional()
    .additional();
const AT_ONCE: Input<Option<u64>> = Input::whole("Max Concurrency", "maxConcurrency")
    .step(1.0)
    .describe("Kept for flows of the reference; texts go out in batches, one after the other")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "IBM Watsonx Embedding",
    name: "ibmEmbedding",
    version: 1.0,
    kind: "WatsonxEmbeddings",
    icon: "ibm.svg",
    category: "Embeddings",
    description: "Turns text into vectors with models on IBM watsonx.ai",
    base_classes: &["WatsonxEmbeddings", "Embeddings"],
    credential: Some(CREDENTIAL),
    inputs: &[MODEL.field, TRUNCATE.field, RETRIES.field, AT_ONCE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct IbmEmbedding;

#[async_trait]
impl Node for IbmEmbedding {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Embeddings(Arc::new(Embeddings {
            project: watsonx_form::project(inputs)?,
            model: inputs.get(&MODEL)?,
            truncate: inputs.get(&TRUNCATE)?.filter(|it| *it > 0),
        })))
    }
}
