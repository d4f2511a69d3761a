//! Embedding models served by LocalAI.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use crate::openai_form::{Address, VectorForm};

const BASE_PATH: Input<String> = Input::text("Base Path", "basePath")
    .describe("Address of the server")
    .placeholder("http://localhost:8080/v1");
const MODEL: Input<String> =
    Input::text("Model Name", "modelName").placeholder("text-embedding-ada-002");

static SPEC: Spec = Spec {
    label: "LocalAI Embedding",
    name: "localAIEmbeddings",
    version: 1.0,
    kind: "LocalAI Embeddings",
    icon: "local-ai.svg",
    category: "Embeddings",
    description: "Turns text into vectors on a machine of your own, with LocalAI",
    base_classes: &["LocalAI Embeddings", "Embeddings"],
    credential: Some(CredentialSlot::optional(&["localAIApi"])),
    inputs: &[BASE_PATH.field, MODEL.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: VectorForm = VectorForm {
    address: Address::Own(&BASE_PATH),
    ..VectorForm::new(&SPEC, &dialects::LOCALAI, ("localAIApiKey", "LocalAI Api Key"), MODEL)
};
