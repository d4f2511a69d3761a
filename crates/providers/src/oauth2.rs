//! Access tokens of services that are used in a user's name (RFC 6749).

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use flowstone_core::{Credential, Error, Result};
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::{failure, http::HttpClient};

/// Longest answer, in bytes.
const LONGEST: usize = 1024 * 1024;
/// A token is renewed this long before it runs out.
const EARLY: TimeDelta = TimeDelta::minutes(5);

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

/// Whether the token of a credential has run out or soon will. One that does not say when it does is
/// taken to hold.
pub fn runs_out(credential: &Credential) -> bool {
    let until = credential.get("expires_at").and_then(|it| it.parse::<DateTime<Utc>>().ok());
    until.is_some_and(|it| it < Utc::now() + EARLY)
}

/// A new token for a credential that was given consent before: the fields that change in it, under
/// the names that the route of the consent keeps them by. `usual` is where the service gives tokens
/// where the credential does not say.
///
/// # Errors
/// `Credential` where it was never given consent or the service takes it back; else as [`token`].
pub async fn renew(
    client: &HttpClient,
    credential: &Credential,
    usual: &str,
) -> Result<Map<String, Value>> {
    let Some(refresh) = credential.get("refresh_token") else {
        return Err(Error::Credential(
            "access has run out and cannot be renewed: open the credential and authorize it again"
                .to_owned(),
        ));
    };
    let mut fields = vec![
        ("grant_type".to_owned(), "refresh_token".to_owned()),
        ("refresh_token".to_owned(), refresh.to_owned()),
        ("client_id".to_owned(), credential.require("clientId", "Client ID")?.to_owned()),
        (
            "client_secret".to_owned(),
            credential.require("clientSecret", "Client Secret")?.to_owned(),
        ),
    ];
    fields.extend(credential.get("scope").map(|it| ("scope".to_owned(), it.to_owned())));
    let url = credential.get("accessTokenUrl").unwrap_or(usual);
    let mut answer = token(client, url, &fields).await.map_err(|error| match error {
        Error::Provider { status: 400 | 401, message } => Error::Credential(format!(
            "the service does not renew access ({message}): open the credential and authorize it \
             again"
        )),
        other => other,
    })?;
    let now = Utc::now();
    let seconds =
        answer.get("expires_in").and_then(|it| it.as_i64().or_else(|| it.as_str()?.parse().ok()));
    let written = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true).into();
    answer.insert("token_received_at".to_owned(), written(now));
    if let Some(until) = seconds.and_then(TimeDelta::try_seconds).map(|it| now + it) {
        answer.insert("expires_at".to_owned(), written(until));
    }
    Ok(answer)
}
