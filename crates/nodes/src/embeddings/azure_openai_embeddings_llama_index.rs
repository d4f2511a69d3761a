//! Embedding models of OpenAI that Azure serves, for flows made of LlamaIndex nodes.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec};
use flowstone_providers::openai::Embeddings;

use crate::openai_form::{Azure, VECTOR_TIMEOUT};

static SPEC: Spec = Spec {
    label: "Azure OpenAI Embeddings",
    name: "azureOpenAIEmbeddingsLlamaIndex",
    version: 1.0,
    kind: "AzureOpenAIEmbeddings",
    icon: "azure.svg",
    category: "Embeddings",
    description: "Turns text into vectors with models of OpenAI that Azure serves, for LlamaIndex \
                  nodes",
    base_classes: &["AzureOpenAIEmbeddings", "BaseEmbedding_LlamaIndex", "BaseEmbedding"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    credential: Some(Azure::CREDENTIAL),
    inputs: &[VECTOR_TIMEOUT.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct AzureOpenAiEmbeddingsLlamaIndex;

#[async_trait]
impl Node for AzureOpenAiEmbeddingsLlamaIndex {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let azure = Azure::read(inputs, &SPEC)?;
        let endpoint = azure.endpoint(inputs, &SPEC)?;
        Ok(Capability::Embeddings(Arc::new(Embeddings::new(endpoint, azure.deployment()))))
    }
}
