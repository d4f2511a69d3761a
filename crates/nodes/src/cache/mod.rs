//! Nodes that keep what models answered, for when it is asked again.

mod cached_embeddings;
pub(crate) mod in_memory_cache;
pub(crate) mod in_memory_embedding_cache;
pub(crate) mod momento_cache;
mod pool;
pub(crate) mod redis_cache;
pub(crate) mod redis_embeddings_cache;
pub(crate) mod upstash_redis_cache;

use std::sync::Arc;

use flowstone_core::{Embeddings, Input};

pub use pool::CachePool;

/// The model whose vectors are kept.
pub(crate) const EMBEDDINGS: Input<Arc<dyn Embeddings>> =
    Input::socket("Embeddings", "embeddings", "Embeddings");

/// Keeps the vectors of two models apart.
pub(crate) const NAMESPACE: Input<Option<String>> = Input::text("Namespace", "namespace")
    .describe("Choose another one for each embedding model: their vectors must not be mixed")
    .optional()
    .additional();

#[cfg(test)]
mod tests;
