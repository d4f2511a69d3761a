//! `fetch` of scripts, over the one HTTP client.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_providers::http::{self, HttpClient};
use flowstone_sandbox::{Fetch, FetchRequest, FetchResponse};

/// Longest answer a script may read, in bytes.
const LIMIT: usize = 20 << 20;

/// Lets scripts call what flows may call, and nothing else.
pub(crate) struct ScriptFetch(pub(crate) Arc<HttpClient>);

#[async_trait]
impl Fetch for ScriptFetch {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, String> {
        let call = http::Fetch {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: request.body.map(Into::into),
            limit: LIMIT,
        };
        let fetched = self.0.fetch(call).await.map_err(|error| error.to_string())?;
        Ok(FetchResponse {
            status: fetched.status,
            status_text: fetched.status_text.to_owned(),
            headers: fetched.headers,
            body: fetched.body.to_vec(),
            url: fetched.url,
        })
    }
}
