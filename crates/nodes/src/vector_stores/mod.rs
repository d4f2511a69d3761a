//! Nodes that keep documents by meaning.

pub(crate) mod astra;
#[cfg(feature = "sql")]
pub(crate) mod built_in_vector_store;
pub(crate) mod chroma;
pub(crate) mod couchbase;
mod diverse;
pub(crate) mod document_store_vs;
pub(crate) mod elasticsearch;
pub(crate) mod faiss;
pub(crate) mod kendra;
pub(crate) mod meilisearch;
pub(crate) mod memory_vector_store;
pub(crate) mod milvus;
pub(crate) mod mongodb_atlas;
pub(crate) mod open_search;
pub(crate) mod pinecone;
pub(crate) mod pinecone_llama_index;
#[cfg(feature = "sql")]
pub(crate) mod postgres;
pub(crate) mod qdrant;
pub(crate) mod redis;
mod shelved;
pub(crate) mod simple_store_llama_index;
#[cfg(feature = "sql")]
pub(crate) mod singlestore;
mod stored;
pub(crate) mod supabase;
#[cfg(test)]
pub(crate) mod tests;
mod upserting;
pub(crate) mod upstash;
pub(crate) mod vectara;
pub(crate) mod vectara_upload;
pub(crate) mod weaviate;
pub(crate) mod zep;
pub(crate) mod zep_cloud;
