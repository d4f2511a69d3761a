//! IBM's watsonx.ai (<https://cloud.ibm.com/apidocs/watsonx-ai>): who calls it, texts and vectors.
//! Its chats are nearly OpenAI's wire and are spoken there.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flowstone_core::{ChatReply, ChatRequest, Error, Events, Result, Usage};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::{
    embedding, failure, flatten,
    http::{HttpClient, Response, Retry},
    tokens::{Issuer, Tokens},
};

/// Where IBM gives tokens for keys.
pub const IAM: &str = "https://iam.cloud.ibm.com/identity/token";

/// Longest answer, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;
/// Texts in one call for vectors.
const BATCH: usize = 100;

/// A key of IBM's Identity and Access Management.
pub struct IamKey {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// [`IAM`].
    pub address: String,
    /// The key.
    pub key: String,
}

#[derive(Deserialize)]
struct Issued {
    access_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

#[async_trait]
impl Issuer for IamKey {
    async fn issue(&self) -> Result<(String, Duration)> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "urn:ibm:params:oauth:grant-type:apikey")
            .append_pair("apikey", &self.key)
            .finish();
        let request = self.http.post(&self.address)?.body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.header("accept", "application/json").send().await?;
        let answer = failure::checked(answer, Some(&self.key)).await?;
        let issued: Issued = answer.json(LONGEST).await?;
        Ok((issued.access_token, Duration::from_secs(issued.expires_in.unwrap_or(3600))))
    }
}

/// A token that someone else cares for.
pub struct GivenToken(pub String);

#[async_trait]
impl Issuer for GivenToken {
    async fn issue(&self) -> Result<(String, Duration)> {
        Ok((self.0.clone(), Duration::from_hours(1)))
    }
}

/// A project on a server of watsonx.ai.
#[derive(Clone)]
pub struct Project {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// The server, such as `https://eu-de.ml.cloud.ibm.com`.
    pub server: String,
    /// The version of the interface: a date.
    pub version: String,
    /// The project's id.
    pub id: String,
    /// Who calls.
    pub tokens: Arc<Tokens>,
}

impl Project {
    async fn post(&self, path: &str, body: &Value) -> Result<Response> {
        let address = format!("{}/ml/v1/{path}", self.server.trim().trim_end_matches('/'));
        let token = self.tokens.token().await?;
        let request = self.http.post(&address)?.query("version", &self.version).bearer(&token);
        let answer = request.json(body).retry(Retry::Always).send().await?;
        failure::checked(answer, Some(&token)).await
    }
}

/// A model that goes on from a text.
pub struct Text {
    /// Where it runs.
    pub project: Project,
    /// Its name.
    pub model: String,
    /// The `parameters` of each call.
    pub parameters: Map<String, Value>,
}

#[derive(Deserialize)]
struct Generated {
    results: Vec<Piece>,
}

#[derive(Deserialize)]
struct Piece {
    generated_text: String,
    #[serde(default)]
    generated_token_count: u64,
    #[serde(default)]
    input_token_count: u64,
    #[serde(default)]
    stop_reason: Option<String>,
}

#[async_trait]
impl flowstone_core::ChatModel for Text {
    fn provider(&self) -> &'static str {
        "ibm.watsonx.ai"
    }

    fn model(&self) -> &str {
        &self.model
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let prompt = flatten::prompt(&self.model, request)?;
        let mut parameters = self.parameters.clone();
        if !request.stop.is_empty() {
            parameters.insert("stop_sequences".to_owned(), json!(request.stop));
        }
        let body = json!({
            "model_id": self.model, "project_id": self.project.id, "input": prompt,
            "parameters": parameters,
        });
        let answer = self.project.post("text/generation", &body).await?;
        let piece = answer.json::<Generated>(LONGEST).await?.results.into_iter().next();
        let piece = piece.ok_or_else(|| Error::ModelAnswer("the model gave no text".to_owned()))?;
        events.token(&piece.generated_text).await;
        let length = piece.stop_reason.as_deref() == Some("max_tokens");
        Ok(ChatReply {
            text: piece.generated_text,
            finish_reason: Some(if length { "length" } else { "stop" }.to_owned()),
            usage: Some(Usage {
                input_tokens: piece.input_token_count,
                output_tokens: piece.generated_token_count,
                ..Usage::default()
            }),
            ..ChatReply::default()
        })
    }
}

/// A model that gives vectors.
pub struct Embeddings {
    /// Where it runs.
    pub project: Project,
    /// Its name.
    pub model: String,
    /// Longer texts are cut to so many tokens, where said.
    pub truncate: Option<u64>,
}

#[derive(Deserialize)]
struct Vectors {
    results: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    embedding: Vec<f32>,
}

#[async_trait]
impl flowstone_core::Embeddings for Embeddings {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let mut all = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            let mut body = json!({
                "model_id": self.model, "project_id": self.project.id, "inputs": batch,
            });
            if let Some(tokens) = self.truncate {
                body["parameters"] = json!({ "truncate_input_tokens": tokens });
            }
            let answer = self.project.post("text/embeddings", &body).await?;
            let vectors = answer.json::<Vectors>(LONGEST).await?.results;
            let vectors = embedding::one_each(vectors, batch)?;
            all.extend(vectors.into_iter().map(|it| it.embedding));
        }
        Ok(all)
    }
}
