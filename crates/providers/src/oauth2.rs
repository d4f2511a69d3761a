//! Access tokens of services that are used in a user's name (RFC 6749).

use flowstone_core::Result;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::{failure, http::HttpClient};

/// Longest answer, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Asks for tokens: `fields` say on what grounds.
///
/// # Errors
/// The service's own words where it refuses; no secret of the fields is repeated.
pub async fn token(
    client: &HttpClient,
    url: &str,
    fields: &[(String, String)],
) -> Result<Map<String, Value>> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = client
        .post(url)?
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body(body);
    let response = request.send().await?;
    if !response.status().is_success() {
        let secret = fields.iter().find(|(name, _)| name == "client_secret");
        return Err(failure::of_response(response, secret.map(|(_, it)| it.as_str())).await);
    }
    response.json(LONGEST).await
}
