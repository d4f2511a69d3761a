//! Doubles of vector servers that do not run here, written from the vendors' references.

mod astra;
mod couchbase;
mod kendra;
mod meilisearch;
mod milvus;
mod pinecone;
mod qdrant;
mod search_engine;
mod supabase;
mod upstash;
mod vectara;
mod weaviate;
mod zep;

use flowstone_testkit::SiteCall;
use serde_json::Value;

pub(super) use astra::astra;
pub(super) use couchbase::couchbase;
pub(super) use kendra::kendra;
pub(super) use meilisearch::meilisearch;
pub(super) use milvus::milvus;
pub(super) use pinecone::pinecone;
pub(super) use qdrant::qdrant;
pub(super) use search_engine::search_engine;
pub(super) use supabase::supabase;
pub(super) use upstash::upstash;
pub(super) use vectara::vectara;
pub(super) use weaviate::weaviate;
pub(super) use zep::zep;

/// Whether a call carries what must be there to be let in.
fn lets_in(call: &SiteCall, header: &str, value: &str) -> bool {
    call.headers.get(header).is_some_and(|it| it == value)
}

/// Whether conditions by `$eq`, `$exists`, `$and` and `$or` hold for a row.
fn operators_hold(filter: &Value, row: &Value) -> bool {
    let Some(conditions) = filter.as_object() else { return true };
    conditions.iter().all(|(key, wanted)| {
        let list = wanted.as_array().map(Vec::as_slice).unwrap_or_default();
        let path = format!("/{}", key.replace('.', "/"));
        let value = row.get(key).or_else(|| row.pointer(&path));
        match key.as_str() {
            "$and" => list.iter().all(|it| operators_hold(it, row)),
            "$or" => list.iter().any(|it| operators_hold(it, row)),
            _ if wanted["$exists"].is_boolean() => wanted["$exists"] == value.is_some(),
            _ => value == Some(wanted.get("$eq").unwrap_or(wanted)),
        }
    })
}
