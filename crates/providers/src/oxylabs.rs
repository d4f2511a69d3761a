//! Oxylabs' scrapers (developers.oxylabs.io, "Realtime").

use flowstone_core::Result;
use serde_json::{Map, Value};

use crate::{HttpClient, confluence::Caller, rest::Service};

/// Where the service is.
pub const ADDRESS: &str = "https://realtime.oxylabs.io/v1/queries";

/// The results of a query: objects with `content`, `url` and `page`.
///
/// # Errors
/// Oxylabs' own words where it refuses; `Transport` where it cannot be reached.
pub async fn query(
    http: &HttpClient,
    address: &str,
    user: &str,
    password: &str,
    body: &Map<String, Value>,
) -> Result<Vec<Value>> {
    let service = Service { name: "Oxylabs", secret: password };
    let caller = Caller::Cloud { user, token: password };
    let request = caller.sign(http.post(address)?.json(body));
    let mut answer: Value = service.json(request).await?;
    match answer.get_mut("results").map(Value::take) {
        Some(Value::Array(results)) => Ok(results),
        _ => Ok(Vec::new()),
    }
}
