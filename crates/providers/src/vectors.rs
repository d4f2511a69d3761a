//! Servers that keep vectors: one shape for all of them, a file for each wire.

pub mod astra;
pub mod chroma;
pub mod couchbase;
mod flat;
pub mod meilisearch;
pub mod milvus;
pub mod mongodb;
pub mod pinecone;
pub mod qdrant;
pub mod redis;
mod rest;
pub mod search_engine;
pub mod supabase;
pub mod upstash;
pub mod vectara;
pub mod weaviate;
pub mod zep;

use async_trait::async_trait;
use flowstone_core::Result;
use serde_json::{Map, Value};

/// Key of the metadata of what came with a chat.
pub const CHAT: &str = "flowise_chatId";

/// Where the services are called that have one address for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorGateways {
    /// Pinecone's list of indices.
    pub pinecone: String,
    /// Vectara.
    pub vectara: String,
    /// Zep's cloud.
    pub zep: String,
}

impl Default for VectorGateways {
    /// Their own addresses.
    fn default() -> Self {
        Self {
            pinecone: pinecone::ORIGIN.to_owned(),
            vectara: vectara::ORIGIN.to_owned(),
            zep: zep::CLOUD.to_owned(),
        }
    }
}

/// One collection, index, table or namespace of a server.
///
/// Writing the same id again replaces what was written before, so every call may be made twice.
#[async_trait]
pub trait VectorServer: Send + Sync {
    /// Its name: what a record manager keeps its records under.
    fn collection(&self) -> &str;

    /// How many entries are written in one call at most.
    fn batch(&self) -> usize {
        100
    }

    /// What is done before the documents of a form are written: some forms say that everything that
    /// is there goes first.
    async fn begin(&self) -> Result<()> {
        Ok(())
    }

    /// Makes the collection for vectors of `length` numbers, where it is not there yet. Gives the
    /// length that its vectors have; `None` where the server does not tell.
    ///
    /// # Errors
    /// `Provider` where the server refuses, `Transport` where it cannot be reached; as all calls.
    async fn make_ready(&self, length: usize) -> Result<Option<u64>>;

    /// Writes entries; when this is over they can be found.
    async fn write(&self, entries: &[Entry]) -> Result<()>;

    /// The entries nearest to what is asked. Nothing where there is no collection yet.
    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>>;

    /// Removes entries; unknown ids are no error, nor is a collection that is not there.
    async fn delete(&self, ids: &[String]) -> Result<()>;
}

/// What is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its id, usually a UUID.
    pub id: String,
    /// Its text.
    pub text: String,
    /// What is known of it.
    pub metadata: Map<String, Value>,
    /// Where it lies; empty for a server that embeds texts itself.
    pub vector: Vec<f32>,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The question.
    pub text: &'a str,
    /// Where it lies; empty for a server that embeds texts itself.
    pub vector: &'a [f32],
    /// How many are wanted at most.
    pub k: usize,
    /// Only entries of this chat or of none; asked only of servers whose form has that row.
    pub chat: Option<&'a str>,
    /// The vectors of what is found are wanted too, where the server can give them.
    pub with_vectors: bool,
    /// Asked of servers that embed texts themselves: what is found shall not repeat itself; from 0,
    /// as different as can be, to 1, as near as can be.
    pub diverse: Option<f32>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// What is known of it.
    pub metadata: Map<String, Value>,
    /// How near it is: higher is nearer, whatever the server counts.
    pub score: f32,
    /// Where it lies, if that was asked for and told.
    pub vector: Option<Vec<f32>>,
}

/// The nearness that a distance stands for: from 1, the same, down to 0.
pub(crate) fn nearness(distance: f64) -> f32 {
    as_score(1.0 / (1.0 + distance.max(0.0)))
}

#[expect(clippy::cast_possible_truncation, reason = "scores need no more than six digits")]
pub(crate) fn as_score(number: f64) -> f32 {
    number as f32
}

/// Reads a vector of JSON numbers.
pub(crate) fn vector_in(value: &Value) -> Option<Vec<f32>> {
    value.as_array()?.iter().map(|it| it.as_f64().map(as_score)).collect()
}

/// A text or a number as text, as ids are.
pub(crate) fn id_in(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// An object as it is, and anything else as an empty one.
pub(crate) fn object_in(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A text as it is, nothing as an empty one, and anything else as JSON.
pub(crate) fn text_in(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
