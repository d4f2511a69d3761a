//! Nodes that keep documents by meaning.

#[cfg(feature = "sql")]
pub(crate) mod built_in_vector_store;
pub(crate) mod document_store_vs;
pub(crate) mod memory_vector_store;
pub(crate) mod qdrant;
mod upserting;
