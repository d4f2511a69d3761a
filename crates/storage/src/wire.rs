//! Lets the library of object stores speak through a client that is handed in.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use flowstone_core::Result;
use http_body_util::BodyExt as _;
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    },
};

/// Makes the calls to a bucket. Whatever the status, an answer is an answer.
#[async_trait]
pub trait Outgoing: Send + Sync {
    /// Makes one call and gives the whole answer. It is not tried again: that is decided here.
    ///
    /// # Errors
    /// Where there was no answer, or none may be asked for.
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>>;
}

/// Gives every part of the library the same client.
pub(crate) struct Connector(pub(crate) Arc<dyn Outgoing>);

/// The client in the form the library wants.
struct Service(Arc<dyn Outgoing>);

impl fmt::Debug for Connector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Connector")
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Service")
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Service(self.0.clone())))
    }
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (mut head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        // Lengths are checked against what is stored, so nothing may be packed on the way.
        let plain = http::HeaderValue::from_static("identity");
        head.headers.insert(http::header::ACCEPT_ENCODING, plain);
        let answer = self.0.call(http::Request::from_parts(head, body)).await.map_err(lost)?;
        Ok(answer.map(Into::into))
    }
}

/// A refused address stays refused; anything else may pass.
fn lost(error: flowstone_core::Error) -> HttpError {
    let kind = match error {
        flowstone_core::Error::AddressRefused(_) => HttpErrorKind::Unknown,
        _ => HttpErrorKind::Interrupted,
    };
    HttpError::new(kind, error)
}
