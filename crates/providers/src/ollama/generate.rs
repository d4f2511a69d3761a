//! A model that continues a text, served by Ollama.

use async_trait::async_trait;
use flowstone_core::{ChatModel, ChatReply, ChatRequest, Events, Result};
use serde_json::{Map, Value, json};

use super::{Server, chat};
use crate::flatten;

/// A text model of a [`Server`].
#[derive(Clone)]
pub struct Generate {
    /// Where to call.
    pub server: Server,
    /// Name of the model.
    pub model: String,
    /// Sampling and loading options: `temperature`, `num_ctx`, `stop` and so on.
    pub options: Map<String, Value>,
}

impl Generate {
    fn body(&self, request: &ChatRequest, stream: bool) -> Result<Value> {
        let mut body = json!({
            "model": self.model,
            "prompt": flatten::prompt(&self.model, request)?,
            "stream": stream,
        });
        if let Some(schema) = &request.schema {
            body["format"] = schema.clone();
        }
        let options = chat::with_stops(self.options.clone(), &request.stop);
        if !options.is_empty() {
            body["options"] = options.into();
        }
        Ok(body)
    }
}

#[async_trait]
impl ChatModel for Generate {
    fn provider(&self) -> &'static str {
        "ollama"
    }

    fn model(&self) -> &str {
        &self.model
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let stream = !events.is_silent();
        let body = self.body(request, stream)?;
        let response = self.server.post("api/generate", &body).await?;
        chat::read(response, stream, events).await
    }
}

#[cfg(test)]
mod tests;
