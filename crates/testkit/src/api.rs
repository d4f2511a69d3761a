//! An in-process server of JSON whose answers a test computes.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};

use crate::SiteCall;

/// Longest body it reads, in bytes.
const REQUEST_LIMIT: usize = 16 << 20;

type Answer = dyn FnMut(&SiteCall) -> (u16, Value) + Send;

/// A server on a free port of this machine; it ends when this is dropped.
pub struct FakeApi {
    address: String,
    shared: Arc<Shared>,
    _server: JoinSet<()>,
}

struct Shared {
    answer: Mutex<Box<Answer>>,
    calls: Mutex<Vec<SiteCall>>,
}

impl FakeApi {
    /// Answers each call with the status and the body that `answer` gives.
    ///
    /// # Panics
    /// Where there is no free port.
    pub async fn start(answer: impl FnMut(&SiteCall) -> (u16, Value) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared =
            Arc::new(Shared { answer: Mutex::new(Box::new(answer)), calls: Mutex::default() });
        let router = Router::new().fallback(handle).with_state(shared.clone());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, shared, _server: server }
    }

    /// `127.0.0.1:PORT`: the entry an allow list needs.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// All calls so far, oldest first.
    ///
    /// # Panics
    /// Where an answer panicked.
    pub fn calls(&self) -> Vec<SiteCall> {
        self.shared.calls.lock().unwrap().clone()
    }
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter().map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let body = to_bytes(body, REQUEST_LIMIT).await.unwrap();
    let call = SiteCall {
        method: head.method.to_string(),
        path: head.uri.path_and_query().map_or("/", |it| it.as_str()).to_owned(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let (status, answer) = (shared.answer.lock().unwrap())(&call);
    shared.calls.lock().unwrap().push(call);
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("content-type", "application/json")
        .body(Body::from(answer.to_string()))
        .unwrap()
}
