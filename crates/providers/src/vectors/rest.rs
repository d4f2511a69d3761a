//! What wires of JSON over HTTP share.

use std::sync::Arc;

use bytes::Bytes;
use flowstone_core::{Error, Result};
use reqwest::Method;
use serde_json::Value;

use crate::{
    failure,
    http::{HttpClient, Request, Response, Retry},
};

/// Longest answer, in bytes: a few hundred entries with their vectors.
const LONGEST: usize = 64 * 1024 * 1024;

/// A server with what each call to it carries.
#[derive(Clone)]
pub(crate) struct Rest {
    http: Arc<HttpClient>,
    origin: String,
    headers: Vec<(&'static str, String)>,
    secret: Option<String>,
    place: String,
}

impl Rest {
    /// The server at `origin`. Its errors name it as `place`.
    pub(crate) fn new(http: Arc<HttpClient>, origin: &str, place: impl Into<String>) -> Self {
        let origin = origin.trim().trim_end_matches('/').to_owned();
        Self { http, origin, headers: Vec::new(), secret: None, place: place.into() }
    }

    /// Sends this header with every call.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sends a header that holds a secret: `prefix` and the secret. The server's words never repeat
    /// it.
    pub(crate) fn secret(mut self, name: &'static str, prefix: &str, secret: &str) -> Self {
        self.secret = Some(secret.to_owned());
        self.header(name, format!("{prefix}{secret}"))
    }

    /// The same with another address, such as one that a first call gave.
    pub(crate) fn at(&self, origin: &str) -> Self {
        Self { origin: origin.trim().trim_end_matches('/').to_owned(), ..self.clone() }
    }

    /// Makes a call that may be made twice, and reads the answer.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value> {
        self.read(self.request(method, path, body, Retry::Always)?.send().await?).await
    }

    /// A `POST` that may be made twice.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// A call for which these statuses are no failure but mean that there is nothing.
    pub(crate) async fn unless(
        &self,
        nothing: &[u16],
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Option<Value>> {
        // A status that is expected is an answer, so it is not asked for again.
        let retry = if nothing.contains(&409) { Retry::Never } else { Retry::Always };
        let answer = self.request(method, path, body, retry)?.send().await?;
        if nothing.contains(&answer.status().as_u16()) {
            return Ok(None);
        }
        self.read(answer).await.map(Some)
    }

    /// A `POST` of something else than JSON.
    pub(crate) async fn post_bytes(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Result<Value> {
        let request = self.request(Method::POST, path, None, Retry::Always)?;
        let request = request.header("content-type", content_type).body(body);
        self.read(request.send().await?).await
    }

    /// A failure that the server told in an answer of its own kind.
    pub(crate) fn refused(&self, status: u16, said: &str) -> Error {
        let said = match self.secret.as_deref().filter(|it| !it.is_empty()) {
            Some(secret) => said.replace(secret, "[key]"),
            None => said.to_owned(),
        };
        Error::Provider { status, message: format!("{}: {said}", self.place) }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        retry: Retry,
    ) -> Result<Request<'_>> {
        let mut request = self.http.request(method, &format!("{}{path}", self.origin))?;
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Ok(match body {
            Some(body) => request.retry(retry).json(body),
            None => request.retry(retry),
        })
    }

    async fn read(&self, answer: Response) -> Result<Value> {
        if !answer.status().is_success() {
            return Err(match failure::of_response(answer, self.secret.as_deref()).await {
                Error::Provider { status, message } => {
                    Error::Provider { status, message: format!("{}: {message}", self.place) }
                }
                other => other,
            });
        }
        let place = answer.place();
        let body = answer.bytes(LONGEST).await?;
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|error| {
            Error::Transport(format!("{place} did not answer the JSON that is expected: {error}"))
        })
    }
}

/// A part of a path.
pub(crate) fn part(text: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    encoded.replace('+', "%20")
}
