//! An embedding model of Vertex AI, whose wire for vectors differs from the Gemini API's
//! (<https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api>).

use async_trait::async_trait;
use flowstone_core::Result;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Server;
use crate::embedding;

/// Longest answer to one call, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// An embedding model of a [`Server`] of Vertex AI.
#[derive(Clone)]
pub struct VertexEmbeddings {
    /// Where to call.
    pub server: Server,
    /// Name of the model.
    pub model: String,
    /// Turns line feeds into spaces before asking.
    pub strip_new_lines: bool,
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    predictions: Vec<Prediction>,
}

#[derive(Deserialize)]
struct Prediction {
    embeddings: Vector,
}

#[derive(Deserialize)]
struct Vector {
    values: Vec<f32>,
}

impl VertexEmbeddings {
    /// How many texts the model takes in one call; the newer ones take one.
    fn batch(&self) -> usize {
        if self.model.starts_with("gemini") { 1 } else { 5 }
    }

    async fn embed_batch(&self, texts: &[String], task: &str) -> Result<Vec<Vec<f32>>> {
        let instances: Vec<Value> = texts
            .iter()
            .map(|text| {
                let text =
                    if self.strip_new_lines { text.replace('\n', " ") } else { text.clone() };
                json!({"content": text, "task_type": task})
            })
            .collect();
        let body = json!({ "instances": instances });
        let reply: Reply =
            self.server.post(&self.model, "predict", &body).await?.json(LONGEST).await?;
        let vectors = embedding::one_each(reply.predictions, texts)?;
        Ok(vectors.into_iter().map(|it| it.embeddings.values).collect())
    }
}

#[async_trait]
impl flowstone_core::Embeddings for VertexEmbeddings {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let call = |batch| self.embed_batch(batch, "RETRIEVAL_DOCUMENT");
        embedding::in_batches(texts, self.batch(), call).await
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        embedding::only(self.embed_batch(&[text.to_owned()], "RETRIEVAL_QUERY").await?)
    }
}
