//! Embedding models of OpenAI that Azure serves.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use flowstone_providers::openai::Embeddings;

use crate::openai_form::{self, AZURE_BASE_PATH, Azure, BASE_OPTIONS, VECTOR_TIMEOUT};

const BATCH_SIZE: Input<Option<u64>> = {
    let mut it = Input::whole("Batch Size", "batchSize")
        .describe("How many texts go into one call")
        .optional()
        .additional();
    it.field.default = flowstone_core::spec::Default::Text("100");
    it
};

static SPEC: Spec = Spec {
    label: "Azure OpenAI Embedding",
    name: "azureOpenAIEmbeddings",
    version: 2.0,
    kind: "AzureOpenAIEmbeddings",
    icon: "azure.svg",
    category: "Embeddings",
    description: "Turns text into vectors with models of OpenAI that Azure serves",
    base_classes: &["AzureOpenAIEmbeddings", "OpenAIEmbeddings", "Embeddings"],
    credential: Some(Azure::CREDENTIAL),
    inputs: &[BATCH_SIZE.field, VECTOR_TIMEOUT.field, AZURE_BASE_PATH.field, BASE_OPTIONS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct AzureOpenAiEmbeddings;

#[async_trait]
impl Node for AzureOpenAiEmbeddings {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let azure = Azure::read(inputs, &SPEC)?;
        let endpoint = azure.endpoint(inputs, &SPEC)?;
        let mut model = Embeddings::new(endpoint, azure.deployment());
        openai_form::settle_vectors(&mut model, inputs, &SPEC, &BATCH_SIZE)?;
        Ok(Capability::Embeddings(Arc::new(model)))
    }
}
