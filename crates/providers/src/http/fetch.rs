//! Calls as scripts make them: one plain request, one whole answer.

use bytes::Bytes;
use flowstone_core::{Error, Result};

use super::{HttpClient, Method, Retry};

/// Headers that the client sets itself.
const OWN_HEADERS: &[&str] = &[
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A request of a script.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// `GET` and so on.
    pub method: String,
    /// The absolute address.
    pub url: String,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// The body, where there is one.
    pub body: Option<Bytes>,
    /// Longest answer in bytes.
    pub limit: usize,
}

/// The answer to a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// HTTP status.
    pub status: u16,
    /// The usual words for the status; empty for an unusual one.
    pub status_text: &'static str,
    /// Where the answer came from, after redirects.
    pub url: String,
    /// Headers as received; a name may stand more than once.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Bytes,
}

impl HttpClient {
    /// Makes a script's call. It is made once: a script sees every answer and decides itself
    /// whether to call again.
    ///
    /// # Errors
    /// `AddressRefused` and `Transport`, as [`Request::send`](super::Request::send).
    pub async fn fetch(&self, fetch: Fetch) -> Result<Fetched> {
        let method = Method::from_bytes(fetch.method.as_bytes())
            .map_err(|_| Error::Transport(format!("{:?} is no HTTP method", fetch.method)))?;
        let mut request = self.request(method, &fetch.url)?.retry(Retry::Never);
        for (name, value) in &fetch.headers {
            if !OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
                request = request.header(name, value);
            }
        }
        if let Some(body) = fetch.body {
            request = request.body(body);
        }
        let response = request.send().await?;
        let headers = response.headers().iter().map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Ok(Fetched {
            status: response.status().as_u16(),
            status_text: response.status().canonical_reason().unwrap_or_default(),
            url: response.url().to_string(),
            headers: headers.collect(),
            body: response.bytes(fetch.limit).await?,
        })
    }
}
