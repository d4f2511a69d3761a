//! An embedding model behind the Gemini API.

use async_trait::async_trait;
use flowstone_core::Result;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Server, resource};
use crate::embedding;

/// Longest answer to one call, in bytes.
const LONGEST: usize = 256 * 1024 * 1024;
/// How many texts the wire takes in one call.
const BATCH: usize = 100;

/// An embedding model of a [`Server`].
#[derive(Clone)]
pub struct Embeddings {
    /// Where to call.
    pub server: Server,
    /// Name of the model.
    pub model: String,
    /// What the vectors are for, such as `RETRIEVAL_DOCUMENT`; the model's choice where not said.
    pub task: Option<String>,
    /// Turns line feeds into spaces before asking.
    pub strip_new_lines: bool,
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    embeddings: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    #[serde(default)]
    values: Vec<f32>,
}

impl Embeddings {
    /// A model with no settings.
    pub fn new(server: Server, model: impl Into<String>) -> Self {
        Self { server, model: model.into(), task: None, strip_new_lines: false }
    }

    async fn embed_batch(&self, texts: &[String], task: Option<&str>) -> Result<Vec<Vec<f32>>> {
        let model = resource(&self.model)?;
        let requests = texts.iter().map(|text| {
            let text = if self.strip_new_lines { text.replace('\n', " ") } else { text.clone() };
            let mut request = json!({"model": model, "content": {"parts": [{"text": text}]}});
            if let Some(task) = task {
                request["taskType"] = task.into();
            }
            request
        });
        let body = json!({"requests": requests.collect::<Value>()});
        let response = self.server.post(&self.model, "batchEmbedContents", &body).await?;
        let reply: Reply = response.json(LONGEST).await?;
        let vectors = embedding::one_each(reply.embeddings, texts)?;
        Ok(vectors.into_iter().map(|it| it.values).collect())
    }
}

#[async_trait]
impl flowstone_core::Embeddings for Embeddings {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let task = self.task.as_deref();
        embedding::in_batches(texts, BATCH, |batch| self.embed_batch(batch, task)).await
    }

    /// Documents for retrieval are found by questions, which the model tells apart.
    async fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        let task = self.task.as_deref();
        let task = if task == Some("RETRIEVAL_DOCUMENT") { Some("RETRIEVAL_QUERY") } else { task };
        let vectors = self.embed_batch(&[text.to_owned()], task).await?;
        embedding::only(vectors)
    }
}
