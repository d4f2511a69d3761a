//! Embedding models of OpenAI, and of any server that speaks its wire.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use crate::openai_form::{
    Address, BASE_OPTIONS, BASE_PATH, BATCH_SIZE, DIMENSIONS, ENCODING, OPENAI_KEY,
    STRIP_NEW_LINES, VECTOR_TIMEOUT, VectorForm,
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("text-embedding-ada-002");

static SPEC: Spec = Spec {
    label: "OpenAI Embedding",
    name: "openAIEmbeddings",
    version: 4.0,
    kind: "OpenAIEmbeddings",
    icon: "openai.svg",
    category: "Embeddings",
    description: "Turns text into vectors with OpenAI, or a server that speaks the same wire",
    base_classes: &["OpenAIEmbeddings", "Embeddings"],
    credential: Some(CredentialSlot::required(&["openAIApi"])),
    inputs: &[
        MODEL.field,
        STRIP_NEW_LINES.field,
        BATCH_SIZE.field,
        VECTOR_TIMEOUT.field,
        BASE_PATH.field,
        BASE_OPTIONS.field,
        DIMENSIONS.field,
        ENCODING.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: VectorForm = VectorForm {
    address: Address::Row(&BASE_PATH),
    ..VectorForm::new(&SPEC, &dialects::OPENAI, OPENAI_KEY, MODEL)
};
