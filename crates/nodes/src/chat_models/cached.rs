//! A chat model that answers from a cache what it was asked before.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Cache, ChatModel, ChatReply, ChatRequest, Event, Events, Result};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::CACHE;

/// The model with its cache.
pub(super) struct Cached {
    model: Arc<dyn ChatModel>,
    cache: Arc<dyn Cache>,
    /// What distinguishes this model from another: its vendor, name and filled-in form.
    settings: Value,
}

impl Cached {
    /// `form` is the node's saved form, whose every row can change the answer.
    pub(super) fn new(
        model: Arc<dyn ChatModel>,
        cache: Arc<dyn Cache>,
        form: &Map<String, Value>,
    ) -> Self {
        // Sorted, so that two canvases that save rows in another order share their answers.
        let mut rows: Vec<_> = form.iter().filter(|(row, _)| *row != CACHE.field.name).collect();
        rows.sort_by_key(|(row, _)| *row);
        let settings = json!([model.provider(), model.model(), rows]);
        Self { model, cache, settings }
    }

    fn key(&self, request: &ChatRequest) -> String {
        let mut asked =
            json!([self.settings, request.messages, request.tools, request.schema, request.stop]);
        if let Some(asked) = asked.as_array_mut().filter(|_| !request.hosted.is_empty()) {
            let hosted = request.hosted.iter().map(|it| json!([it.name, it.settings]));
            asked.push(hosted.collect());
        }
        hex::encode(Sha256::digest(asked.to_string()))
    }
}

#[async_trait]
impl ChatModel for Cached {
    fn provider(&self) -> &str {
        self.model.provider()
    }

    fn model(&self) -> &str {
        self.model.model()
    }

    fn takes_images(&self) -> bool {
        self.model.takes_images()
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let key = self.key(request);
        // A cache that fails costs time, never the answer.
        let kept = self.cache.get(&key).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the cache of a chat model could not be read");
            None
        });
        if let Some(reply) = kept.and_then(|it| serde_json::from_str::<ChatReply>(&it).ok()) {
            if !reply.reasoning.is_empty() {
                events.emit(Event::Thinking(reply.reasoning.clone())).await;
            }
            events.token(&reply.text).await;
            // Nothing was spent this time.
            return Ok(ChatReply { usage: None, facts: Map::new(), ..reply });
        }
        let reply = self.model.chat(request, events).await?;
        let text = json!(reply).to_string();
        if let Err(error) = self.cache.put(&key, &text).await {
            tracing::warn!(%error, "the cache of a chat model could not be written");
        }
        Ok(reply)
    }
}
