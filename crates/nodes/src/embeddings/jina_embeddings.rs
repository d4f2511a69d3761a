//! Embedding models of Jina AI.

use flowstone_core::{Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::openai::{Embeddings, dialects};

use crate::openai_form::VectorForm;

const MODEL: Input<String> = Input::text("Model Name", "modelName").default("jina-embeddings-v3");
const DIMENSIONS: Input<u64> =
    Input::whole("Dimensions", "modelDimensions").default(1024).describe("Length of the vectors");
const LATE_CHUNKING: Input<bool> = Input::flag("Allow Late Chunking", "allowLateChunking")
    .default(false)
    .describe("Reads the pieces of a document together, so that each knows what stands around it")
    .may_be_empty();

static SPEC: Spec = Spec {
    label: "Jina Embedding",
    name: "jinaEmbeddings",
    version: 3.0,
    kind: "JinaEmbeddings",
    icon: "jina.svg",
    category: "Embeddings",
    description: "Turns text into vectors with Jina AI",
    base_classes: &["JinaEmbeddings", "Embeddings"],
    credential: Some(CredentialSlot::required(&["jinaAIApi"])),
    inputs: &[MODEL.field, DIMENSIONS.field, LATE_CHUNKING.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: VectorForm = VectorForm {
    adjust: settle,
    ..VectorForm::new(&SPEC, &dialects::JINA, ("jinaAIAPIKey", "JinaAI API Key"), MODEL)
};

fn settle(inputs: &Inputs, model: &mut Embeddings) -> Result<()> {
    model.dimensions = Some(inputs.get(&DIMENSIONS)?);
    if inputs.get(&LATE_CHUNKING)? {
        model.settings.insert("late_chunking".to_owned(), true.into());
    }
    Ok(())
}
