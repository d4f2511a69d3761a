//! A cache of Momento over its HTTP interface
//! (<https://docs.momentohq.com/cache/develop/api-reference/http-api>).

use std::{sync::Arc, time::Duration};

use flowstone_core::Result;
use reqwest::{Method, StatusCode};

use crate::{
    failure,
    http::{HttpClient, Request},
};

/// Longest value, in bytes: the vendor's own limit is lower.
const LONGEST: usize = 16 * 1024 * 1024;

/// A cache.
pub struct Cache {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// The address of its region, such as `https://api.cache.cell-4-us-west-2-1.prod.a.momentohq.com`.
    pub endpoint: String,
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
}

impl Cache {
    /// What is kept under `key` and is still good.
    ///
    /// # Errors
    /// `Provider` where the vendor refuses, `Transport` where it cannot be reached.
    pub async fn get(&self, key: &str) -> Result<Option<String>> {
        let answer = self.request(Method::GET, key)?.send().await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(None),
            _ => failure::checked(answer, Some(&self.key)).await?.text(LONGEST).await.map(Some),
        }
    }

    /// Keeps `value` under `key` for so long.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn put(&self, key: &str, value: &str, life: Duration) -> Result<()> {
        let request = self.request(Method::PUT, key)?.query("ttl_seconds", life.as_secs());
        let answer = request.body(value.to_owned()).send().await?;
        failure::checked(answer, Some(&self.key)).await.map(drop)
    }

    fn request(&self, method: Method, key: &str) -> Result<Request<'_>> {
        let name: String = url::form_urlencoded::byte_serialize(self.name.as_bytes()).collect();
        let endpoint = self.endpoint.trim().trim_end_matches('/');
        // The console shows the host alone.
        let scheme = if endpoint.contains("://") { "" } else { "https://" };
        let address = format!("{scheme}{endpoint}/cache/{}", name.replace('+', "%20"));
        let request = self.http.request(method, &address)?.query("key", key);
        Ok(request.header("authorization", &self.key))
    }
}
