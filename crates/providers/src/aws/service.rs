//! A service of Amazon's that takes JSON.

use std::sync::Arc;

use flowstone_core::{Credential, Result};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Access, Keys, Signer, endpoint};
use crate::{
    failure,
    http::{HttpClient, Request, Response, Retry},
};

/// Longest answer, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// A service in a region, and who calls it.
#[derive(Clone)]
pub struct Service {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// Up to and without the path.
    pub address: String,
    /// Such as `us-east-1`.
    pub region: String,
    /// The name that the service signs by.
    pub name: &'static str,
    access: Arc<Access>,
}

impl Service {
    /// The service at its usual address, called as `credential` says; `host` is the part of the
    /// address before the region.
    ///
    /// # Errors
    /// `Credential` where it lacks a key.
    pub fn of(
        http: Arc<HttpClient>,
        credential: &Credential,
        region: &str,
        (host, name): (&str, &'static str),
    ) -> Result<Self> {
        let access = Arc::new(Access::of(http.clone(), credential, region)?);
        let region = region.to_owned();
        Ok(Self { http, address: endpoint(host, &region), region, name, access })
    }

    /// The same with fixed keys.
    pub fn with_keys(
        http: Arc<HttpClient>,
        keys: Keys,
        region: &str,
        (host, name): (&str, &'static str),
    ) -> Self {
        let access = Arc::new(Access::with(http.clone(), keys));
        let region = region.to_owned();
        Self { http, address: endpoint(host, &region), region, name, access }
    }

    /// The same at another address.
    #[must_use]
    pub fn at(mut self, address: &str) -> Self {
        let address = address.trim().trim_end_matches('/');
        let scheme = if address.contains("://") { "" } else { "https://" };
        self.address = format!("{scheme}{address}");
        self
    }

    /// Sends JSON to a path.
    ///
    /// # Errors
    /// Amazon's words where it refuses, `Transport` where it cannot be reached.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Response> {
        let request = self.http.post(&format!("{}{path}", self.address))?.json(body);
        self.send(request.retry(Retry::Always)).await
    }

    /// Calls an operation of a service whose operations are named in a header, in the given version
    /// of Amazon's JSON protocol.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub async fn call<T: DeserializeOwned>(
        &self,
        target: &str,
        version: &str,
        body: &Value,
    ) -> Result<T> {
        let request = self.http.post(&format!("{}/", self.address))?.body(body.to_string());
        let request = request
            .header("content-type", &format!("application/x-amz-json-{version}"))
            .header("x-amz-target", target);
        self.send(request).await?.json(LONGEST).await
    }

    /// Calls an operation of an older service, which takes a form and answers XML; gives the texts of
    /// its elements by name, in order.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub async fn query(&self, fields: &[(&str, &str)]) -> Result<Vec<(String, String)>> {
        let form =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.http.post(&format!("{}/", self.address))?.body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let keys = self.access.keys().await?;
        let answer = self.signer(&keys).sign(request.stay()).send().await?;
        let answer = super::answer::checked(answer, Some(&keys.secret)).await?;
        super::answer::texts(&answer.text(LONGEST).await?)
    }

    async fn send(&self, request: Request<'_>) -> Result<Response> {
        let keys = self.access.keys().await?;
        let answer = self.signer(&keys).sign(request.stay()).send().await?;
        failure::checked(answer, Some(&keys.secret)).await
    }

    fn signer<'a>(&'a self, keys: &'a Keys) -> Signer<'a> {
        Signer { keys, region: &self.region, service: self.name }
    }
}
