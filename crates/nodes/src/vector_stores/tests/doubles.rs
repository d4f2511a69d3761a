//! Doubles of vector servers that do not run here, written from the vendors' references.

mod astra;
mod couchbase;
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

pub(super) use astra::astra;
pub(super) use couchbase::couchbase;
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
