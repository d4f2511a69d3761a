//! A chat model behind Anthropic's Messages API.

use std::time::Duration;

use async_trait::async_trait;
use flowstone_core::{ChatModel, ChatReply, ChatRequest, Error, Events, Result};
use serde_json::{Map, Value};

use super::{Server, hosted, request, stream::Assembly};
use crate::{http::Response, sse::SseParser};

/// Longest answer that is not streamed, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;
/// How long the end of the connection's body is awaited after the end of the stream; with it the
/// connection can serve the next call.
const LAST_BYTES: Duration = Duration::from_millis(20);

/// Why an answer ends that is to go on.
const PAUSED: &str = "pause_turn";
/// How often an answer may be told to go on.
const MOST_PAUSES: usize = 10;

/// Whether and how long a model thinks before it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Thinking {
    /// As the model does by itself.
    #[default]
    Off,
    /// Up to this many tokens. Models that take no budget choose by themselves.
    Budget(u64),
    /// As long as the model finds right.
    Adaptive {
        /// How much it takes upon itself: `low`, `medium`, `high`, `max`.
        effort: Option<String>,
    },
}

/// A chat model of a [`Server`].
#[derive(Clone)]
pub struct Chat {
    /// Where to call.
    pub server: Server,
    /// Name of the model.
    pub model: String,
    /// Longest answer in tokens, thoughts included; the family's usual length where not said.
    pub max_tokens: Option<u64>,
    /// Whether and how long it thinks.
    pub thinking: Thinking,
    /// `temperature`, `top_p` and `top_k`. They are left out where the model refuses them: while it
    /// thinks, and from version 4.7; a `top_p` stands instead of the temperature.
    pub sampling: Map<String, Value>,
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
            max_tokens: None,
            thinking: Thinking::Off,
            sampling: Map::new(),
            takes_images: false,
            stream: true,
        }
    }

    async fn read_stream(
        &self,
        mut response: Response,
        mut assembly: Assembly,
        events: &Events,
    ) -> Result<ChatReply> {
        let mut parser = SseParser::default();
        let secret = self.server.key();
        while let Some(bytes) = response.chunk().await? {
            parser.feed(&bytes)?;
            while let Some(data) = parser.next_data() {
                assembly.take(data, events, secret).await?;
            }
            if assembly.is_over() {
                let _ = tokio::time::timeout(LAST_BYTES, response.chunk()).await;
                return assembly.finish();
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
        "anthropic"
    }

    fn model(&self) -> &str {
        &self.model
    }

    fn takes_images(&self) -> bool {
        self.takes_images
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let mut reply = self.ask(request, events).await?;
        // Pauses are rare, and a conversation may be long.
        let mut longer = None;
        for _ in 0..MOST_PAUSES {
            if reply.finish_reason.as_deref() != Some(PAUSED) {
                break;
            }
            // The vendor's tools take their time: told what it has said, the model goes on.
            let told = longer.get_or_insert_with(|| request.clone());
            told.messages.push(reply.to_message());
            let more = self.ask(told, events).await?;
            reply = joined(reply, more);
        }
        Ok(reply)
    }
}

/// An answer that was told in two.
fn joined(before: ChatReply, after: ChatReply) -> ChatReply {
    let mut hosted = before.hosted;
    hosted.used.extend(after.hosted.used);
    hosted.files.extend(after.hosted.files);
    let usage = match (before.usage, after.usage) {
        (Some(mut one), Some(other)) => {
            one += other;
            Some(one)
        }
        (one, other) => one.or(other),
    };
    ChatReply {
        text: before.text + &after.text,
        reasoning: before.reasoning + &after.reasoning,
        usage,
        hosted,
        ..after
    }
}

impl Chat {
    async fn ask(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let stream = self.stream && !events.is_silent();
        let asked = request::asked(self, request, stream).await?;
        let trials = hosted::trials(&request.hosted);
        let response = self.server.post("v1/messages", &asked.body, trials.as_deref()).await?;
        let mut assembly = Assembly::new(asked.answer_tool);
        let streams = response.header("content-type").is_some_and(|it| {
            it.trim_start().to_ascii_lowercase().starts_with("text/event-stream")
        });
        if streams {
            return self.read_stream(response, assembly, events).await;
        }
        let place = response.place();
        let bytes = response.bytes(LONGEST).await?;
        assembly.take(&bytes, events, self.server.key()).await?;
        finished(assembly, &place)
    }
}

#[cfg(test)]
mod tests;
