//! A chat model behind the Gemini API.

use async_trait::async_trait;
use flowstone_core::{ChatModel, ChatReply, ChatRequest, Error, Events, Result};
use serde_json::{Map, Value};

use super::{Server, request, stream::Assembly};
use crate::{http::Response, sse::SseParser};

/// Longest answer that is not streamed, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// A chat model of a [`Server`].
#[derive(Clone)]
pub struct Chat {
    /// Where to call.
    pub server: Server,
    /// Name of the model.
    pub model: String,
    /// Fields of `generationConfig`, sent as they stand: `temperature`, `maxOutputTokens` and
    /// so on.
    pub generation: Map<String, Value>,
    /// How many tokens it may think, for models before the third generation: 0 not at all, -1 as
    /// long as it finds right.
    pub thinking_budget: Option<Value>,
    /// How much it thinks, for models from the third generation on: `LOW`, `MEDIUM`, `HIGH`.
    pub thinking_level: Option<String>,
    /// `safetySettings`: what is held back, by category.
    pub safety: Vec<Value>,
    /// Whether users may show it pictures.
    pub takes_images: bool,
    /// Whether answers are streamed to those who listen.
    pub stream: bool,
}

impl Chat {
    /// A streaming model with no settings.
    pub fn new(server: Server, model: impl Into<String>) -> Self {
        Self {
            server,
            model: model.into(),
            generation: Map::new(),
            thinking_budget: None,
            thinking_level: None,
            safety: Vec::new(),
            takes_images: false,
            stream: true,
        }
    }

    async fn read_stream(&self, mut response: Response, events: &Events) -> Result<ChatReply> {
        let (mut parser, mut assembly) = (SseParser::default(), Assembly::default());
        let secret = self.server.key();
        // No event marks the end, only the end of the body: the last piece may say no more than
        // what was spent.
        while let Some(bytes) = response.chunk().await? {
            parser.feed(&bytes)?;
            while let Some(data) = parser.next_data() {
                assembly.take(data, events, secret).await?;
            }
        }
        if let Some(data) = parser.last_data() {
            assembly.take(data, events, secret).await?;
        }
        finished(assembly, &response.place())
    }
}

fn finished(assembly: Assembly, place: &str) -> Result<ChatReply> {
    if assembly.is_finished() {
        return assembly.finish();
    }
    Err(Error::Transport(format!("the answer of {place} ended before it was complete")))
}

#[async_trait]
impl ChatModel for Chat {
    fn provider(&self) -> &'static str {
        "gcp.gemini"
    }

    fn model(&self) -> &str {
        &self.model
    }

    fn takes_images(&self) -> bool {
        self.takes_images
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let stream = self.stream && !events.is_silent();
        let body = request::body(self, request).await?;
        let task = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
        let response = self.server.post(&self.model, task, &body).await?;
        let streams = response.header("content-type").is_some_and(|it| {
            it.trim_start().to_ascii_lowercase().starts_with("text/event-stream")
        });
        if streams {
            return self.read_stream(response, events).await;
        }
        let place = response.place();
        let bytes = response.bytes(LONGEST).await?;
        let mut assembly = Assembly::default();
        assembly.take(&bytes, events, self.server.key()).await?;
        finished(assembly, &place)
    }
}

#[cfg(test)]
mod tests;
