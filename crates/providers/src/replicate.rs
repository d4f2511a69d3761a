//! Models that Replicate runs (<https://replicate.com/docs/reference/http>).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flowstone_core::{ChatReply, ChatRequest, Error, Events, Result};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    failure, flatten,
    http::{HttpClient, Request},
};

/// Where the vendor is.
pub const BASE_URL: &str = "https://api.replicate.com/v1";

/// Longest answer, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;
/// How long to wait between two looks at a prediction.
const PAUSE: Duration = Duration::from_millis(500);

/// A model of the vendor.
pub struct Text {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// [`BASE_URL`], or where a gateway takes the calls.
    pub base_url: String,
    /// The token.
    pub key: String,
    /// `owner/name`, or `owner/name:version`.
    pub model: String,
    /// The `input` of each prediction besides the prompt.
    pub input: Map<String, Value>,
}

#[derive(Deserialize)]
struct Prediction {
    id: String,
    status: String,
    #[serde(default)]
    output: Value,
    #[serde(default)]
    error: Value,
}

impl Text {
    fn request(&self, method: Method, path: &str) -> Result<Request<'_>> {
        let address = format!("{}{path}", self.base_url);
        Ok(self.http.request(method, &address)?.bearer(&self.key))
    }

    async fn read(&self, request: Request<'_>) -> Result<Prediction> {
        let answer = request.send().await?;
        let answer = failure::checked(answer, Some(&self.key)).await?;
        answer.json(LONGEST).await
    }

    /// Begins a prediction; the vendor waits a while for its end before it answers.
    async fn begin(&self, input: &Value) -> Result<Prediction> {
        let (name, version) = match self.model.split_once(':') {
            Some((name, version)) => (name, Some(version)),
            None => (self.model.as_str(), None),
        };
        let (path, body) = match version {
            Some(version) => {
                ("/predictions".to_owned(), json!({"version": version, "input": input}))
            }
            None => (format!("/models/{name}/predictions"), json!({ "input": input })),
        };
        let request = self.request(Method::POST, &path)?.header("prefer", "wait");
        self.read(request.json(&body)).await
    }
}

#[async_trait]
impl flowstone_core::ChatModel for Text {
    fn provider(&self) -> &'static str {
        "replicate"
    }

    fn model(&self) -> &str {
        &self.model
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let mut input = self.input.clone();
        let prompt = flatten::prompt(&self.model, request)?;
        input.insert("prompt".to_owned(), prompt.into());
        if !request.stop.is_empty() {
            input.insert("stop_sequences".to_owned(), request.stop.join(",").into());
        }
        let mut prediction = self.begin(&input.into()).await?;
        while matches!(prediction.status.as_str(), "starting" | "processing") {
            tokio::time::sleep(PAUSE).await;
            let path = format!("/predictions/{}", prediction.id);
            prediction = self.read(self.request(Method::GET, &path)?).await?;
        }
        if prediction.status != "succeeded" {
            let said = prediction.error.as_str().unwrap_or("it gave no reason");
            let message = format!("the prediction {}: {said}", prediction.status);
            return Err(Error::Provider { status: 502, message });
        }
        let text = text_of(&prediction.output);
        events.token(&text).await;
        Ok(ChatReply { text, finish_reason: Some("stop".to_owned()), ..ChatReply::default() })
    }
}

/// Models give a text, its pieces, or data.
fn text_of(output: &Value) -> String {
    match output {
        Value::String(text) => text.clone(),
        Value::Array(pieces) if pieces.iter().all(Value::is_string) => {
            pieces.iter().filter_map(Value::as_str).collect()
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
