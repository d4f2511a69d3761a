//! Searches of the web whose results are data: Brave, SearchApi, SerpApi.

use flowstone_core::Result;
use serde_json::{Map, Value};

use crate::{HttpClient, rest::Service};

/// Brave's (api-dashboard.search.brave.com, "Web search").
pub const BRAVE: &str = "https://api.search.brave.com/res/v1/web/search";
/// SearchApi's (searchapi.io/docs/google).
pub const SEARCH_API: &str = "https://www.searchapi.io/api/v1/search";
/// SerpApi's (serpapi.com/search-api).
pub const SERP_API: &str = "https://serpapi.com/search";

/// What Brave finds: objects with `title`, `url` and `description`.
///
/// # Errors
/// Brave's own words where it refuses; `Transport` where it cannot be reached; as all of these.
pub async fn brave(http: &HttpClient, address: &str, key: &str, query: &str) -> Result<Vec<Value>> {
    let service = Service { name: "Brave", secret: key };
    let request = http.get(address)?.query("q", query).header("accept", "application/json");
    let mut found: Value = service.json(request.header("x-subscription-token", key)).await?;
    match found.pointer_mut("/web/results").map(Value::take) {
        Some(Value::Array(results)) => Ok(results),
        _ => Ok(Vec::new()),
    }
}

/// What SearchApi answers to these parameters.
pub async fn search_api(
    http: &HttpClient,
    address: &str,
    key: &str,
    parameters: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    answer("SearchApi", http, address, key, parameters).await
}

/// What SerpApi answers to these parameters.
pub async fn serp_api(
    http: &HttpClient,
    address: &str,
    key: &str,
    parameters: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    answer("SerpApi", http, address, key, parameters).await
}

async fn answer(
    name: &'static str,
    http: &HttpClient,
    address: &str,
    key: &str,
    parameters: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    let service = Service { name, secret: key };
    let mut request = http.get(address)?;
    for (name, value) in parameters {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        request = request.query(name, value);
    }
    let answer: Map<String, Value> = service.json(request.query("api_key", key)).await?;
    match answer.get("error").and_then(Value::as_str) {
        // Both say so where there is nothing, which is no failure.
        Some(said) if said.contains("hasn't returned any results") => Ok(Map::new()),
        Some(said) => Err(service.failed(said)),
        None => Ok(answer),
    }
}
