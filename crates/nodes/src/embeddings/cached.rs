//! An embedding model that takes from a cache the vectors it made before.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Cache, Embeddings, Result};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// The model with its cache.
pub(crate) struct CachedEmbeddings {
    model: Arc<dyn Embeddings>,
    cache: Arc<dyn Cache>,
    /// What distinguishes this model from another.
    name: String,
}

impl CachedEmbeddings {
    /// `name` tells this model from all others that share the cache.
    pub(crate) fn new(model: Arc<dyn Embeddings>, cache: Arc<dyn Cache>, name: String) -> Self {
        Self { model, cache, name }
    }

    fn key(&self, text: &str) -> String {
        hex::encode(Sha256::digest(json!(["vector", self.name, text]).to_string()))
    }
}

#[async_trait]
impl Embeddings for CachedEmbeddings {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let mut vectors: Vec<Option<Vec<f32>>> = Vec::with_capacity(texts.len());
        for text in texts {
            let kept = self.cache.get(&self.key(text)).await?;
            // What another version kept in another form is made anew.
            vectors.push(kept.and_then(|it| serde_json::from_str(&it).ok()));
        }
        let missing = texts.iter().zip(&vectors).filter(|(_, vector)| vector.is_none());
        let missing: Vec<String> = missing.map(|(text, _)| text.clone()).collect();
        if !missing.is_empty() {
            let made = self.model.embed(&missing).await?;
            let gaps = vectors.iter_mut().filter(|it| it.is_none());
            for ((text, vector), gap) in missing.iter().zip(made).zip(gaps) {
                self.cache.put(&self.key(text), &json!(vector).to_string()).await?;
                *gap = Some(vector);
            }
        }
        Ok(vectors.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Mutex};

    use flowstone_testkit::{BagOfWords, contract};

    use super::*;

    #[derive(Default)]
    struct Kept(Mutex<HashMap<String, String>>);

    #[async_trait]
    impl Cache for Kept {
        async fn get(&self, key: &str) -> Result<Option<String>> {
            Ok(self.0.lock().unwrap().get(key).cloned())
        }
        async fn put(&self, key: &str, value: &str) -> Result<()> {
            self.0.lock().unwrap().insert(key.to_owned(), value.to_owned());
            Ok(())
        }
    }

    #[tokio::test]
    async fn vectors_are_the_same_from_the_model_and_from_the_cache() {
        let cache = Arc::new(Kept::default());
        let model = CachedEmbeddings::new(Arc::new(BagOfWords), cache.clone(), "a".to_owned());
        contract::embeddings::suite(&model).await;
        let texts = ["one".to_owned(), "two".to_owned(), "one".to_owned()];
        let first = model.embed(&texts).await.unwrap();
        let size = cache.0.lock().unwrap().len();
        assert_eq!(model.embed(&texts).await.unwrap(), first);
        assert_eq!(cache.0.lock().unwrap().len(), size, "nothing was made twice");
        let other = CachedEmbeddings::new(Arc::new(BagOfWords), cache.clone(), "b".to_owned());
        other.embed(&texts).await.unwrap();
        assert_eq!(cache.0.lock().unwrap().len(), size + 2, "models do not share vectors");
    }
}
