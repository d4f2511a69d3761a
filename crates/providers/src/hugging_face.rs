//! Hugging Face's inference by task (<https://huggingface.co/docs/inference-providers>): text that
//! goes on from a prompt, and vectors. The same bodies are taken by servers of one's own, such as
//! Text Generation Inference and Text Embeddings Inference.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{ChatReply, ChatRequest, Error, Events, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    embedding, failure, flatten,
    http::{HttpClient, Response, Retry},
};

/// Where the vendor serves models.
pub const BASE_URL: &str = "https://router.huggingface.co/hf-inference/models";

/// Longest answer to one call, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;
/// Texts in one call for vectors.
const BATCH: usize = 32;

/// A model at the vendor or on a server of one's own.
#[derive(Clone)]
pub struct Model {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// The whole address of the call.
    pub address: String,
    /// Sent as a bearer token.
    pub key: String,
    /// What traces call it.
    pub name: String,
}

impl Model {
    async fn post(&self, body: &Value) -> Result<Response> {
        let request = self.http.post(&self.address)?.bearer(&self.key).retry(Retry::Always);
        let answer = request.json(body).send().await?;
        failure::checked(answer, Some(&self.key)).await
    }
}

/// A model that goes on from a text.
pub struct Text {
    /// The model.
    pub model: Model,
    /// The `parameters` of each call.
    pub parameters: Map<String, Value>,
}

#[derive(Deserialize)]
struct Generated {
    generated_text: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    Many(Vec<Generated>),
    One(Generated),
}

#[async_trait]
impl flowstone_core::ChatModel for Text {
    fn provider(&self) -> &'static str {
        "hugging_face"
    }

    fn model(&self) -> &str {
        &self.model.name
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let mut parameters = self.parameters.clone();
        parameters.insert("return_full_text".to_owned(), false.into());
        if !request.stop.is_empty() {
            parameters.insert("stop".to_owned(), json!(request.stop));
        }
        let body = json!({"inputs": flatten::prompt(&self.model.name, request)?, "parameters": parameters});
        let text = match self.model.post(&body).await?.json::<Texts>(LONGEST).await? {
            Texts::One(one) => one.generated_text,
            Texts::Many(many) => many
                .into_iter()
                .map(|it| it.generated_text)
                .next()
                .ok_or_else(|| Error::ModelAnswer("the model gave no text".to_owned()))?,
        };
        events.token(&text).await;
        Ok(ChatReply { text, finish_reason: Some("stop".to_owned()), ..ChatReply::default() })
    }
}

/// A model that gives vectors.
pub struct Embeddings(pub Model);

#[async_trait]
impl flowstone_core::Embeddings for Embeddings {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let mut all = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            // Line breaks make the vectors of many of these models worse.
            let inputs: Vec<String> = batch.iter().map(|it| it.replace('\n', " ")).collect();
            let answer = self.0.post(&json!({ "inputs": inputs })).await?;
            let vectors: Vec<Vec<f32>> = answer.json(LONGEST).await.map_err(|error| {
                Error::ModelAnswer(format!("the model gave no vectors for whole texts: {error}"))
            })?;
            all.extend(embedding::one_each(vectors, batch)?);
        }
        Ok(all)
    }
}
