//! An in-process web site of fixed pages.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use bytes::Bytes;
use tokio::{net::TcpListener, task::JoinSet};

/// Longest body it reads, in bytes.
const REQUEST_LIMIT: usize = 32 << 20;

/// A server on a free port of this machine that answers each path with its page and everything
/// else with 404. It ends when this is dropped.
pub struct FakeSite {
    address: String,
    shared: Arc<Shared>,
    _server: JoinSet<()>,
}

/// What a path is answered with.
#[derive(Clone, Debug)]
pub struct SitePage {
    status: u16,
    header: (&'static str, String),
    body: Bytes,
}

/// A call as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteCall {
    /// `GET` and so on.
    pub method: String,
    /// Path with the query.
    pub path: String,
    /// Headers by lower-case name.
    pub headers: HashMap<String, String>,
    /// The body as text.
    pub body: String,
}

struct Shared {
    /// The pages of each path, of which the last stays.
    pages: Mutex<HashMap<String, VecDeque<SitePage>>>,
    /// What answers all other paths.
    otherwise: Mutex<Option<SitePage>>,
    calls: Mutex<Vec<SiteCall>>,
}

impl SitePage {
    /// `body` with its content type.
    pub fn new(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status: 200, header: ("content-type", content_type.to_owned()), body: body.into() }
    }

    /// An HTML page.
    pub fn html(body: &'static str) -> Self {
        Self::new("text/html; charset=utf-8", body)
    }

    /// The same with another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// A redirect.
    pub fn redirect(location: &str) -> Self {
        let header = ("location", location.to_owned());
        Self { status: 302, header, body: Bytes::new() }
    }
}

impl FakeSite {
    /// Starts it on a free port with these pages by path.
    pub async fn start<const N: usize>(pages: [(&str, SitePage); N]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let pages = pages.into_iter().map(|(path, page)| (path.to_owned(), [page].into()));
        let pages = pages.collect();
        let shared = Arc::new(Shared {
            pages: Mutex::new(pages),
            otherwise: Mutex::default(),
            calls: Mutex::default(),
        });
        let router = Router::new().fallback(handle).with_state(shared.clone());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, shared, _server: server }
    }

    /// Adds a page or replaces the one at its path.
    pub fn put(&self, path: &str, page: SitePage) {
        self.shared.pages.lock().unwrap().insert(path.to_owned(), [page].into());
    }

    /// Adds a page that answers the call after those that the pages at its path answer so far.
    pub fn then(&self, path: &str, page: SitePage) {
        self.shared.pages.lock().unwrap().entry(path.to_owned()).or_default().push_back(page);
    }

    /// Answers all paths that have no page with this one.
    pub fn otherwise(&self, page: SitePage) {
        *self.shared.otherwise.lock().unwrap() = Some(page);
    }

    /// `127.0.0.1:PORT`: the entry an allow list needs.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All calls so far, oldest first.
    pub fn calls(&self) -> Vec<SiteCall> {
        self.shared.calls.lock().unwrap().clone()
    }
}

/// Each page answers one call, the last all that follow.
fn next(pages: &mut VecDeque<SitePage>) -> Option<SitePage> {
    if pages.len() > 1 { pages.pop_front() } else { pages.front().cloned() }
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |it| it.as_str()).to_owned();
    let headers = head.headers.iter().map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let body = to_bytes(body, REQUEST_LIMIT).await.unwrap();
    let call = SiteCall {
        method: head.method.to_string(),
        path: path.clone(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    shared.calls.lock().unwrap().push(call);
    let page = shared.pages.lock().unwrap().get_mut(&path).and_then(next);
    let page = page.or_else(|| shared.otherwise.lock().unwrap().clone());
    let page = page.unwrap_or_else(|| SitePage::html("<h1>No such page</h1>").status(404));
    let (name, value) = page.header;
    Response::builder()
        .status(StatusCode::from_u16(page.status).unwrap())
        .header(name, value)
        .body(Body::from(page.body))
        .unwrap()
}
