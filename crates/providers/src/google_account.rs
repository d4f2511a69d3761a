//! Service accounts of Google: a signed statement is exchanged for a token
//! (<https://developers.google.com/identity/protocols/oauth2/service-account>).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flowstone_core::{Error, Result};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::{failure, http::HttpClient, tokens::Issuer};

/// What a token is for: all of Google Cloud that the account may use.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// How long a statement holds, in seconds: the longest that Google takes.
const LIFE: u32 = 3600;
/// Longest answer, in bytes.
const LONGEST: usize = 64 * 1024;

/// A service account with its key.
pub struct ServiceAccount {
    http: Arc<HttpClient>,
    key: KeyFile,
}

/// The JSON that Google gives out as the key of an account.
#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    private_key: String,
    #[serde(default)]
    private_key_id: Option<String>,
    #[serde(default)]
    project_id: Option<String>,
    token_uri: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'static str,
    aud: &'a str,
    iat: i64,
    exp: i64,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

impl ServiceAccount {
    /// The account whose key is this JSON.
    ///
    /// # Errors
    /// `Credential` where it is no key of a service account.
    pub fn read(http: Arc<HttpClient>, json: &str) -> Result<Self> {
        let key = serde_json::from_str(json).map_err(|_| {
            Error::Credential(
                "the credential's Google Credential JSON Object is no key of a service account: \
                 paste the whole file that Google gave out"
                    .to_owned(),
            )
        })?;
        Ok(Self { http, key })
    }

    /// The project that the key belongs to.
    pub fn project(&self) -> Option<&str> {
        self.key.project_id.as_deref()
    }

    fn statement(&self) -> Result<String> {
        let now = chrono::Utc::now().timestamp();
        let claims = Claims {
            iss: &self.key.client_email,
            scope: SCOPE,
            aud: &self.key.token_uri,
            iat: now,
            exp: now + i64::from(LIFE),
        };
        let header =
            Header { kid: self.key.private_key_id.clone(), ..Header::new(Algorithm::RS256) };
        let unusable = || {
            Error::Credential("the private key of the service account cannot be read".to_owned())
        };
        let key =
            EncodingKey::from_rsa_pem(self.key.private_key.as_bytes()).map_err(|_| unusable())?;
        encode(&header, &claims, &key).map_err(|_| unusable())
    }
}

#[async_trait]
impl Issuer for ServiceAccount {
    async fn issue(&self) -> Result<(String, Duration)> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .append_pair("assertion", &self.statement()?)
            .finish();
        let request = self.http.post(&self.key.token_uri)?.body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.send().await?;
        let answer = failure::checked(answer, None).await?;
        let answer: Answer = answer.json(LONGEST).await?;
        Ok((answer.access_token, Duration::from_secs(answer.expires_in.unwrap_or(LIFE.into()))))
    }
}
