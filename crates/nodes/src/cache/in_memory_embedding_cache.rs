//! Keeps the vectors of documents in the memory of the process.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    CachePool, EMBEDDINGS, NAMESPACE,
    cached_embeddings::{CachedEmbeddings, Vectors},
};

static SPEC: Spec = Spec {
    label: "InMemory Embedding Cache",
    name: "inMemoryEmbeddingCache",
    version: 1.0,
    kind: "InMemoryEmbeddingCache",
    icon: "cache.svg",
    category: "Cache",
    description: "Keeps the vectors of documents in memory, so that each text is embedded once",
    base_classes: &["InMemoryEmbeddingCache", "Embeddings"],
    inputs: &[EMBEDDINGS.field, NAMESPACE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct InMemoryEmbeddingCache;

#[async_trait]
impl Node for InMemoryEmbeddingCache {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    /// The vectors outlive the built flow: documents are written by a build of their own.
    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let place = [
            inputs.workspace.clone(),
            inputs.flow_id.clone(),
            inputs.node_id.clone(),
            inputs.get(&NAMESPACE)?.unwrap_or_default(),
        ];
        let vectors = InMemory { pool: inputs.services.get()?, place };
        let model = inputs.get(&EMBEDDINGS)?;
        Ok(Capability::Embeddings(Arc::new(CachedEmbeddings { model, vectors })))
    }
}

struct InMemory {
    pool: Arc<CachePool>,
    /// Workspace, flow, node and namespace: nobody sees another one's vectors.
    place: [String; 4],
}

impl InMemory {
    fn key(&self, text: &str) -> String {
        hex::encode(Sha256::digest(json!([self.place, text]).to_string()))
    }
}

#[async_trait]
impl Vectors for InMemory {
    async fn get(&self, texts: &[String]) -> Result<Vec<Option<Vec<f32>>>> {
        let mut kept = Vec::with_capacity(texts.len());
        for text in texts {
            kept.push(self.pool.vector(&self.key(text)).await);
        }
        Ok(kept)
    }

    async fn put(&self, entries: &[(String, Vec<f32>)]) -> Result<()> {
        for (text, vector) in entries {
            self.pool.keep_vector(self.key(text), vector).await;
        }
        Ok(())
    }
}
