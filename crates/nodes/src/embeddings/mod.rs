//! Nodes that turn text into vectors.

pub(crate) mod google_generative_ai_embeddings;
#[cfg(feature = "local-models")]
pub(crate) mod local_embeddings;
pub(crate) mod openai_embeddings;
