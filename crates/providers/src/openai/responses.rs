//! A chat model behind OpenAI's responses, the wire on which models tell a summary of their
//! thoughts.

mod request;
mod stream;

use async_trait::async_trait;
use flowstone_core::{ChatModel, ChatReply, ChatRequest, Events, Result};
use serde_json::{Map, Value};

use super::Chat;

/// Key under which thoughts that only the vendor can read travel with a turn.
const THOUGHTS: &str = "reasoning_items";

/// A chat model that thinks and tells a summary of it.
#[derive(Clone)]
pub struct Responses {
    /// The model as chat completions know it. Of its settings those that this wire has are sent,
    /// under this wire's names.
    pub chat: Chat,
    /// `effort` and `summary`, as they stand.
    pub reasoning: Map<String, Value>,
}

#[async_trait]
impl ChatModel for Responses {
    fn provider(&self) -> &str {
        self.chat.provider()
    }

    fn model(&self) -> &str {
        self.chat.model()
    }

    fn takes_images(&self) -> bool {
        self.chat.takes_images
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let streams = self.chat.stream && !events.is_silent();
        let body = request::body(self, request, streams)?;
        let response = self.chat.endpoint.post("responses", &body).await?;
        stream::read(response, events, self.chat.endpoint.key()).await
    }
}

#[cfg(test)]
mod tests;
