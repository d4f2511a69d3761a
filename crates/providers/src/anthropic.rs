//! Anthropic's wire: the Messages API, whole and streamed.

mod chat;
mod content;
mod family;
mod hosted;
mod request;
mod schema;
mod stream;
mod wire;

use std::{sync::Arc, time::Duration};

use flowstone_core::Result;
use serde::Serialize;

use crate::{
    failure,
    http::{HttpClient, Response, Retry},
};

pub use chat::{Chat, Thinking};
pub use family::Family;

/// Anthropic's public address.
pub const BASE_URL: &str = "https://api.anthropic.com";
/// The version of the wire that is spoken here.
const VERSION: &str = "2023-06-01";

/// A server that speaks the Messages API, and how to call it.
#[derive(Clone)]
pub struct Server {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// Up to and without `/v1/messages`.
    pub base_url: String,
    /// Sent as `x-api-key`.
    pub api_key: String,
    /// How long a try may take until the head of the answer is there.
    pub timeout: Option<Duration>,
}

impl Server {
    /// Calls `base_url` with `api_key`.
    pub fn new(
        http: Arc<HttpClient>,
        base_url: impl Into<String>,
        api_key: impl Into<String>,
    ) -> Self {
        Self { http, base_url: base_url.into(), api_key: api_key.into(), timeout: None }
    }

    /// `trials` names parts of the wire that the vendor still tries out.
    async fn post(
        &self,
        path: &str,
        body: &impl Serialize,
        trials: Option<&str>,
    ) -> Result<Response> {
        let url = format!("{}/{path}", self.base_url.trim().trim_end_matches('/'));
        let mut request = self
            .http
            .post(&url)?
            .json(body)
            .header("x-api-key", self.key())
            .header("anthropic-version", VERSION)
            .retry(Retry::Always)
            .timeout(self.timeout);
        if let Some(trials) = trials {
            request = request.header("anthropic-beta", trials);
        }
        let response = request.send().await?;
        failure::checked(response, Some(self.key())).await
    }

    fn key(&self) -> &str {
        self.api_key.trim()
    }
}
