//! Embedding models of Google on Vertex AI.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, node::Entry};
use flowstone_providers::gemini::VertexEmbeddings;

use crate::{
    models::{self, Kind},
    vertex_form::{self, CREDENTIAL, REGION},
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("text-embedding-004");
const STRIP_NEW_LINES: Input<bool> = Input::flag("Strip New Lines", "stripNewLines")
    .describe("Turns line breaks into spaces")
    .may_be_empty()
    .additional();

static SPEC: Spec = Spec {
    label: "Google VertexAI Embedding",
    name: "googlevertexaiEmbeddings",
    version: 2.1,
    kind: "GoogleVertexAIEmbeddings",
    icon: "gemini.svg",
    category: "Embeddings",
    description: "Turns text into vectors with models of Google on Vertex AI",
    base_classes: &[
        "GoogleVertexAIEmbeddings",
        "VertexAIEmbeddings",
        "GoogleEmbeddings",
        "BaseGoogleEmbeddings",
        "Embeddings",
    ],
    credential: Some(CREDENTIAL),
    inputs: &[MODEL.field, REGION.field, STRIP_NEW_LINES.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct GoogleVertexAiEmbeddings;

#[async_trait]
impl Node for GoogleVertexAiEmbeddings {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Embeddings(Arc::new(VertexEmbeddings {
            server: vertex_form::server(inputs, inputs.get(&REGION)?)?,
            model: inputs.get(&MODEL)?,
            strip_new_lines: inputs.get(&STRIP_NEW_LINES)?,
        })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Embedding, SPEC.name, method)
    }
}
