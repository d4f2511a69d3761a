//! What clients of plain JSON services share: calls in bounds, and failures that name the service.

use flowstone_core::{Error, Result};
use serde::de::DeserializeOwned;

use crate::{
    failure,
    http::{Request, Response},
};

/// Longest answer, in bytes.
pub(crate) const LONGEST: usize = 64 * 1024 * 1024;

/// Most pages of one list that are asked for, so that a service that always names a next one ends.
pub(crate) const MOST_PAGES: usize = 10_000;

/// The service, as its failures are told.
#[derive(Clone, Copy)]
pub(crate) struct Service<'a> {
    /// What people call it.
    pub(crate) name: &'static str,
    /// Masked where the service repeats it.
    pub(crate) secret: &'a str,
}

impl Service<'_> {
    /// Makes a call whose answer must be no error.
    pub(crate) async fn answer(&self, request: Request<'_>) -> Result<Response> {
        failure::checked(request.send().await?, Some(self.secret)).await.map_err(
            |error| match error {
                Error::Provider { status, message } => {
                    Error::Provider { status, message: format!("{}: {message}", self.name) }
                }
                other => other,
            },
        )
    }

    /// The same, read as JSON.
    pub(crate) async fn json<T: DeserializeOwned>(&self, request: Request<'_>) -> Result<T> {
        self.answer(request).await?.json(LONGEST).await
    }

    /// What a service says that fails without an error status.
    pub(crate) fn failed(&self, reason: &str) -> Error {
        let reason = if self.secret.is_empty() {
            reason.to_owned()
        } else {
            reason.replace(self.secret, "[key]")
        };
        Error::Provider { status: 502, message: format!("{}: {reason}", self.name) }
    }

    /// For a list that does not end.
    pub(crate) fn endless(&self) -> Error {
        self.failed("its list goes on without end")
    }
}

/// An address without slashes at its end.
pub(crate) fn base(address: &str) -> &str {
    address.trim().trim_end_matches('/')
}

/// `text` as one segment of a path.
pub fn segment(text: &str) -> String {
    match text.trim() {
        // These would climb, encoded or not; so written they are the name of nothing.
        dots @ ("." | "..") => dots.replace('.', "%252E"),
        text => crate::aws::encoded(text),
    }
}
