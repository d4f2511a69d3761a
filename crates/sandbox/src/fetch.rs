//! The one way out of the sandbox: an HTTP client that the product hands in.

use async_trait::async_trait;

/// Sends the requests of `fetch`, `axios` and `node-fetch`.
///
/// The implementation decides what may be reached: it is the place for the address check,
/// redirects, time limits and the greatest size of an answer.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends one request. An `Err` is what the script sees as the reason of the failed `fetch`.
    ///
    /// The future is dropped when the script aborts the request, ends, or is cancelled.
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, String>;
}

/// A request of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRequest {
    /// The method, in capitals where it is a standard one.
    pub method: String,
    /// The absolute address as the `URL` class wrote it; any scheme.
    pub url: String,
    /// Header names in lower case, each once.
    pub headers: Vec<(String, String)>,
    /// The body; `None` when the request has none.
    pub body: Option<Vec<u8>>,
}

/// The answer to a [`FetchRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchResponse {
    /// The status code of the final answer.
    pub status: u16,
    /// The reason phrase; may be empty.
    pub status_text: String,
    /// The headers as received; a name may occur more than once.
    pub headers: Vec<(String, String)>,
    /// The decoded body, whole.
    pub body: Vec<u8>,
    /// The address that answered, after redirects.
    pub url: String,
}
