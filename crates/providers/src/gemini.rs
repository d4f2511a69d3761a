//! Google's Gemini wire: generated content, whole and streamed, and embeddings.

mod chat;
mod content;
mod embeddings;
mod hosted;
mod request;
mod stream;
mod vertex_embeddings;
mod wire;

use std::{sync::Arc, time::Duration};

use flowstone_core::{Error, Result};
use serde::Serialize;

use crate::{
    failure,
    http::{HttpClient, Response, Retry},
    tokens::{self, Tokens},
};

pub use chat::Chat;
pub use embeddings::Embeddings;
pub use vertex_embeddings::VertexEmbeddings;

/// The public address of the Gemini API.
pub const BASE_URL: &str = "https://generativelanguage.googleapis.com";
/// The version of the wire that is spoken where the address names none.
const VERSION: &str = "v1beta";

/// A server that speaks the Gemini API, and how to call it.
#[derive(Clone)]
pub struct Server {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// With or without the version at its end.
    pub base_url: String,
    /// Sent as `x-goog-api-key`, never in an address.
    pub api_key: String,
    /// Sent in place of the key to Vertex AI, whose address holds everything but the model.
    pub tokens: Option<Arc<Tokens>>,
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
        Self {
            http,
            base_url: base_url.into(),
            api_key: api_key.into(),
            tokens: None,
            timeout: None,
        }
    }

    /// Calls Vertex AI for `project` in `region`, as who `tokens` are given to.
    pub fn vertex(
        http: Arc<HttpClient>,
        base_url: &str,
        (project, region): (&str, &str),
        tokens: Arc<Tokens>,
    ) -> Self {
        let place = format!("/v1/projects/{project}/locations/{region}/publishers/google");
        let base_url = format!("{}{place}", base_url.trim_end_matches('/'));
        Self { tokens: Some(tokens), ..Self::new(http, base_url, "") }
    }

    /// Asks `model` to do `task`, such as `generateContent`.
    async fn post(&self, model: &str, task: &str, body: &impl Serialize) -> Result<Response> {
        let base = self.base_url.trim().trim_end_matches('/');
        let names_version = base.rsplit('/').next().is_some_and(is_version);
        let whole = names_version || self.tokens.is_some();
        let version = if whole { String::new() } else { format!("/{VERSION}") };
        let url = format!("{base}{version}/{}:{task}", resource(model)?);
        let token = tokens::current(self.tokens.as_ref()).await?;
        let request = self.http.post(&url)?.json(body).retry(Retry::Always).timeout(self.timeout);
        let request = match &token {
            Some(token) => request.bearer(token),
            None => request.header("x-goog-api-key", self.key()),
        };
        let response = request.send().await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let secret = token.as_deref().unwrap_or_else(|| self.key());
        Err(match failure::of_response(response, Some(secret)).await {
            // Google answers a wrong key with 400, where everyone else says 401.
            Error::Provider { status: 400, message } if message.starts_with("API key") => {
                Error::Provider { status: 401, message }
            }
            other => other,
        })
    }

    fn key(&self) -> &str {
        self.api_key.trim()
    }
}

/// Whether the last part of an address is a version, such as `v1beta`.
fn is_version(part: &str) -> bool {
    let mut characters = part.chars();
    characters.next() == Some('v') && characters.next().is_some_and(|it| it.is_ascii_digit())
}

/// The model's place in the API: `models/NAME`, unless the name tells another place, as tuned
/// models do.
///
/// # Errors
/// `Unsupported` where it is no name: it must not lead to another place.
fn resource(model: &str) -> Result<String> {
    let model = model.trim();
    let named = |it: char| it.is_ascii_alphanumeric() || "-_.@".contains(it);
    let fits = |part: &str| part.chars().all(named) && part.chars().any(|it| it != '.');
    if !model.split('/').all(fits) {
        return Err(Error::Unsupported(format!(
            "{model:?} is no name of a Gemini model, such as gemini-2.5-flash"
        )));
    }
    Ok(if model.contains('/') { model.to_owned() } else { format!("models/{model}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_s_name_leads_nowhere_else() {
        assert_eq!(resource("gemini-2.5-flash").unwrap(), "models/gemini-2.5-flash");
        assert_eq!(resource("models/gemini-2.0-flash").unwrap(), "models/gemini-2.0-flash");
        assert_eq!(resource("tunedModels/mine-1").unwrap(), "tunedModels/mine-1");
        for wrong in ["", "a b", "../files", "x?key=1", "models//x", "a#b", "a%2fb", "x:y"] {
            assert!(resource(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_version_is_known_when_seen() {
        assert!(is_version("v1beta") && is_version("v1") && is_version("v1alpha"));
        assert!(!is_version("vertex") && !is_version("generativelanguage.googleapis.com"));
    }
}
