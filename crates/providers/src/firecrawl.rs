//! Firecrawl's reading of the web (docs.firecrawl.dev, API v1).

use std::time::Duration;

use flowstone_core::Result;
use serde_json::{Map, Value, json};

use crate::{
    HttpClient,
    http::Request,
    rest::{self, Service},
};

/// Where the service is.
pub const ADDRESS: &str = "https://api.firecrawl.dev";
/// Pause between two questions whether a job is done.
const PAUSE: Duration = Duration::from_secs(2);

/// The service.
pub struct Firecrawl<'a> {
    /// The shared client.
    pub http: &'a HttpClient,
    /// Where it is.
    pub address: &'a str,
    /// The key.
    pub key: &'a str,
}

impl Firecrawl<'_> {
    /// One page: an object with `markdown` and `metadata`.
    ///
    /// # Errors
    /// Firecrawl's own words where it refuses or fails; `Transport` where it cannot be reached; as
    /// all calls.
    pub async fn scrape(&self, body: &Map<String, Value>) -> Result<Value> {
        let mut answer = self.begin("scrape", body).await?;
        Ok(answer.get_mut("data").map(Value::take).unwrap_or_default())
    }

    /// A site, page by page, as [`scrape`](Self::scrape) gives them. It takes as long as the crawl
    /// takes.
    pub async fn crawl(&self, body: &Map<String, Value>) -> Result<Vec<Value>> {
        let mut answer = self.job("crawl", body).await?;
        let mut pages = Vec::new();
        for _ in 0..rest::MOST_PAGES {
            if let Some(Value::Array(more)) = answer.get_mut("data").map(Value::take) {
                pages.extend(more);
            }
            let Some(next) = answer.get("next").and_then(Value::as_str).map(str::to_owned) else {
                return Ok(pages);
            };
            // The key must not follow an address that leads elsewhere.
            if !next.starts_with(&format!("{}/", rest::base(self.address))) {
                return Err(self.service().failed("its list goes on at another server"));
            }
            answer = self.asked(self.http.get(&next)?).await?;
        }
        Err(self.service().endless())
    }

    /// What a model finds on pages.
    pub async fn extract(&self, body: &Map<String, Value>) -> Result<Value> {
        self.job("extract", body).await
    }

    /// Results of a search: objects with `url`, `title` and `description`.
    pub async fn search(&self, body: &Map<String, Value>) -> Result<Vec<Value>> {
        let mut answer = self.begin("search", body).await?;
        match answer.get_mut("data").map(Value::take) {
            Some(Value::Array(results)) => Ok(results),
            _ => Ok(Vec::new()),
        }
    }

    async fn job(&self, kind: &str, body: &Map<String, Value>) -> Result<Value> {
        let begun = self.begin(kind, body).await?;
        let id = begun.get("id").and_then(Value::as_str).unwrap_or_default();
        if id.is_empty() {
            return Err(self.service().failed("it began no job"));
        }
        let url = format!("{}/v1/{kind}/{}", rest::base(self.address), rest::segment(id));
        loop {
            let answer = self.asked(self.http.get(&url)?).await?;
            match answer.get("status").and_then(Value::as_str) {
                Some("completed") => return Ok(answer),
                Some("scraping" | "processing" | "pending") => tokio::time::sleep(PAUSE).await,
                other => {
                    let said = answer.get("error").and_then(Value::as_str).or(other);
                    let said = said.unwrap_or("it does not say how the job stands");
                    return Err(self.service().failed(&format!("the job failed: {said}")));
                }
            }
        }
    }

    async fn begin(&self, kind: &str, body: &Map<String, Value>) -> Result<Value> {
        let url = format!("{}/v1/{kind}", rest::base(self.address));
        self.asked(self.http.post(&url)?.json(&json!(body))).await
    }

    async fn asked(&self, request: Request<'_>) -> Result<Value> {
        let answer: Value = self.service().json(request.bearer(self.key)).await?;
        if answer.get("success") == Some(&Value::Bool(false)) {
            let said = ["error", "warning"].iter().find_map(|it| answer.get(it)?.as_str());
            return Err(self.service().failed(said.unwrap_or("it failed without a reason")));
        }
        Ok(answer)
    }

    fn service(&self) -> Service<'_> {
        Service { name: "Firecrawl", secret: self.key }
    }
}
