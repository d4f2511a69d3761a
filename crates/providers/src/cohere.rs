//! Cohere's own embeddings (<https://docs.cohere.com/v2/reference/embed>); its chat models are
//! reached by its OpenAI-compatible interface.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::Result;
use serde::Deserialize;
use serde_json::json;

use crate::{
    embedding, failure,
    http::{HttpClient, Retry},
};

/// The whole address of the call.
pub const ADDRESS: &str = "https://api.cohere.com/v2/embed";

/// Most texts that the vendor takes in one call.
const BATCH: usize = 96;
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
        let answer = failure::checked(answer, Some(&self.key)).await?;
        embedding::one_each(answer.json::<Answer>(LONGEST).await?.embeddings.float, texts)
    }
}

#[async_trait]
impl flowstone_core::Embeddings for Embeddings {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        embedding::in_batches(texts, BATCH, |batch| self.batch(batch, &self.input_type)).await
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        let input_type =
            if self.input_type == "search_document" { "search_query" } else { &self.input_type };
        embedding::only(self.batch(&[text.to_owned()], input_type).await?)
    }
}
