//! An embedding model served by Ollama.

use async_trait::async_trait;
use flowstone_core::Result;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Server;
use crate::embedding;

/// Longest answer to one call, in bytes.
const LONGEST: usize = 256 * 1024 * 1024;
/// How many texts go into one call.
const BATCH: usize = 128;

/// An embedding model of a [`Server`].
#[derive(Clone)]
pub struct Embeddings {
    /// Where to call.
    pub server: Server,
    /// Name of the model.
    pub model: String,
    /// Loading options, such as `num_gpu` and `num_thread`.
    pub options: Map<String, Value>,
}

#[derive(Deserialize)]
struct Reply {
    embeddings: Vec<Vec<f32>>,
}

#[async_trait]
impl flowstone_core::Embeddings for Embeddings {
    /// The server works through its calls one by one, so they are made one by one.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            let mut body = json!({"model": self.model, "input": batch});
            if !self.options.is_empty() {
                body["options"] = self.options.clone().into();
            }
            let reply: Reply = self.server.post("api/embed", &body).await?.json(LONGEST).await?;
            vectors.extend(embedding::one_each(reply.embeddings, batch)?);
        }
        Ok(vectors)
    }
}
