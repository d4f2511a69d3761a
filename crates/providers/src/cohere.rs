//! Cohere's own embeddings (<https://docs.cohere.com/v2/reference/embed>); its chat models are
//! reached by its OpenAI-compatible interface.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Error, Result};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::json;

use crate::{
    failure,
    http::{HttpClient, Retry},
};

/// The whole address of the call.
pub const ADDRESS: &str = "https://api.cohere.com/v2/embed";

/// Most texts that the vendor takes in one call.
const BATCH: usize = 96;
/// How many calls are made at once.
const AT_ONCE: usize = 4;
/// Longest answer to one call, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// An embedding model of Cohere.
pub struct Embeddings {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// [`ADDRESS`], or where a gateway takes the call.
    pub address: String,
    /// The key.
    pub key: String,
    /// The model's name.
    pub model: String,
    /// What documents are embedded as, such as `search_document`. Questions are embedded as
    /// `search_query` where documents are `search_document`, and like them otherwise.
    pub input_type: String,
}

#[derive(Deserialize)]
struct Answer {
    embeddings: Numbers,
}

#[derive(Deserialize)]
struct Numbers {
    float: Vec<Vec<f32>>,
}

impl Embeddings {
    async fn batch(&self, texts: &[String], input_type: &str) -> Result<Vec<Vec<f32>>> {
        let body = json!({
            "model": self.model, "texts": texts, "input_type": input_type,
            "embedding_types": ["float"],
        });
        let request = self.http.post(&self.address)?.bearer(&self.key).retry(Retry::Always);
        let answer = request.json(&body).send().await?;
        if !answer.status().is_success() {
            return Err(failure::of_response(answer, Some(&self.key)).await);
        }
        let vectors = answer.json::<Answer>(LONGEST).await?.embeddings.float;
        if vectors.len() != texts.len() {
            return Err(Error::ModelAnswer(format!(
                "the embedding model gave {} vectors for {} texts",
                vectors.len(),
                texts.len()
            )));
        }
        Ok(vectors)
    }
}

#[async_trait]
impl flowstone_core::Embeddings for Embeddings {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let calls: Vec<_> =
            texts.chunks(BATCH).map(|batch| self.batch(batch, &self.input_type)).collect();
        let vectors: Vec<_> = stream::iter(calls).buffered(AT_ONCE).try_collect().await?;
        Ok(vectors.into_iter().flatten().collect())
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        let input_type =
            if self.input_type == "search_document" { "search_query" } else { &self.input_type };
        let vectors = self.batch(&[text.to_owned()], input_type).await?;
        vectors
            .into_iter()
            .next()
            .ok_or_else(|| Error::ModelAnswer("the embedding model gave no vector".to_owned()))
    }
}
