//! Nodes that keep documents by meaning.

pub(crate) mod memory_vector_store;
