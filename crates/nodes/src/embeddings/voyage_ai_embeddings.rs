//! Embedding models of Voyage AI.

use flowstone_core::{Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::openai::{Embeddings, dialects};

use crate::openai_form::VectorForm;

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("voyage-2");
/// How many texts the vendor takes in one call of any model.
const BATCH: usize = 128;

static SPEC: Spec = Spec {
    label: "VoyageAI Embedding",
    name: "voyageAIEmbeddings",
    version: 2.0,
    kind: "VoyageAIEmbeddings",
    icon: "voyage.svg",
    category: "Embeddings",
    description: "Turns text into vectors with Voyage AI",
    base_classes: &["VoyageAIEmbeddings", "Embeddings"],
    credential: Some(CredentialSlot::required(&["voyageAIApi"])),
    inputs: &[MODEL.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: VectorForm = VectorForm {
    adjust: settle,
    ..VectorForm::new(&SPEC, &dialects::VOYAGE, ("apiKey", "Voyage AI API Key"), MODEL)
};

/// The credential names the whole address, with the call at its end.
fn settle(inputs: &Inputs, model: &mut Embeddings) -> Result<()> {
    model.batch_size = BATCH;
    if let Some(address) = inputs.credential()?.get("endpoint") {
        let address = address.trim().trim_end_matches('/');
        let base = address.strip_suffix("/embeddings").unwrap_or(address);
        model.endpoint.base_url = base.to_owned();
    }
    Ok(())
}
