//! Embedding models by any name, of OpenAI or any server that speaks its wire.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use crate::openai_form::{
    Address, BASE_OPTIONS, BASE_PATH, BATCH_SIZE, DIMENSIONS, ENCODING, OPENAI_KEY,
    STRIP_NEW_LINES, VECTOR_TIMEOUT, VectorForm,
};

const MODEL: Input<String> = {
    let mut it = Input::text("Model Name", "modelName")
        .placeholder("text-embedding-3-small")
        .describe("Name of the model; text-embedding-ada-002 where it is empty");
    it.field.optional = true;
    it
};

static SPEC: Spec = Spec {
    label: "OpenAI Custom Embedding",
    name: "openAIEmbeddingsCustom",
    version: 3.0,
    kind: "OpenAIEmbeddingsCustom",
    icon: "openai.svg",
    category: "Embeddings",
    description: "Turns text into vectors with any model of a server that speaks OpenAI's wire",
    base_classes: &["OpenAIEmbeddingsCustom", "Embeddings"],
    credential: Some(CredentialSlot::required(&["openAIApi"])),
    inputs: &[
        STRIP_NEW_LINES.field,
        BATCH_SIZE.field,
        VECTOR_TIMEOUT.field,
        BASE_PATH.field,
        BASE_OPTIONS.field,
        MODEL.field,
        DIMENSIONS.field,
        ENCODING.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: VectorForm = VectorForm {
    usual_model: Some("text-embedding-ada-002"),
    address: Address::Row(&BASE_PATH),
    ..VectorForm::new(&SPEC, &dialects::OPENAI, OPENAI_KEY, MODEL)
};
