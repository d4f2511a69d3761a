//! A chat model behind OpenAI's chat completions.

use async_trait::async_trait;
use flowstone_core::{ChatModel, ChatReply, ChatRequest, Events, Result};
use serde_json::{Map, Value};

use super::{Dialect, Endpoint, Responses, request, stream};

/// A chat model behind an [`Endpoint`].
#[derive(Clone)]
pub struct Chat {
    /// Where to call.
    pub endpoint: Endpoint,
    /// The vendor's way to speak.
    pub dialect: &'static Dialect,
    /// Name of the model.
    pub model: String,
    /// Further fields of the body, sent as they stand. The limit of the answer's length goes under
    /// [`Dialect::max_tokens`].
    pub settings: Map<String, Value>,
    /// Whether the vendor enforces the schemas of tools.
    pub strict_tools: bool,
    /// Whether users may show it pictures.
    pub takes_images: bool,
    /// Whether answers are streamed to those who listen.
    pub stream: bool,
}

impl Chat {
    /// A streaming model with no settings, in the dialect that the endpoint's address tells.
    pub fn new(endpoint: Endpoint, model: impl Into<String>) -> Self {
        Self {
            dialect: Dialect::of(&endpoint.base_url),
            endpoint,
            model: model.into(),
            settings: Map::new(),
            strict_tools: false,
            takes_images: false,
            stream: true,
        }
    }
}

#[async_trait]
impl ChatModel for Chat {
    fn provider(&self) -> &str {
        self.dialect.provider
    }

    fn model(&self) -> &str {
        &self.model
    }

    fn takes_images(&self) -> bool {
        self.takes_images
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        if !request.hosted.is_empty() {
            // Only the other wire has them.
            let model = Responses::new(self.clone(), Map::new());
            return model.chat(request, events).await;
        }
        let stream = self.stream && !events.is_silent();
        let body = request::body(self, request, stream);
        let path = self.dialect.paths[usize::from(stream)];
        let response = self.endpoint.post(path, &body).await?;
        stream::read(response, events, self.endpoint.key(), self.dialect.echo).await
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod troubles;
