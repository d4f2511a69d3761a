//! Ollama's own wire: chat and text as JSON lines, embeddings, the list of models.

mod chat;
mod embeddings;
mod generate;

use std::{sync::Arc, time::Duration};

use flowstone_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::{
    failure,
    http::{HttpClient, Request, Response, Retry},
};

pub use chat::Chat;
pub use embeddings::Embeddings;
pub use generate::Generate;

/// Longest list of models that is read, in bytes.
const LONGEST_LIST: usize = 8 * 1024 * 1024;

/// An Ollama server, and how to call it.
#[derive(Clone)]
pub struct Server {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// Its address, such as `http://localhost:11434`.
    pub base_url: String,
    /// Sent with every call, for servers behind a gate.
    pub headers: Vec<(String, String)>,
    /// How long a try may take until the head of the answer is there.
    pub timeout: Option<Duration>,
}

#[derive(Deserialize)]
struct Tags {
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

impl Server {
    /// Calls `base_url` and sends nothing else along.
    pub fn new(http: Arc<HttpClient>, base_url: impl Into<String>) -> Self {
        Self { http, base_url: base_url.into(), headers: Vec::new(), timeout: None }
    }

    /// Names of the models on the server, sorted.
    ///
    /// # Errors
    /// `Provider` where it refuses, `Transport` where it cannot be reached.
    pub async fn models(&self) -> Result<Vec<String>> {
        let request = self.http.get(&self.url("api/tags"))?;
        let tags: Tags = self.send(request).await?.json(LONGEST_LIST).await?;
        let mut names: Vec<_> = tags.models.into_iter().map(|it| it.name).collect();
        names.sort();
        Ok(names)
    }

    async fn post(&self, path: &str, body: &impl Serialize) -> Result<Response> {
        let request = self.http.post(&self.url(path))?.json(body).retry(Retry::Always);
        self.send(request).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base_url.trim().trim_end_matches('/'))
    }

    async fn send(&self, mut request: Request<'_>) -> Result<Response> {
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = request.timeout(self.timeout).send().await.map_err(|error| match error {
            Error::Transport(said) if said.starts_with("cannot reach") => {
                Error::Transport(format!("{said}. Is Ollama running there?"))
            }
            other => other,
        })?;
        failure::checked(response, None).await
    }
}
