//! An embedding model that asks only for the vectors nobody keeps yet.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use flowstone_core::{Embeddings, Error, Result};

/// Keeps vectors of texts.
#[async_trait]
pub(super) trait Vectors: Send + Sync {
    /// What is kept for each of `texts`, in order.
    async fn get(&self, texts: &[String]) -> Result<Vec<Option<Vec<f32>>>>;
    /// Keeps vectors of texts.
    async fn put(&self, entries: &[(String, Vec<f32>)]) -> Result<()>;
}

/// The model with its cache. Questions are not kept: models may treat them unlike documents, and
/// they hardly ever come twice.
pub(super) struct CachedEmbeddings<V> {
    pub(super) model: Arc<dyn Embeddings>,
    pub(super) vectors: V,
}

#[async_trait]
impl<V: Vectors> Embeddings for CachedEmbeddings<V> {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        // A cache that fails costs time, never the vectors.
        let kept = self.vectors.get(texts).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the cache of an embedding model could not be read");
            vec![None; texts.len()]
        });
        let mut known: HashMap<&String, Vec<f32>> = HashMap::new();
        let mut missing: Vec<String> = Vec::new();
        for (text, vector) in texts.iter().zip(kept) {
            match vector {
                Some(vector) => {
                    known.insert(text, vector);
                }
                None if missing.contains(text) => {}
                None => missing.push(text.clone()),
            }
        }
        if !missing.is_empty() {
            let made = self.model.embed(&missing).await?;
            let entries: Vec<(String, Vec<f32>)> = missing.into_iter().zip(made).collect();
            if let Err(error) = self.vectors.put(&entries).await {
                tracing::warn!(%error, "the cache of an embedding model could not be written");
            }
            let mut made: HashMap<String, Vec<f32>> = entries.into_iter().collect();
            for text in texts {
                if let Some(vector) = made.remove(text) {
                    known.insert(text, vector);
                }
            }
        }
        let vectors = texts.iter().map(|text| known.get(text).cloned());
        vectors.collect::<Option<_>>().ok_or_else(|| {
            Error::ModelAnswer("the embedding model gave fewer vectors than texts".to_owned())
        })
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        self.model.embed_query(text).await
    }
}
