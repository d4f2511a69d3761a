//! The answer to an outgoing call; its body is read in bounds.

use bytes::{Bytes, BytesMut};
use flowstone_core::{Error, Result};
use reqwest::{StatusCode, header::HeaderMap};
use serde::de::DeserializeOwned;
use url::Url;

use super::{failure, guard};

/// An answer whose head has come. Dropping it ends the exchange.
#[derive(Debug)]
pub struct Response {
    inner: reqwest::Response,
}

impl Response {
    pub(super) fn new(inner: reqwest::Response) -> Self {
        Self { inner }
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.inner.status()
    }

    /// Its headers.
    pub fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// A header as text, where it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The address that answered, after redirects.
    pub fn url(&self) -> &Url {
        self.inner.url()
    }

    /// `host:port` of the one that answered, for messages.
    pub fn place(&self) -> String {
        guard::entry(self.url())
    }

    /// The next piece of the body as it came; `None` at its end.
    ///
    /// # Errors
    /// `Transport` where the body broke off or fell silent.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        match self.inner.chunk().await {
            Ok(chunk) => Ok(chunk),
            Err(error) => Err(failure::broke_off(&self.place(), &error)),
        }
    }

    /// The whole body, where it is no longer than `limit` bytes.
    ///
    /// # Errors
    /// `Transport` where it is longer or broke off.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes> {
        let announced = self.inner.content_length().unwrap_or_default();
        if usize::try_from(announced).unwrap_or(usize::MAX) > limit {
            return Err(self.too_long(limit));
        }
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if whole.len() + chunk.len() > limit {
                return Err(self.too_long(limit));
            }
            if whole.is_empty() && self.inner.content_length() == Some(chunk.len() as u64) {
                return Ok(chunk);
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    /// The same as text; bytes that are no UTF-8 become `\u{fffd}`.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub async fn text(self, limit: usize) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes(limit).await?).into_owned())
    }

    /// The same read as JSON.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes), and where it is not the JSON that is expected.
    pub async fn json<T: DeserializeOwned>(self, limit: usize) -> Result<T> {
        let place = self.place();
        let bytes = self.bytes(limit).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            Error::Transport(format!("{place} did not answer the JSON that is expected: {error}"))
        })
    }

    fn too_long(&self, limit: usize) -> Error {
        let place = self.place();
        Error::Transport(format!("the answer of {place} is longer than {limit} bytes"))
    }
}
