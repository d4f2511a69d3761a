//! Who calls Baidu's Qianfan: a pair of keys is exchanged for a token
//! (<https://cloud.baidu.com/doc/IAM/s/Mm2x5qsgw>).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flowstone_core::Result;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::{failure, http::HttpClient, tokens::Issuer};

/// Where tokens are given.
pub const IAM: &str = "https://iam.bj.baidubce.com";

const PATH: &str = "/v1/BCE-BEARER/token";
/// How long a token is asked for, in seconds.
const LIFE: u64 = 86_400;
/// How long a signature holds, in seconds.
const SIGNATURE_LIFE: u64 = 1800;
/// Longest answer, in bytes.
const LONGEST: usize = 64 * 1024;

/// A pair of keys.
pub struct KeyPair {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// [`IAM`].
    pub address: String,
    /// Says whose it is. What begins with `bce-v3/` is a token already.
    pub access_key: String,
    /// Signs.
    pub secret_key: String,
}

#[derive(Deserialize)]
struct Answer {
    token: String,
}

#[async_trait]
impl Issuer for KeyPair {
    async fn issue(&self) -> Result<(String, Duration)> {
        let life = Duration::from_secs(LIFE);
        if self.access_key.starts_with("bce-v3/") {
            return Ok((self.access_key.clone(), life));
        }
        let address = format!("{}{PATH}?expireInSeconds={LIFE}", self.address);
        let request = self.http.get(&address)?.signed(|_, url, _, _| {
            let port = url.port().map(|it| format!(":{it}")).unwrap_or_default();
            let host = format!("{}{port}", url.host_str().unwrap_or_default());
            vec![("authorization", self.authorization(&host, Utc::now()))]
        });
        let answer = request.send().await?;
        let answer = failure::checked(answer, Some(&self.secret_key)).await?;
        Ok((answer.json::<Answer>(LONGEST).await?.token, life))
    }
}

impl KeyPair {
    /// The signature over method, path, query and host.
    fn authorization(&self, host: &str, now: DateTime<Utc>) -> String {
        let time = now.format("%Y-%m-%dT%H:%M:%SZ");
        let prefix = format!("bce-auth-v1/{}/{time}/{SIGNATURE_LIFE}", self.access_key);
        let key = keyed(self.secret_key.as_bytes(), &prefix);
        let host = host.replace(':', "%3A");
        let call = format!("GET\n{PATH}\nexpireInSeconds={LIFE}\nhost:{host}");
        format!("{prefix}/host/{}", keyed(key.as_bytes(), &call))
    }
}

fn keyed(key: &[u8], text: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::HttpSettings;

    #[test]
    fn a_signature_names_who_when_and_what() {
        let http = Arc::new(HttpClient::new(HttpSettings::default()).unwrap());
        let (access_key, secret_key) = ("ak".to_owned(), "sk".to_owned());
        let pair = KeyPair { http, address: IAM.to_owned(), access_key, secret_key };
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05Z").unwrap().to_utc();
        let said = pair.authorization("iam.bj.baidubce.com", now);
        let (prefix, signature) = said.rsplit_once('/').unwrap();
        assert_eq!(prefix, "bce-auth-v1/ak/2026-01-02T03:04:05Z/1800/host");
        assert!(signature.len() == 64 && signature.chars().all(|it| it.is_ascii_hexdigit()));
        let other = KeyPair { secret_key: "other".to_owned(), ..pair };
        assert_ne!(other.authorization("iam.bj.baidubce.com", now), said);
    }
}
