//! Embedding models of Mistral AI.

use flowstone_core::{Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::openai::{Embeddings, dialects};

use crate::openai_form::{Address, STRIP_NEW_LINES, VectorForm, with_version};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("mistral-embed");
const BATCH_SIZE: Input<Option<u64>> = Input::whole("Batch Size", "batchSize")
    .step(1.0)
    .default(512)
    .describe("How many texts go into one call")
    .optional()
    .additional();
const STRIP: Input<bool> = {
    let mut it = STRIP_NEW_LINES;
    it.field.default = flowstone_core::spec::Default::Flag(true);
    it
};
const ENDPOINT: Input<Option<String>> = Input::text("Override Endpoint", "overrideEndpoint")
    .describe("Address of another server that speaks the same wire")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "MistralAI Embedding",
    name: "mistralAIEmbeddings",
    version: 2.0,
    kind: "MistralAIEmbeddings",
    icon: "mistral.svg",
    category: "Embeddings",
    description: "Turns text into vectors with Mistral AI",
    base_classes: &["MistralAIEmbeddings", "Embeddings"],
    credential: Some(CredentialSlot::required(&["mistralAIApi"])),
    inputs: &[MODEL.field, BATCH_SIZE.field, STRIP.field, ENDPOINT.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: VectorForm = VectorForm {
    address: Address::Row(&ENDPOINT),
    batch_size: BATCH_SIZE,
    adjust: settle,
    ..VectorForm::new(&SPEC, &dialects::MISTRAL, ("mistralAIAPIKey", "MistralAI API Key"), MODEL)
};

fn settle(inputs: &Inputs, model: &mut Embeddings) -> Result<()> {
    model.endpoint.base_url = with_version(&model.endpoint.base_url);
    model.strip_new_lines = inputs.get(&STRIP)?;
    Ok(())
}
