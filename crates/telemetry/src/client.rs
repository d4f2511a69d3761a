//! Calls of OpenTelemetry's exporters, made by the program's own client.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use flowstone_providers::HttpClient;
use http::{Request, Response};
use opentelemetry_http::HttpError;
use tokio::runtime::Handle;

/// Longest answer of a collector in bytes.
const LONGEST: usize = 1024 * 1024;

/// Sends from whatever thread an exporter calls on: the call itself runs in the runtime.
pub(crate) struct Outgoing {
    client: Arc<HttpClient>,
    headers: Vec<(String, String)>,
    runtime: Handle,
}

impl Outgoing {
    /// Inside the runtime that is to make the calls.
    pub(crate) fn new(client: Arc<HttpClient>, headers: Vec<(String, String)>) -> Self {
        Self { client, headers, runtime: Handle::current() }
    }
}

impl fmt::Debug for Outgoing {
    /// Headers hold keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Outgoing")
    }
}

#[async_trait]
impl opentelemetry_http::HttpClient for Outgoing {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, headers) = (self.client.clone(), self.headers.clone());
        let call = async move {
            let (parts, body) = request.into_parts();
            let mut call = client.post(&parts.uri.to_string())?;
            for (name, value) in &parts.headers {
                call = call.header(name.as_str(), value.to_str().unwrap_or_default());
            }
            for (name, value) in &headers {
                call = call.header(name, value);
            }
            let answer = call.body(body).send().await?;
            let status = answer.status().as_u16();
            let bytes = answer.bytes(LONGEST).await?;
            Ok::<_, flowstone_core::Error>((status, bytes))
        };
        let (status, bytes) = self.runtime.spawn(call).await??;
        Ok(Response::builder().status(status).body(bytes)?)
    }
}
