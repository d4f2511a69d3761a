//! A node of a text model that is nothing but a form over OpenAI's completions.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, node::Entry};
use flowstone_providers::openai::{Completion, Dialect};
use serde_json::{Map, Value};

use super::{Address, Key, LONGEST_ANSWER, Number, endpoint, numbers};
use crate::{
    chat_models::{self, STREAMING},
    models::{self, Kind},
};

/// Longest answer where the form says none, in tokens. Vendors stop after 16, which is a surprise.
const USUAL_LENGTH: u64 = 256;

/// A node of a vendor's text models.
pub(crate) struct TextForm {
    /// What the canvas shows.
    pub(crate) spec: &'static Spec,
    /// The vendor's way to speak.
    pub(crate) dialect: &'static Dialect,
    /// Where the credential holds the key.
    pub(crate) key: Key,
    /// The row of the model's name.
    pub(crate) model: Input<String>,
    /// Where the server is.
    pub(crate) address: Address,
    /// Rows that are sent as numbers, where the form shows them.
    pub(crate) numbers: &'static [Number],
    /// What the other fields cannot say.
    pub(crate) adjust: fn(&Inputs, &mut Completion) -> Result<()>,
}

impl TextForm {
    /// A form at the vendor's public address without rows of numbers.
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
            address: Address::Vendor,
            numbers: &[],
            adjust: |_, _| Ok(()),
        }
    }

    /// The model that a filled-in form stands for.
    pub(crate) fn text(&self, inputs: &Inputs) -> Result<Completion> {
        let endpoint = endpoint(inputs, self.spec, self.dialect, Some(self.key), self.address)?;
        let mut text = Completion::new(endpoint, inputs.get(&self.model)?);
        if !matches!(self.address, Address::Anyone(_)) {
            text.dialect = self.dialect;
        }
        text.settings = text_settings(inputs, self.spec, self.numbers)?;
        (self.adjust)(inputs, &mut text)?;
        text.stream &= !takes_the_best(&text);
        Ok(text)
    }
}

#[async_trait]
impl Node for TextForm {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        chat_models::finish(inputs, self.text(inputs)?)
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Text, self.spec.name, method)
    }

    fn streams(&self, values: &Map<String, Value>) -> bool {
        let row = self.spec.field(STREAMING.field.name);
        // A row that a flow never saw stands at its default.
        let standing = row.and_then(|it| it.default.to_value()).is_none_or(|it| it == true);
        values.get(STREAMING.field.name).map_or(standing, |_| chat_models::streams(values))
    }
}

/// The numbers that a form shows, with a length where it says none.
pub(crate) fn text_settings(
    inputs: &Inputs,
    spec: &Spec,
    rows: &[Number],
) -> Result<Map<String, Value>> {
    let mut settings = numbers(inputs, spec, rows, LONGEST_ANSWER)?;
    settings.entry(LONGEST_ANSWER).or_insert(USUAL_LENGTH.into());
    Ok(settings)
}

/// The best of several answers is only known when all are there.
pub(crate) fn takes_the_best(text: &Completion) -> bool {
    text.settings.get("best_of").and_then(Value::as_u64).is_some_and(|it| it > 1)
}
