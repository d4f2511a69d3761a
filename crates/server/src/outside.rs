//! What routes themselves ask of other services, as ports: the program makes them over its one
//! HTTP client.

use async_trait::async_trait;
use bytes::Bytes;
use flowstone_core::{Credential, Result};
use futures::stream::BoxStream;
use serde::Serialize;
use serde_json::{Map, Value};

/// Where addresses on a site are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkSource {
    /// On its pages, one after the other.
    Pages,
    /// In its XML site map.
    SiteMap,
}

/// A voice to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Voice {
    /// What is saved.
    pub id: String,
    /// What the user reads.
    pub name: String,
    /// Its group, where the vendor has such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// Text to be spoken.
#[derive(Clone, Debug)]
pub struct Speech {
    /// `openai` or `elevenlabs`.
    pub provider: String,
    /// The vendor's key.
    pub credential: Credential,
    /// A voice of [`Outside::voices`]; the vendor's usual one where it is not said.
    pub voice: Option<String>,
    /// A model of the vendor; its usual one where it is not said.
    pub model: Option<String>,
    /// The text.
    pub text: String,
}

/// A question to a vendor for access tokens (RFC 6749).
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// Where the vendor gives them.
    pub url: String,
    /// The fields of the form.
    pub fields: Vec<(String, String)>,
}

/// Services that routes ask.
#[async_trait]
pub trait Outside: Send + Sync {
    /// Addresses on the site of `page`, the page itself first, at most `limit`; 0 for as many as
    /// this installation follows.
    async fn links(&self, page: &str, source: LinkSource, limit: usize) -> Result<Vec<String>>;
    /// Published prompts, the most liked first, with these tags where there are some.
    async fn prompts(&self, tags: &str) -> Result<Vec<Value>>;
    /// The manifest of the published prompt `name`, such as `owner/prompt`.
    async fn prompt(&self, name: &str) -> Result<Value>;
    /// The voices of a vendor.
    async fn voices(&self, provider: &str, credential: &Credential) -> Result<Vec<Voice>>;
    /// Speaks: pieces of an MP3, as they come. Dropping the stream ends the call at the vendor.
    async fn speak(&self, speech: Speech) -> Result<BoxStream<'static, Result<Bytes>>>;
    /// Asks the service of a credential of this kind whether it takes the key, by a call that costs
    /// nothing; `None` where there is no way to ask.
    async fn try_credential(&self, kind: &str, credential: &Credential) -> Option<Result<()>>;
    /// Asks a vendor for access tokens.
    async fn token(&self, request: TokenRequest) -> Result<Map<String, Value>>;
    /// Asks an MCP server for its tools, each as MCP describes it. Dropping the future ends the
    /// connection.
    async fn mcp_tools(&self, url: &str, headers: Vec<(String, String)>) -> Result<Vec<Value>>;
    /// Posts JSON to the address that a flow names for its answer, with its signature where the flow
    /// has a secret; tried again where that may help.
    async fn call_back(&self, url: &str, body: String, signature: Option<String>) -> Result<()>;
}
