//! Qdrant's REST interface: collections, and the points in them.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{MetadataFilter, Result};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    Ask, CHAT, Entry, Hit, VectorServer, as_score, id_in, nearness, object_in,
    rest::{Rest, part},
    text_in, vector_in,
};
use crate::HttpClient;

/// A collection of a server.
pub struct Collection {
    rest: Rest,
    name: String,
    path: String,
    /// What it is like, where it is made.
    pub made: Made,
    /// The part of a point that holds the text.
    pub content_key: String,
    /// The part of a point that holds the metadata.
    pub metadata_key: String,
    /// How many points are written at once.
    pub batch: usize,
    /// A condition in Qdrant's own form.
    pub filter: Option<Value>,
}

/// What a collection is like that is made.
pub struct Made {
    /// Length of its vectors.
    pub size: u64,
    /// `Cosine`, `Euclid` or `Dot`.
    pub distance: String,
    /// Further settings.
    pub settings: Map<String, Value>,
}

impl Collection {
    /// The collection `name` of the server at `origin`, which may want a key.
    pub fn new(
        http: Arc<HttpClient>,
        origin: &str,
        key: Option<&str>,
        name: &str,
        made: Made,
    ) -> Self {
        let rest = Rest::new(http, origin, format!("Qdrant, collection \"{name}\""));
        Self {
            rest: match key {
                Some(key) => rest.secret("api-key", "", key),
                None => rest,
            },
            name: name.to_owned(),
            path: format!("/collections/{}", part(name)),
            made,
            content_key: "content".to_owned(),
            metadata_key: "metadata".to_owned(),
            batch: 100,
            filter: None,
        }
    }

    /// The length of its vectors and their distance; `None` where there is no such collection. Of
    /// one with several kinds of vectors the length is not known.
    async fn settings(&self) -> Result<Option<(Option<u64>, String)>> {
        let known = self.rest.unless(&[404], Method::GET, &self.path, None).await?;
        Ok(known.map(|it| {
            let vectors = &it["result"]["config"]["params"]["vectors"];
            let distance = vectors["distance"].as_str().unwrap_or_default().to_owned();
            (vectors["size"].as_u64(), distance)
        }))
    }

    async fn create(&self) -> Result<()> {
        let mut body = self.made.settings.clone();
        let mut vectors = object_in(body.remove("vectors").unwrap_or_default());
        vectors.insert("size".to_owned(), self.made.size.into());
        vectors.insert("distance".to_owned(), self.made.distance.clone().into());
        body.insert("vectors".to_owned(), vectors.into());
        // That another made it meanwhile is no failure.
        let body = Value::Object(body);
        self.rest.unless(&[409], Method::PUT, &self.path, Some(&body)).await.map(drop)
    }

    /// The form's filter and the question's; for a chat also that a point is of this chat or of
    /// none.
    fn filter_for(&self, ask: &Ask<'_>) -> Option<Value> {
        let mut all: Vec<Value> = self.filter.iter().cloned().collect();
        all.extend(ask.chat.map(|chat| {
            let key = format!("{}.{CHAT}", self.metadata_key);
            json!({ "should": [
                { "key": key, "match": { "value": chat } },
                { "is_empty": { "key": key } },
            ]})
        }));
        all.extend(ask.filter.conditions().map(|(key, values)| {
            let key = format!("{}.{key}", self.metadata_key);
            let one = |it: &Value| match it {
                // It matches no numbers with a fraction.
                Value::Number(number) if !number.is_i64() => {
                    json!({ "key": key, "range": { "gte": number, "lte": number } })
                }
                other => json!({ "key": key, "match": { "value": other } }),
            };
            json!({ "should": values.iter().map(one).collect::<Vec<_>>() })
        }));
        if all.len() > 1 { Some(json!({ "must": all })) } else { all.pop() }
    }
}

#[async_trait]
impl VectorServer for Collection {
    fn collection(&self) -> &str {
        &self.name
    }

    fn batch(&self) -> usize {
        self.batch
    }

    async fn make_ready(&self, length: usize) -> Result<Option<u64>> {
        if let Some((size, _)) = self.settings().await? {
            return Ok(size);
        }
        if self.made.size == length as u64 {
            self.create().await?;
        }
        Ok(Some(self.made.size))
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let points: Vec<Value> = entries
            .iter()
            .map(|it| {
                let payload = json!({
                    &self.content_key: it.text,
                    &self.metadata_key: it.metadata,
                });
                json!({ "id": it.id, "vector": it.vector, "payload": payload })
            })
            .collect();
        let path = format!("{}/points?wait=true", self.path);
        self.rest.call(Method::PUT, &path, Some(&json!({ "points": points }))).await.map(drop)
    }

    fn filters(&self, filter: &MetadataFilter) -> bool {
        super::has_values(filter)
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let mut body = json!({
            "vector": ask.vector,
            "limit": ask.k,
            "with_payload": true,
            "with_vector": ask.with_vectors,
        });
        if let Some(filter) = self.filter_for(ask) {
            body["filter"] = filter;
        }
        let path = format!("{}/points/search", self.path);
        let found = self.rest.unless(&[404], Method::POST, &path, Some(&body)).await?;
        let Some(Value::Array(found)) = found.map(|mut it| it["result"].take()) else {
            return Ok(Vec::new());
        };
        // Only of this distance, lower is nearer.
        let by_distance = self.made.distance == "Euclid" && {
            let there = self.settings().await?;
            there.is_some_and(|(_, distance)| distance == "Euclid")
        };
        let hit = |mut found: Value| {
            let mut payload = object_in(found["payload"].take());
            let score = found["score"].as_f64().unwrap_or_default();
            Hit {
                id: id_in(&found["id"]),
                text: text_in(payload.remove(&self.content_key).unwrap_or_default()),
                metadata: object_in(payload.remove(&self.metadata_key).unwrap_or_default()),
                score: if by_distance { nearness(score) } else { as_score(score) },
                vector: vector_in(&found["vector"]),
            }
        };
        Ok(found.into_iter().map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        let path = format!("{}/points/delete?wait=true", self.path);
        let body = json!({ "points": ids });
        self.rest.unless(&[404], Method::POST, &path, Some(&body)).await.map(drop)
    }
}
