//! Embedding models of Google's Gemini API.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Input, Inputs, Node, Result, Spec, node::Entry, spec::CredentialSlot,
};
use flowstone_providers::gemini::Embeddings;

use crate::{
    chat_models::chat_google_generative_ai::server,
    models::{self, Kind},
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("gemini-embedding-001");
const TASK: Input<String> = Input::options(
    "Task Type",
    "tasktype",
    &[
        Choice::plain(UNSPECIFIED).describe("Leaves it to the model"),
        Choice::plain("RETRIEVAL_QUERY").describe("The texts are questions to a search"),
        Choice::plain("RETRIEVAL_DOCUMENT")
            .describe("The texts are what is searched; questions are then embedded as questions"),
        Choice::plain("SEMANTIC_SIMILARITY").describe("The texts are compared with each other"),
        Choice::plain("CLASSIFICATION").describe("The texts are sorted into classes"),
        Choice::plain("CLUSTERING").describe("The texts are sorted into groups"),
    ],
)
.default(UNSPECIFIED)
.describe("What the vectors are for");
const STRIP_NEW_LINES: Input<bool> = Input::flag("Strip New Lines", "stripNewLines")
    .describe("Turns line breaks into spaces")
    .may_be_empty()
    .additional();

const UNSPECIFIED: &str = "TASK_TYPE_UNSPECIFIED";

static SPEC: Spec = Spec {
    label: "Google Gemini Embedding",
    name: "googleGenerativeAiEmbeddings",
    version: 2.0,
    kind: "GoogleGenerativeAiEmbeddings",
    icon: "gemini.svg",
    category: "Embeddings",
    description: "Turns text into vectors with Google's Gemini API",
    base_classes: &["GoogleGenerativeAiEmbeddings", "GoogleGenerativeAIEmbeddings", "Embeddings"],
    credential: Some(CredentialSlot::required(&["googleGenerativeAI"])),
    inputs: &[MODEL.field, TASK.field, STRIP_NEW_LINES.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct GoogleGenerativeAiEmbeddings;

#[async_trait]
impl Node for GoogleGenerativeAiEmbeddings {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let mut model = Embeddings::new(server(inputs, None)?, inputs.get(&MODEL)?);
        model.task = Some(inputs.get(&TASK)?).filter(|it| it != UNSPECIFIED);
        model.strip_new_lines = inputs.get(&STRIP_NEW_LINES)?;
        Ok(Capability::Embeddings(Arc::new(model)))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Embedding, SPEC.name, method)
    }
}
