//! Upstash Vector's REST interface: one index an address.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{MetadataFilter, Result};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Ask, CHAT, Entry, Hit, VectorServer, as_score, id_in, object_in, rest::Rest, text_in, vector_in,
};
use crate::HttpClient;

/// The key of the metadata that holds the text, as `LangChain` calls it.
const TEXT: &str = "_pageContentLC";

/// An index.
pub struct Index {
    rest: Rest,
    origin: String,
    /// A condition in the service's own form, such as `page = 3`.
    filter: Option<String>,
}

impl Index {
    /// The index at `origin`.
    pub fn new(http: Arc<HttpClient>, origin: &str, token: &str, filter: Option<String>) -> Self {
        let rest =
            Rest::new(http, origin, "Upstash Vector").secret("authorization", "Bearer ", token);
        Self { rest, origin: origin.to_owned(), filter }
    }

    fn filter_for(&self, ask: &Ask<'_>) -> Option<String> {
        let mut own: Vec<String> = self.filter.clone().into_iter().collect();
        let of_chat = |chat| format!("{CHAT} = {} OR HAS NOT FIELD {CHAT}", quoted(chat));
        own.extend(ask.chat.map(of_chat));
        super::in_words(own, ask.filter, (" OR ", " AND "), |key, value| match value {
            Value::String(text) => format!("{key} = {}", quoted(text)),
            other => format!("{key} = {other}"),
        })
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The service does not say how switches are written.
fn only_texts_and_numbers(filter: &MetadataFilter) -> bool {
    let fits = |it: &Value| it.is_string() || it.is_number();
    filter.conditions().all(|(_, values)| !values.is_empty() && values.iter().all(fits))
}

#[async_trait]
impl VectorServer for Index {
    fn collection(&self) -> &str {
        &self.origin
    }

    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        let told = self.rest.call(Method::GET, "/info", None).await?;
        Ok(told["result"]["dimension"].as_u64())
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let vectors: Vec<Value> = entries
            .iter()
            .map(|it| {
                let mut metadata = it.metadata.clone();
                metadata.insert(TEXT.to_owned(), it.text.clone().into());
                json!({ "id": it.id, "vector": it.vector, "metadata": metadata })
            })
            .collect();
        self.rest.post("/upsert", &vectors.into()).await.map(drop)
    }

    fn filters(&self, filter: &MetadataFilter) -> bool {
        super::has_plain_keys(filter) && only_texts_and_numbers(filter)
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let mut body = json!({
            "vector": ask.vector,
            "topK": ask.k,
            "includeMetadata": true,
            "includeVectors": ask.with_vectors,
        });
        if let Some(filter) = self.filter_for(ask) {
            body["filter"] = filter.into();
        }
        let mut found = self.rest.post("/query", &body).await?;
        let Value::Array(found) = found["result"].take() else { return Ok(Vec::new()) };
        let hit = |mut it: Value| {
            let mut metadata = object_in(it["metadata"].take());
            Hit {
                id: id_in(&it["id"]),
                text: text_in(metadata.remove(TEXT).unwrap_or_default()),
                metadata,
                score: as_score(it["score"].as_f64().unwrap_or_default()),
                vector: vector_in(&it["vector"]),
            }
        };
        Ok(found.into_iter().map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        let body = json!({ "ids": ids });
        self.rest.call(Method::DELETE, "/delete", Some(&body)).await.map(drop)
    }
}
