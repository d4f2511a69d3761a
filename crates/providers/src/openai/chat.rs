//! A chat model behind OpenAI's chat completions.

use std::time::Duration;

use async_trait::async_trait;
use flowstone_core::{ChatModel, ChatReply, ChatRequest, Error, Events, Result};
use serde_json::{Map, Value};

use super::{Dialect, Endpoint, request, stream::Assembly};
use crate::{http::Response, sse::SseParser};

/// Longest answer that is not streamed, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;
/// What a stream ends with.
const DONE: &[u8] = b"[DONE]";
/// How long the end of the connection's body is awaited after the end of the stream. It mostly is
/// there already; with it the connection can serve the next call.
const LAST_BYTES: Duration = Duration::from_millis(20);

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

    async fn read_stream(&self, mut response: Response, events: &Events) -> Result<ChatReply> {
        let (mut parser, mut assembly) = (SseParser::default(), Assembly::default());
        let secret = self.endpoint.key();
        while let Some(bytes) = response.chunk().await? {
            parser.feed(&bytes)?;
            while let Some(data) = parser.next_data() {
                if data == DONE {
                    let _ = tokio::time::timeout(LAST_BYTES, response.chunk()).await;
                    return Ok(assembly.finish());
                }
                assembly.take(data, events, secret).await?;
            }
        }
        if let Some(data) = parser.last_data()
            && data != DONE
        {
            assembly.take(data, events, secret).await?;
        }
        if !assembly.is_finished() {
            let place = response.place();
            return Err(Error::Transport(format!(
                "the answer of {place} ended before it was complete"
            )));
        }
        Ok(assembly.finish())
    }

    async fn read_whole(&self, response: Response, events: &Events) -> Result<ChatReply> {
        let bytes = response.bytes(LONGEST).await?;
        let mut assembly = Assembly::default();
        assembly.take(&bytes, events, self.endpoint.key()).await?;
        Ok(assembly.finish())
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
        let stream = self.stream && !events.is_silent();
        let body = request::body(self, request, stream);
        let response = self.endpoint.post("chat/completions", &body).await?;
        // A server that cannot stream answers whole, whatever it was asked.
        let streams = response.header("content-type").is_some_and(|it| {
            it.trim_start().to_ascii_lowercase().starts_with("text/event-stream")
        });
        if streams {
            self.read_stream(response, events).await
        } else {
            self.read_whole(response, events).await
        }
    }
}

#[cfg(test)]
mod tests;
