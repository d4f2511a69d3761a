//! Confluence's pages (developer.atlassian.com, "Confluence REST API": content of a space).

use flowstone_core::Result;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    HttpClient,
    http::Request,
    rest::{self, Service},
};

/// Pages of one answer; with their bodies a server gives no more.
const PAGE: usize = 25;

/// Who asks Confluence or Jira.
#[derive(Clone, Copy)]
pub enum Caller<'a> {
    /// A user of the cloud.
    Cloud {
        /// An address of mail, mostly.
        user: &'a str,
        /// An API token of theirs.
        token: &'a str,
    },
    /// A personal access token of a server of one's own.
    Server(&'a str),
}

impl<'a> Caller<'a> {
    /// The secret part.
    pub(crate) fn secret(&self) -> &'a str {
        match self {
            Self::Cloud { token, .. } | Self::Server(token) => token,
        }
    }

    pub(crate) fn sign<'r>(&self, request: Request<'r>) -> Request<'r> {
        use base64::Engine as _;
        match self {
            Self::Server(token) => request.bearer(token),
            Self::Cloud { user, token } => {
                let pair = format!("{user}:{token}");
                let pair = base64::engine::general_purpose::STANDARD.encode(pair);
                request.header("authorization", &format!("Basic {pair}"))
            }
        }
    }
}

/// The pages of space `key` of the Confluence at `base`, at most `most`, each with `body.storage` and
/// `version`.
///
/// # Errors
/// Confluence's own words where it refuses; `Transport` where it cannot be reached.
pub async fn pages(
    http: &HttpClient,
    base: &str,
    caller: Caller<'_>,
    key: &str,
    most: usize,
) -> Result<Vec<Value>> {
    #[derive(Deserialize)]
    struct Listed {
        #[serde(default)]
        results: Vec<Value>,
        #[serde(default, rename = "_links")]
        links: Value,
    }
    let service = Service { name: "Confluence", secret: caller.secret() };
    let url = format!("{}/rest/api/content", rest::base(base));
    let mut pages = Vec::new();
    for _ in 0..rest::MOST_PAGES {
        let request = http
            .get(&url)?
            .query("spaceKey", key)
            .query("limit", PAGE.min(most - pages.len()))
            .query("start", pages.len())
            .query("expand", "body.storage,version")
            .header("accept", "application/json");
        let listed: Listed = service.json(caller.sign(request)).await?;
        let is_last = listed.results.is_empty() || listed.links.get("next").is_none();
        pages.extend(listed.results);
        if is_last || pages.len() >= most {
            pages.truncate(most);
            return Ok(pages);
        }
    }
    Err(service.endless())
}
