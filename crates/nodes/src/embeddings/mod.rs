//! Nodes that turn text into vectors.

#[cfg(feature = "local-models")]
pub(crate) mod local_embeddings;
pub(crate) mod openai_embeddings;
