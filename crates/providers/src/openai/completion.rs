//! A model that continues a text, behind OpenAI's completions.

use async_trait::async_trait;
use flowstone_core::{ChatModel, ChatReply, ChatRequest, Events, Result};
use serde_json::{Map, Value, json};

use super::{Dialect, Endpoint, request, stream};
use crate::flatten;

/// A text model behind an [`Endpoint`].
#[derive(Clone)]
pub struct Completion {
    /// Where to call.
    pub endpoint: Endpoint,
    /// The vendor's way to speak.
    pub dialect: &'static Dialect,
    /// Name of the model.
    pub model: String,
    /// Further fields of the body, sent as they stand.
    pub settings: Map<String, Value>,
    /// Whether answers are streamed to those who listen.
    pub stream: bool,
}

impl Completion {
    /// A streaming model with no settings, in the dialect that the endpoint's address tells.
    pub fn new(endpoint: Endpoint, model: impl Into<String>) -> Self {
        Self {
            dialect: Dialect::of(&endpoint.base_url),
            endpoint,
            model: model.into(),
            settings: Map::new(),
            stream: true,
        }
    }

    fn body(&self, request: &ChatRequest, stream: bool) -> Result<Map<String, Value>> {
        let mut body = Map::new();
        body.insert("model".to_owned(), self.model.clone().into());
        body.insert("prompt".to_owned(), flatten::prompt(&self.model, request)?.into());
        body.extend(self.settings.clone());
        request::add_stops(&mut body, &request.stop);
        body.insert("stream".to_owned(), stream.into());
        if stream && self.dialect.asks_for_usage {
            body.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
        Ok(body)
    }
}

#[async_trait]
impl ChatModel for Completion {
    fn provider(&self) -> &str {
        self.dialect.provider
    }

    fn model(&self) -> &str {
        &self.model
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let body = self.body(request, self.stream && !events.is_silent())?;
        let response = self.endpoint.post("completions", &body).await?;
        stream::read(response, events, self.endpoint.key(), None).await
    }
}

#[cfg(test)]
mod tests;
