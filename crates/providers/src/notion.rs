//! Notion's pages and databases (developers.notion.com/reference).

use flowstone_core::Result;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    HttpClient,
    http::{Request, Retry},
    rest::{self, Service},
};

/// Where the service is.
pub const ADDRESS: &str = "https://api.notion.com";
/// The version of the interface that is spoken here.
const VERSION: &str = "2022-06-28";
/// Entries of one answer, as many as the service gives.
const PAGE: u32 = 100;

/// The service.
#[derive(Clone, Copy)]
pub struct Notion<'a> {
    /// The shared client.
    pub http: &'a HttpClient,
    /// Where it is.
    pub address: &'a str,
    /// Token of an integration; it sees what was shared with that.
    pub token: &'a str,
}

#[derive(Deserialize)]
struct Listed {
    results: Vec<Value>,
    next_cursor: Option<String>,
}

impl Notion<'_> {
    /// A page with its properties, without its content.
    ///
    /// # Errors
    /// Notion's own words where it refuses; `Transport` where it cannot be reached; as all calls.
    pub async fn page(&self, id: &str) -> Result<Value> {
        let url = format!("{}/v1/pages/{}", rest::base(self.address), rest::segment(id));
        self.service().json(self.asked(self.http.get(&url)?)).await
    }

    /// The blocks directly below a page or a block.
    pub async fn children(&self, id: &str) -> Result<Vec<Value>> {
        let id = rest::segment(id);
        let url = format!("{}/v1/blocks/{id}/children", rest::base(self.address));
        self.all(|cursor| {
            let request = self.http.get(&url)?.query("page_size", PAGE);
            Ok(match cursor {
                Some(cursor) => request.query("start_cursor", cursor),
                None => request,
            })
        })
        .await
    }

    /// The rows of a database, each of which is a page.
    pub async fn rows(&self, database: &str) -> Result<Vec<Value>> {
        let database = rest::segment(database);
        let url = format!("{}/v1/databases/{database}/query", rest::base(self.address));
        self.all(|cursor| {
            let body = match cursor {
                Some(cursor) => json!({"page_size": PAGE, "start_cursor": cursor}),
                None => json!({"page_size": PAGE}),
            };
            Ok(self.http.post(&url)?.json(&body).retry(Retry::Always))
        })
        .await
    }

    async fn all<'r>(
        &'r self,
        request: impl Fn(Option<&str>) -> Result<Request<'r>>,
    ) -> Result<Vec<Value>> {
        let mut found = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..rest::MOST_PAGES {
            let request = self.asked(request(cursor.as_deref())?);
            let listed: Listed = self.service().json(request).await?;
            found.extend(listed.results);
            cursor = listed.next_cursor;
            if cursor.is_none() {
                return Ok(found);
            }
        }
        Err(self.service().endless())
    }

    fn asked<'r>(&self, request: Request<'r>) -> Request<'r> {
        request.bearer(self.token).header("notion-version", VERSION)
    }

    fn service(&self) -> Service<'_> {
        Service { name: "Notion", secret: self.token }
    }
}
