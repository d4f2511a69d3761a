//! Redis with its search module: hashes that an index finds by their vectors, laid out as
//! `LangChain` does.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Error, Result};
use redis::{Pipeline, Value as Answer};
use serde_json::Value;

use super::{Ask, Entry, Hit, VectorServer, as_score, nearness, object_in};
use crate::redis::RedisClient;

/// An index of a Redis.
pub struct Index {
    /// The Redis.
    pub client: Arc<RedisClient>,
    /// Name of the index; keys begin with `doc:NAME:`.
    pub name: String,
    /// Field of a hash that holds the text.
    pub content_key: String,
    /// Field that holds the metadata as JSON.
    pub metadata_key: String,
    /// Field that holds the vector as 32-bit numbers.
    pub vector_key: String,
    /// Everything in the index goes before the documents of a form are written.
    pub replaces: bool,
}

/// What the server knows of an index.
struct Known {
    length: Option<u64>,
    metric: String,
}

impl Index {
    fn key(&self, id: &str) -> String {
        format!("doc:{}:{id}", self.name)
    }

    async fn is_there(&self) -> Result<bool> {
        let mut pipeline = Pipeline::new();
        pipeline.cmd("FT._LIST");
        let names: Result<(Vec<String>,)> = self.client.ask(&pipeline).await;
        match names {
            Ok((names,)) => Ok(names.contains(&self.name)),
            Err(Error::Transport(said)) if said.contains("refuses the command") => {
                Err(Error::Unsupported(
                    "this Redis cannot search: its search module is missing. Redis Stack has it, \
                     and Redis 8"
                        .to_owned(),
                ))
            }
            Err(error) => Err(error),
        }
    }

    async fn known(&self) -> Result<Option<Known>> {
        if !self.is_there().await? {
            return Ok(None);
        }
        let mut pipeline = Pipeline::new();
        pipeline.cmd("FT.INFO").arg(&self.name);
        let (told,): (Answer,) = self.client.ask(&pipeline).await?;
        let length = value_after(&told, "dim").and_then(|it| text(&it).parse().ok());
        let metric = value_after(&told, "distance_metric").map(|it| text(&it)).unwrap_or_default();
        Ok(Some(Known { length, metric }))
    }
}

#[async_trait]
impl VectorServer for Index {
    fn collection(&self) -> &str {
        &self.name
    }

    async fn begin(&self) -> Result<()> {
        if !self.replaces || !self.is_there().await? {
            return Ok(());
        }
        let mut pipeline = Pipeline::new();
        pipeline.cmd("FT.DROPINDEX").arg(&self.name).arg("DD").ignore();
        self.client.ask(&pipeline).await
    }

    async fn make_ready(&self, length: usize) -> Result<Option<u64>> {
        if let Some(known) = self.known().await? {
            return Ok(known.length);
        }
        let mut pipeline = Pipeline::new();
        let command = pipeline.cmd("FT.CREATE").arg(&self.name);
        command.arg("ON").arg("HASH").arg("PREFIX").arg(1).arg(self.key("")).arg("SCHEMA");
        command.arg(&self.content_key).arg("TEXT").arg(&self.metadata_key).arg("TEXT");
        command.arg(&self.vector_key).arg("VECTOR").arg("HNSW").arg(6);
        command.arg("TYPE").arg("FLOAT32").arg("DIM").arg(length);
        command.arg("DISTANCE_METRIC").arg("COSINE").ignore();
        self.client.ask::<()>(&pipeline).await?;
        Ok(Some(length as u64))
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let mut pipeline = Pipeline::new();
        for it in entries {
            let command = pipeline.cmd("HSET").arg(self.key(&it.id));
            command.arg(&self.vector_key).arg(bytes(&it.vector));
            command.arg(&self.content_key).arg(&it.text);
            let metadata = Value::Object(it.metadata.clone()).to_string();
            command.arg(&self.metadata_key).arg(metadata).ignore();
        }
        self.client.ask(&pipeline).await
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let Some(known) = self.known().await? else { return Ok(Vec::new()) };
        if let Some(length) = known.length.filter(|it| *it != ask.vector.len() as u64) {
            return Err(Error::Unsupported(format!(
                "the embedding model makes vectors of {} numbers, the index \"{}\" is for {length}",
                ask.vector.len(),
                self.name
            )));
        }
        let query = format!("*=>[KNN {} @{} $vector AS vector_score]", ask.k, self.vector_key);
        let mut fields = vec!["vector_score", &self.content_key, &self.metadata_key];
        if ask.with_vectors {
            fields.push(&self.vector_key);
        }
        let mut pipeline = Pipeline::new();
        let command = pipeline.cmd("FT.SEARCH").arg(&self.name).arg(query);
        command.arg("PARAMS").arg(2).arg("vector").arg(bytes(ask.vector));
        command.arg("SORTBY").arg("vector_score").arg("ASC");
        command.arg("RETURN").arg(fields.len()).arg(&fields);
        command.arg("LIMIT").arg(0).arg(ask.k).arg("DIALECT").arg(2);
        let (told,): (Answer,) = self.client.ask(&pipeline).await?;
        let Answer::Array(told) = told else { return Ok(Vec::new()) };
        // The first is how many there are; then a key and its fields, each in turn.
        let pairs = told.get(1..).unwrap_or_default().chunks_exact(2);
        let hit = |pair: &[Answer]| {
            let field = |name: &str| value_after(&pair[1], name);
            let text_of = |name: &str| field(name).map(|it| text(&it)).unwrap_or_default();
            let distance = text_of("vector_score").parse().unwrap_or_default();
            let key = text(&pair[0]);
            Hit {
                id: key.strip_prefix(&self.key("")).unwrap_or(&key).to_owned(),
                text: text_of(&self.content_key),
                metadata: object_in(metadata(&text_of(&self.metadata_key))),
                score: match known.metric.as_str() {
                    "L2" => nearness(distance),
                    _ => as_score(1.0 - distance),
                },
                vector: match field(&self.vector_key) {
                    Some(Answer::BulkString(bytes)) if ask.with_vectors => Some(numbers(&bytes)),
                    _ => None,
                },
            }
        };
        Ok(pairs.map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        let mut pipeline = Pipeline::new();
        for id in ids {
            pipeline.cmd("DEL").arg(self.key(id)).ignore();
        }
        self.client.ask(&pipeline).await
    }
}

fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|it| it.to_le_bytes()).collect()
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    let (numbers, _) = bytes.as_chunks::<4>();
    numbers.iter().map(|it| f32::from_le_bytes(*it)).collect()
}

/// Flowise escapes the marks of JSON that the search module reads as its own.
fn metadata(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| {
        let plain = text.replace("\\-", "-").replace("\\:", ":").replace("\\\"", "\"");
        serde_json::from_str(&plain).unwrap_or_default()
    })
}

fn text(value: &Answer) -> String {
    match value {
        Answer::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Answer::SimpleString(text) => text.clone(),
        Answer::Int(number) => number.to_string(),
        Answer::Double(number) => number.to_string(),
        _ => String::new(),
    }
}

/// What follows the word `name` in a list, at whatever depth it stands.
fn value_after(value: &Answer, name: &str) -> Option<Answer> {
    let Answer::Array(list) = value else { return None };
    let at = list
        .iter()
        .position(|it| !matches!(it, Answer::Array(_)) && text(it).eq_ignore_ascii_case(name));
    if let Some(found) = at.and_then(|at| list.get(at + 1)) {
        return Some(found.clone());
    }
    list.iter().find_map(|it| value_after(it, name))
}
