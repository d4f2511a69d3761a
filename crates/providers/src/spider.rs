//! Spider's reading of the web (spider.cloud/docs/api).

use flowstone_core::Result;
use serde_json::{Map, Value};

use crate::{
    HttpClient,
    rest::{self, Service},
};

/// Where the service is.
pub const ADDRESS: &str = "https://api.spider.cloud";

/// Pages as Spider gives them: objects with `url`, `content`, `status` and `error`. `mode` is `scrape`
/// or `crawl`.
///
/// # Errors
/// Spider's own words where it refuses; `Transport` where it cannot be reached.
pub async fn pages(
    http: &HttpClient,
    address: &str,
    key: &str,
    mode: &str,
    body: &Map<String, Value>,
) -> Result<Vec<Value>> {
    let service = Service { name: "Spider", secret: key };
    let url = format!("{}/v1/{}", rest::base(address), rest::segment(mode));
    match service.json(http.post(&url)?.bearer(key).json(body)).await? {
        Value::Array(pages) => Ok(pages),
        Value::Object(page) if page.contains_key("content") => Ok(vec![page.into()]),
        other => {
            let said = other.get("error").and_then(Value::as_str);
            Err(service.failed(said.unwrap_or("it answered no list of pages")))
        }
    }
}
