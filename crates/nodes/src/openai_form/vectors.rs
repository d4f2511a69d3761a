//! A node of embeddings that is nothing but a form over OpenAI's embeddings.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Choice, Error, Input, Inputs, Node, Result, Spec, node::Entry};
use flowstone_providers::openai::{Dialect, Embeddings, Encoding};

use super::{Address, Key, TIMEOUT, endpoint, shows};
use crate::{
    chat_models::CACHE,
    embeddings::cached::CachedEmbeddings,
    models::{self, Kind},
};

/// How long to wait for an answer.
pub(crate) const VECTOR_TIMEOUT: Input<Option<f64>> = {
    let mut it = TIMEOUT;
    it.field.step = None;
    it
};
/// Whether line breaks become spaces.
pub(crate) const STRIP_NEW_LINES: Input<bool> = Input::flag("Strip New Lines", "stripNewLines")
    .describe("Turns line breaks into spaces, as older models want it")
    .may_be_empty()
    .additional();
/// How many texts go into one call.
pub(crate) const BATCH_SIZE: Input<Option<u64>> = Input::whole("Batch Size", "batchSize")
    .describe("How many texts go into one call; 512 where it is empty")
    .optional()
    .additional();
/// Length of the vectors.
pub(crate) const DIMENSIONS: Input<Option<u64>> = Input::whole("Dimensions", "dimensions")
    .describe("Length of the vectors, for models that let one choose")
    .optional()
    .additional();
/// How the numbers travel.
pub(crate) const ENCODING: Input<Option<String>> = Input::options(
    "Encoding Format",
    "encodingFormat",
    &[Choice::plain("float"), Choice::plain("base64")],
)
.describe("How the numbers travel; the server's choice where it is empty")
.optional()
.additional();

/// A node of a vendor's embeddings.
pub(crate) struct VectorForm {
    /// What the canvas shows.
    pub(crate) spec: &'static Spec,
    /// The vendor's way to speak.
    pub(crate) dialect: &'static Dialect,
    /// Where the credential holds the key.
    pub(crate) key: Key,
    /// The row of the model's name.
    pub(crate) model: Input<String>,
    /// The model where that row may stay empty.
    pub(crate) usual_model: Option<&'static str>,
    /// Where the server is.
    pub(crate) address: Address,
    /// The row of how many texts go into one call, where the form shows it.
    pub(crate) batch_size: Input<Option<u64>>,
    /// What the other fields cannot say.
    pub(crate) adjust: fn(&Inputs, &mut Embeddings) -> Result<()>,
}

impl VectorForm {
    /// A form at the vendor's public address with the usual rows.
    pub(crate) const fn new(
        spec: &'static Spec,
        dialect: &'static Dialect,
        key: Key,
        model: Input<String>,
    ) -> Self {
        Self {
            spec,
            dialect,
            key,
            model,
            usual_model: None,
            address: Address::Vendor,
            batch_size: BATCH_SIZE,
            adjust: |_, _| Ok(()),
        }
    }

    /// The model that a filled-in form stands for.
    pub(crate) fn embeddings(&self, inputs: &Inputs) -> Result<Embeddings> {
        let endpoint = endpoint(inputs, self.spec, self.dialect, Some(self.key), self.address)?;
        let name = match (inputs.value(&self.model.field), self.usual_model) {
            (None, Some(usual)) => usual.to_owned(),
            _ => inputs.get(&self.model)?,
        };
        let mut model = Embeddings::new(endpoint, name);
        settle(&mut model, inputs, self.spec, &self.batch_size)?;
        (self.adjust)(inputs, &mut model)?;
        Ok(model)
    }
}

#[async_trait]
impl Node for VectorForm {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let model = self.embeddings(inputs)?;
        let cache = if shows(self.spec, &CACHE.field) { inputs.get(&CACHE)? } else { None };
        let name = format!("{} {}", self.dialect.provider, model.model);
        let model = Arc::new(model);
        Ok(Capability::Embeddings(match cache {
            Some(cache) => Arc::new(CachedEmbeddings::new(model, cache, name)),
            None => model,
        }))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Embedding, self.spec.name, method)
    }
}

/// Reads the shared rows that a form shows.
pub(crate) fn settle(
    model: &mut Embeddings,
    inputs: &Inputs,
    spec: &Spec,
    batch_size: &Input<Option<u64>>,
) -> Result<()> {
    if shows(spec, &STRIP_NEW_LINES.field) {
        model.strip_new_lines = inputs.get(&STRIP_NEW_LINES)?;
    }
    if shows(spec, &batch_size.field)
        && let Some(size) = inputs.get(batch_size)?.filter(|it| *it > 0)
    {
        model.batch_size = usize::try_from(size).unwrap_or(usize::MAX);
    }
    if shows(spec, &DIMENSIONS.field) {
        model.dimensions = inputs.get(&DIMENSIONS)?;
    }
    if shows(spec, &ENCODING.field) {
        model.encoding = match inputs.get(&ENCODING)?.as_deref() {
            None => None,
            Some("float") => Some(Encoding::Float),
            Some("base64") => Some(Encoding::Base64),
            Some(other) => {
                let reason = format!("{other:?} is neither float nor base64");
                return Err(Error::invalid(&ENCODING.field, reason));
            }
        };
    }
    Ok(())
}
