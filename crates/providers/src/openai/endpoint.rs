//! Where and as whom to call.

use std::{sync::Arc, time::Duration};

use flowstone_core::{Error, Result};
use serde::Serialize;

use crate::{
    failure,
    http::{HttpClient, Request, Response, Retry},
    tokens::{self, Tokens},
};

/// What the reference implementation says instead of OpenAI's words about a wrong key. They show
/// parts of the key.
const WRONG_KEY: &str =
    "Unauthorized – check your API key and ensure it has access to the requested model.";

/// A server that speaks OpenAI's wires, and how to call it.
#[derive(Clone)]
pub struct Endpoint {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// Up to and without `/chat/completions`.
    pub base_url: String,
    /// Sent as bearer token; servers of one's own often need none.
    pub api_key: Option<String>,
    /// Sent in place of the key by vendors whose keys are exchanged for tokens that run out.
    pub tokens: Option<Arc<Tokens>>,
    /// The header that the key goes into where the vendor does not take it as bearer token.
    pub key_header: Option<&'static str>,
    /// Added to the query of every call.
    pub query: Vec<(String, String)>,
    /// Sent with every call, on top of the key.
    pub headers: Vec<(String, String)>,
    /// How long a try may take until the head of the answer is there.
    pub timeout: Option<Duration>,
}

impl Endpoint {
    /// Calls `base_url` with `api_key` and nothing else.
    pub fn new(
        http: Arc<HttpClient>,
        base_url: impl Into<String>,
        api_key: Option<String>,
    ) -> Self {
        Self {
            http,
            base_url: base_url.into(),
            api_key,
            tokens: None,
            key_header: None,
            query: Vec::new(),
            headers: Vec::new(),
            timeout: None,
        }
    }

    /// Calls a deployment of Azure OpenAI. `base_url` holds the deployment; an address of the
    /// newer form, which ends in `/openai/v1`, needs no `version`.
    pub fn azure(
        http: Arc<HttpClient>,
        base_url: impl Into<String>,
        api_key: String,
        version: Option<&str>,
    ) -> Self {
        let version = version.map(|it| ("api-version".to_owned(), it.to_owned()));
        Self {
            key_header: Some("api-key"),
            query: version.into_iter().collect(),
            ..Self::new(http, base_url, Some(api_key))
        }
    }

    /// Adds a header to every call.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Books the calls on this organisation of the key's owner.
    #[must_use]
    pub fn organization(self, id: &str) -> Self {
        self.header("openai-organization", id)
    }

    /// Sends JSON to `path` below the base address and gives the answer of a good status.
    pub(super) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Response> {
        let request = self.http.post(&self.url(path))?.json(body).retry(Retry::Always);
        self.send(request).await
    }

    /// Reads `path` below the base address.
    pub(super) async fn get(&self, path: &str) -> Result<Response> {
        self.send(self.http.get(&self.url(path))?).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base_url.trim().trim_end_matches('/'))
    }

    async fn send(&self, mut request: Request<'_>) -> Result<Response> {
        let token = tokens::current(self.tokens.as_ref()).await?;
        let key = token.as_deref().or_else(|| self.key());
        if let Some(key) = key {
            request = match self.key_header {
                Some(name) => request.header(name, key),
                None => request.bearer(key),
            };
        }
        for (name, value) in &self.query {
            request = request.query(name, value);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = request.timeout(self.timeout).send().await?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(match failure::of_response(response, key).await {
            Error::Provider { status: 401, message } if message.contains("Incorrect API key") => {
                Error::Provider { status: 401, message: WRONG_KEY.to_owned() }
            }
            other => other,
        })
    }

    pub(super) fn key(&self) -> Option<&str> {
        self.api_key.as_deref().map(str::trim).filter(|it| !it.is_empty())
    }
}
