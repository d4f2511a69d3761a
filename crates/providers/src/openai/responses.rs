//! A chat model behind OpenAI's responses, the wire on which models tell a summary of their
//! thoughts and have tools of the vendor's own.

mod hosted;
mod request;
mod stream;

use async_trait::async_trait;
use flowstone_core::{ChatModel, ChatReply, ChatRequest, Error, Events, Result};
use serde_json::{Map, Value};

use super::Chat;

/// Longest file that is fetched, in bytes.
const LONGEST_FILE: usize = 64 * 1024 * 1024;
/// Key under which thoughts that only the vendor can read travel with a turn.
const THOUGHTS: &str = "reasoning_items";

/// A chat model that thinks and tells a summary of it.
#[derive(Clone)]
pub struct Responses {
    /// The model as chat completions know it. Of its settings those that this wire has are sent,
    /// under this wire's names.
    pub chat: Chat,
    /// `effort` and `summary`, as they stand. Empty for a model that does not think.
    pub reasoning: Map<String, Value>,
}

impl Responses {
    /// The model behind this wire.
    pub fn new(chat: Chat, reasoning: Map<String, Value>) -> Self {
        Self { chat, reasoning }
    }

    /// Asks the model; gives also what its answer cites, such as the files that it wrote, as it
    /// stands.
    ///
    /// # Errors
    /// As [`ChatModel::chat`].
    pub async fn ask(
        &self,
        request: &ChatRequest,
        events: &Events,
    ) -> Result<(ChatReply, Vec<Value>)> {
        let streams = self.chat.stream && !events.is_silent();
        let body = request::body(self, request, streams)?;
        let response = self.chat.endpoint.post("responses", &body).await?;
        stream::read(response, events, self.chat.endpoint.key()).await
    }

    /// The content of a file that the model wrote in a container.
    ///
    /// # Errors
    /// `Provider` with the vendor's words where there is none, `Transport` where it is too large.
    pub async fn file(&self, container: &str, file: &str) -> Result<Vec<u8>> {
        // Ids come from the model's answer and become parts of a path.
        let fits = |it: u8| it.is_ascii_alphanumeric() || b"_-".contains(&it);
        let is_id = |it: &str| !it.is_empty() && it.bytes().all(fits);
        if !is_id(container) || !is_id(file) {
            return Err(Error::ModelAnswer("the id of a file that is none".to_owned()));
        }
        let path = format!("containers/{container}/files/{file}/content");
        let answer = self.chat.endpoint.get(&path).await?;
        Ok(answer.bytes(LONGEST_FILE).await?.to_vec())
    }
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
        let (mut reply, cited) = self.ask(request, events).await?;
        if !request.hosted.is_empty() {
            hosted::cite(self, cited, &mut reply.hosted).await;
        }
        Ok(reply)
    }
}

#[cfg(test)]
mod tests;
