//! Servers that keep vectors: one shape for all of them, a file for each wire.

pub mod astra;
pub mod chroma;
pub mod couchbase;
mod flat;
pub mod kendra;
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
use flowstone_core::{MetadataFilter, Result, capability::Summary};
use serde_json::{Map, Value, json};

/// Key of the metadata of what came with a chat.
pub const CHAT: &str = "flowise_chatId";

/// Where the services are called that have one address for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorGateways {
    /// Kendra; that of the region where this is empty.
    pub kendra: Option<String>,
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
            kendra: None,
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

    /// Whether [`nearest`](Self::nearest) gives only entries that this filter lets through. Of a
    /// server that cannot judge it more is asked for, and what does not fit is left out here.
    fn filters(&self, _: &MetadataFilter) -> bool {
        false
    }

    /// The entries nearest to what is asked. Nothing where there is no collection yet.
    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>>;

    /// What the service answers by a model of its own from what is nearest, and that. `None` for a
    /// server that has no such model.
    async fn summary(&self, _: &Ask<'_>, _: &Summary) -> Result<Option<(String, Vec<Hit>)>> {
        Ok(None)
    }

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
    /// Only entries that this lets through; asked only of servers that
    /// [can judge](VectorServer::filters) it.
    pub filter: &'a MetadataFilter,
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

/// A filter in the form of conditions by `$eq`, `$or` and `$and`, which several servers have, as all
/// of `own` and of what is asked.
pub(crate) fn by_operators(own: Vec<Value>, filter: &MetadataFilter) -> Option<Value> {
    let asked = filter.conditions().map(|(key, values)| {
        let one = |it: &Value| json!({ key: { "$eq": it } });
        match values {
            [only] => one(only),
            _ => json!({ "$or": values.iter().map(one).collect::<Vec<_>>() }),
        }
    });
    let mut all: Vec<Value> = own.into_iter().chain(asked).collect();
    if all.len() > 1 { Some(json!({ "$and": all })) } else { all.pop() }
}

/// A filter as words: `one` writes that a key has a value, `or` and `and` join.
pub(crate) fn in_words(
    own: Vec<String>,
    filter: &MetadataFilter,
    (or, and): (&str, &str),
    one: impl Fn(&str, &Value) -> String,
) -> Option<String> {
    let asked = filter.conditions().map(|(key, values)| {
        let all: Vec<String> = values.iter().map(|it| one(key, it)).collect();
        all.join(or)
    });
    let mut all: Vec<String> = own.into_iter().chain(asked).collect();
    if all.len() < 2 {
        return all.pop();
    }
    let bracketed: Vec<String> = all.into_iter().map(|it| format!("({it})")).collect();
    Some(bracketed.join(and))
}

/// Whether each condition has a value: servers do not agree on what none would mean.
pub(crate) fn has_values(filter: &MetadataFilter) -> bool {
    filter.conditions().all(|(_, values)| !values.is_empty())
}

/// Whether each key is a plain name, which needs no quotes in a server's own words.
pub(crate) fn has_plain_keys(filter: &MetadataFilter) -> bool {
    filter.conditions().all(|(key, _)| {
        key.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
            && key.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '.')
    })
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
