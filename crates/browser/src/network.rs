//! What pages call, and who answers.

use async_trait::async_trait;

/// A call of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `GET` and so on.
    pub method: String,
    /// The absolute address, `http` or `https`.
    pub url: String,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// The body, where there is one.
    pub body: Option<Vec<u8>>,
}

/// An answer to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Where it came from, after redirects.
    pub url: String,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// Makes the calls of pages.
#[async_trait]
pub trait Network: Send + Sync {
    /// The answer to a call; the error says why there is none.
    async fn answer(&self, call: Call) -> Result<Answer, String>;
}
