//! A chat node that is nothing but a form over OpenAI's wire.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, node::Entry};
use flowstone_providers::openai::{Chat, Dialect};
use serde_json::{Map, Value};

use super::{Address, Key, Number, SAMPLING, STOP, endpoint, numbers, shows};
use crate::{
    chat_models::{self, ALLOW_IMAGES, STREAMING},
    models::{self, Kind},
};

/// A chat node of a vendor that speaks OpenAI's wire.
pub(crate) struct ChatForm {
    /// What the canvas shows.
    pub(crate) spec: &'static Spec,
    /// The vendor's way to speak.
    pub(crate) dialect: &'static Dialect,
    /// Where the credential holds the key.
    pub(crate) key: Option<Key>,
    /// The row of the model's name.
    pub(crate) model: Input<String>,
    /// Where the server is.
    pub(crate) address: Address,
    /// Rows that are sent as numbers, where the form shows them.
    pub(crate) numbers: &'static [Number],
    /// The row of texts that end an answer, where the form shows it.
    pub(crate) stop: Input<Option<String>>,
    /// What the other fields cannot say.
    pub(crate) adjust: fn(&Inputs, &mut Chat) -> Result<()>,
}

impl ChatForm {
    /// A form at the vendor's public address with the usual rows.
    pub(crate) const fn new(
        spec: &'static Spec,
        dialect: &'static Dialect,
        key: Option<Key>,
        model: Input<String>,
    ) -> Self {
        Self {
            spec,
            dialect,
            key,
            model,
            address: Address::Vendor,
            numbers: SAMPLING,
            stop: STOP,
            adjust: |_, _| Ok(()),
        }
    }

    /// The model that a filled-in form stands for.
    pub(crate) fn chat(&self, inputs: &Inputs) -> Result<Chat> {
        let endpoint = endpoint(inputs, self.spec, self.dialect, self.key, self.address)?;
        let mut chat = Chat::new(endpoint, inputs.get(&self.model)?);
        if !matches!(self.address, Address::Anyone(_)) {
            chat.dialect = self.dialect;
        }
        chat.settings = numbers(inputs, self.spec, self.numbers, chat.dialect.max_tokens)?;
        if shows(self.spec, &self.stop.field) {
            let stop = chat_models::stop_sequences(inputs, &self.stop)?;
            if !stop.is_empty() {
                chat.settings.insert("stop".to_owned(), stop.into());
            }
        }
        chat.takes_images = shows(self.spec, &ALLOW_IMAGES.field) && inputs.get(&ALLOW_IMAGES)?;
        chat.stream = !shows(self.spec, &STREAMING.field) || inputs.get(&STREAMING)?;
        (self.adjust)(inputs, &mut chat)?;
        Ok(chat)
    }
}

#[async_trait]
impl Node for ChatForm {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        chat_models::finish(inputs, self.chat(inputs)?)
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, self.spec.name, method)
    }

    fn streams(&self, values: &Map<String, Value>) -> bool {
        !shows(self.spec, &STREAMING.field) || chat_models::streams(values)
    }
}
