//! The part of a request that was not read when it was answered.
//!
//! A client may send the head and the body of a request one after the other. Where the answer needs no
//! body (nobody is signed in, there is no such path), it can be ready in between, and a connection with an
//! unread body is closed: the client's next request on it would find nobody, without having been told. So
//! a small rest is taken in before the answer goes out, and a large one makes the answer say that the
//! connection ends with it.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Request, Response, header},
};
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use parking_lot::Mutex;

/// The most that is taken in, in bytes.
const MOST: usize = 64 * 1024;
/// How long a client may take to send it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where a body lies that was given back before its end.
pub(crate) struct Unread {
    left: Arc<Mutex<Option<Incoming>>>,
    /// The client sends its body only when it is asked to.
    is_asked_for: bool,
}

/// The request for the routes, and what looks after its body where it has one.
pub(crate) fn lend(request: Request<Incoming>) -> (Request<Body>, Option<Unread>) {
    if request.body().is_end_stream() {
        return (request.map(Body::new), None);
    }
    let left = Arc::new(Mutex::new(None));
    let is_asked_for = request.headers().contains_key(header::EXPECT);
    let home = Arc::clone(&left);
    let request = request.map(|body| Body::new(Lent { body: Some(body), home }));
    (request, Some(Unread { left, is_asked_for }))
}

impl Unread {
    /// Takes in what nobody read, or lets `response` tell that the connection ends.
    pub(crate) async fn settle(self, response: &mut Response<Body>) {
        let Some(body) = self.left.lock().take() else { return };
        let is_read = !self.is_asked_for
            && tokio::time::timeout(PATIENCE, take_in(body)).await.unwrap_or_default();
        if !is_read {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// Whether the body came to its end within [`MOST`] bytes.
async fn take_in(mut body: Incoming) -> bool {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        bytes += frame.data_ref().map_or(0, Bytes::len);
        if bytes > MOST {
            return false;
        }
    }
    true
}

/// A body that is given back when it is dropped before its end.
struct Lent {
    body: Option<Incoming>,
    home: Arc<Mutex<Option<Incoming>>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        *self.home.lock() = self.body.take().filter(|it| !it.is_end_stream());
    }
}
