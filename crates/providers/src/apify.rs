//! Apify's crawler of web sites (docs.apify.com/api/v2: runs of actors, items of datasets).

use flowstone_core::Result;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    HttpClient,
    rest::{self, Service},
};

/// Where the service is.
pub const ADDRESS: &str = "https://api.apify.com";
/// The actor that crawls.
const CRAWLER: &str = "apify~website-content-crawler";
/// How long one question waits for the end of a crawl, in seconds; the service allows no more.
const PATIENCE: u32 = 60;
/// Pages of one answer.
const PAGE: usize = 1000;

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    id: String,
    status: String,
    status_message: Option<String>,
    default_dataset_id: String,
}

/// Crawls as `input` says and gives what was found: objects with `url`, `text` and more. It takes as
/// long as the crawl takes.
///
/// # Errors
/// Apify's own words where it refuses or the crawl fails; `Transport` where it cannot be reached.
pub async fn crawl(
    http: &HttpClient,
    address: &str,
    token: &str,
    input: &Map<String, Value>,
) -> Result<Vec<Map<String, Value>>> {
    let service = Service { name: "Apify", secret: token };
    let address = rest::base(address);
    let begin = http.post(&format!("{address}/v2/acts/{CRAWLER}/runs"))?.bearer(token).json(input);
    let mut run = service.json::<Answer<Run>>(begin).await?.data;
    while matches!(run.status.as_str(), "READY" | "RUNNING" | "TIMING-OUT" | "ABORTING") {
        let url = format!("{address}/v2/actor-runs/{}", rest::segment(&run.id));
        let request = http.get(&url)?.query("waitForFinish", PATIENCE).bearer(token);
        run = service.json::<Answer<Run>>(request).await?.data;
    }
    if run.status != "SUCCEEDED" {
        let said = run.status_message.unwrap_or_default();
        return Err(service.failed(&format!("the crawl ended as {}. {said}", run.status)));
    }
    let url = format!("{address}/v2/datasets/{}/items", rest::segment(&run.default_dataset_id));
    let mut items = Vec::new();
    for _ in 0..rest::MOST_PAGES {
        let request = http.get(&url)?.query("clean", true).query("format", "json");
        let request = request.query("offset", items.len()).query("limit", PAGE).bearer(token);
        let page: Vec<Map<String, Value>> = service.json(request).await?;
        let is_last = page.len() < PAGE;
        items.extend(page);
        if is_last {
            return Ok(items);
        }
    }
    Err(service.endless())
}
