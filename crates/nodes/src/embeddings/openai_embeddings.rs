//! Embedding models of OpenAI, and of any server that speaks its wire.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Error, Input, Inputs, Node, Result, Spec, node::Entry, spec::CredentialSlot,
};
use flowstone_providers::openai::{Embeddings, Encoding};

use crate::{
    models::{self, Kind},
    openai_form::{self, BASE_OPTIONS, BASE_PATH},
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("text-embedding-ada-002");
const STRIP_NEW_LINES: Input<bool> = Input::flag("Strip New Lines", "stripNewLines")
    .describe("Turns line breaks into spaces, as older models want it")
    .may_be_empty()
    .additional();
const BATCH_SIZE: Input<Option<u64>> = Input::whole("Batch Size", "batchSize")
    .describe("How many texts go into one call; 512 where it is empty")
    .optional()
    .additional();
const TIMEOUT: Input<Option<f64>> = Input::number("Timeout", "timeout")
    .describe("How long to wait for an answer, in milliseconds")
    .optional()
    .additional();
const DIMENSIONS: Input<Option<u64>> = Input::whole("Dimensions", "dimensions")
    .describe("Length of the vectors, for models that let one choose")
    .optional()
    .additional();
const ENCODING: Input<Option<String>> = Input::options(
    "Encoding Format",
    "encodingFormat",
    &[Choice::plain("float"), Choice::plain("base64")],
)
.describe("How the numbers travel; the server's choice where it is empty")
.optional()
.additional();

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
        TIMEOUT.field,
        BASE_PATH.field,
        BASE_OPTIONS.field,
        DIMENSIONS.field,
        ENCODING.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct OpenAiEmbeddings;

#[async_trait]
impl Node for OpenAiEmbeddings {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let mut model = Embeddings::new(openai_form::endpoint(inputs)?, inputs.get(&MODEL)?);
        model.strip_new_lines = inputs.get(&STRIP_NEW_LINES)?;
        if let Some(size) = inputs.get(&BATCH_SIZE)?.filter(|it| *it > 0) {
            model.batch_size = usize::try_from(size).unwrap_or(usize::MAX);
        }
        model.dimensions = inputs.get(&DIMENSIONS)?;
        model.encoding = match inputs.get(&ENCODING)?.as_deref() {
            None => None,
            Some("float") => Some(Encoding::Float),
            Some("base64") => Some(Encoding::Base64),
            Some(other) => {
                let reason = format!("{other:?} is neither float nor base64");
                return Err(Error::invalid(&ENCODING.field, reason));
            }
        };
        Ok(Capability::Embeddings(Arc::new(model)))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Embedding, SPEC.name, method)
    }
}
