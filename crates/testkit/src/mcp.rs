//! An in-process MCP server that speaks both HTTP transports.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::{get, post},
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet};

/// Messages that may wait on a stream of the older transport.
const CAPACITY: usize = 32;

/// A server on a free port of this machine. It ends when this is dropped.
///
/// `/mcp` answers in JSON, `/mcp-events` as a stream, both over streamable HTTP; `/sse` is the older
/// transport; `/moved` is the older transport that wants messages posted elsewhere; `/none` is no MCP
/// server at all. Its tools are `echo`, `fail`, `picture`, `count` (calls on this connection) and
/// `Odd name!`.
pub struct FakeMcp {
    address: String,
    shared: Arc<Shared>,
    _server: JoinSet<()>,
}

/// A message as it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct McpCall {
    /// Path it came to.
    pub path: &'static str,
    /// Such as `tools/call`.
    pub method: String,
    /// Headers by lower-case name.
    pub headers: HashMap<String, String>,
    /// What it is about.
    pub params: Value,
}

#[derive(Default)]
struct Shared {
    calls: Mutex<Vec<McpCall>>,
    streams: Mutex<HashMap<String, mpsc::Sender<Value>>>,
    counts: Mutex<HashMap<String, u64>>,
    tools: Mutex<Option<Value>>,
    bearer: Mutex<Option<String>>,
    ended: Mutex<usize>,
}

impl FakeMcp {
    /// Starts it.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared::default());
        let router = Router::new()
            .route("/mcp", post(plain).delete(end))
            .route("/mcp-events", post(streamed).delete(end))
            .route("/sse", get(open))
            .route("/moved", get(moved))
            .route("/messages", post(posted))
            .route("/none", get(async || "hello").post(async || "hello"))
            .with_state(shared.clone());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, shared, _server: server }
    }

    /// `127.0.0.1:PORT`: the entry an allow list needs.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on only callers with this bearer token are answered.
    pub fn asks_for(&self, token: &str) {
        *self.shared.bearer.lock().unwrap() = Some(format!("Bearer {token}"));
    }

    /// Tells these tools instead of its own.
    pub fn tells(&self, tools: Value) {
        *self.shared.tools.lock().unwrap() = Some(tools);
    }

    /// All messages so far, oldest first.
    pub fn calls(&self) -> Vec<McpCall> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// The methods of those, in order.
    pub fn methods(&self) -> Vec<String> {
        self.calls().into_iter().map(|it| it.method).collect()
    }

    /// Sessions that clients ended.
    pub fn ended(&self) -> usize {
        *self.shared.ended.lock().unwrap()
    }
}

/// The tools it tells of where a test says nothing else.
pub fn tools() -> Value {
    let text = json!({"type": "object", "properties": {"text": {"type": "string", "description": "What to say"}}, "required": ["text"]});
    let nothing = json!({"type": "object"});
    json!([
        {"name": "echo", "description": "Says it again", "inputSchema": text},
        {"name": "fail", "description": "Always fails", "inputSchema": nothing},
        {"name": "picture", "description": "Draws", "inputSchema": nothing},
        {"name": "count", "description": "Counts calls", "inputSchema": nothing},
        {"name": "Odd name!", "inputSchema": nothing},
    ])
}

impl Shared {
    /// Notes a message and answers it; `None` for a notification.
    fn answer(
        &self,
        path: &'static str,
        session: &str,
        headers: &HeaderMap,
        message: &Value,
    ) -> Option<Value> {
        let method = message["method"].as_str().unwrap_or_default().to_owned();
        let seen = headers.iter().map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let params = message["params"].clone();
        let call = McpCall {
            path,
            method: method.clone(),
            headers: seen.collect(),
            params: params.clone(),
        };
        self.calls.lock().unwrap().push(call);
        let id = message.get("id")?;
        let result = match method.as_str() {
            "initialize" => json!({
                "protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                "serverInfo": {"name": "fake", "version": "1"},
            }),
            "tools/list" => self.page(&params),
            "tools/call" => self.call(session, &params),
            _ => {
                let error = json!({"code": -32601, "message": "Method not found"});
                return Some(json!({"jsonrpc": "2.0", "id": id, "error": error}));
            }
        };
        Some(json!({"jsonrpc": "2.0", "id": id, "result": result}))
    }

    /// Two tools a page.
    fn page(&self, params: &Value) -> Value {
        let all = self.tools.lock().unwrap().clone().unwrap_or_else(tools);
        let all = all.as_array().cloned().unwrap_or_default();
        let from: usize = params["cursor"].as_str().map_or(0, |it| it.parse().unwrap());
        let page: Vec<&Value> = all.iter().skip(from).take(2).collect();
        let mut result = json!({"tools": page});
        if from + 2 < all.len() {
            result["nextCursor"] = (from + 2).to_string().into();
        }
        result
    }

    fn call(&self, session: &str, params: &Value) -> Value {
        let text = |text: String| json!({"content": [{"type": "text", "text": text}]});
        match params["name"].as_str().unwrap_or_default() {
            "echo" => {
                text(format!("echo: {}", params["arguments"]["text"].as_str().unwrap_or_default()))
            }
            "fail" => {
                json!({"content": [{"type": "text", "text": "it went wrong"}], "isError": true})
            }
            "picture" => json!({"content": [
                {"type": "text", "text": "here"}, {"type": "image", "data": "aGk=", "mimeType": "image/png"},
            ]}),
            "count" => {
                let mut counts = self.counts.lock().unwrap();
                let count = counts.entry(session.to_owned()).or_default();
                *count += 1;
                text(count.to_string())
            }
            other => text(format!("called {other}")),
        }
    }

    fn lets_in(&self, headers: &HeaderMap) -> Result<(), Box<Response>> {
        let bearer = self.bearer.lock().unwrap().clone();
        let given = headers.get("authorization").and_then(|it| it.to_str().ok());
        if bearer.is_none() || bearer.as_deref() == given {
            return Ok(());
        }
        let body = json!({"error": "invalid_token", "error_description": "no such token"});
        Err(Box::new((StatusCode::UNAUTHORIZED, Json(body)).into_response()))
    }

    /// The session of a message: a new one for a greeting.
    fn session(&self, headers: &HeaderMap, message: &Value) -> Result<String, Box<Response>> {
        self.lets_in(headers)?;
        if message["method"] == "initialize" {
            return Ok(format!("session-{}", self.calls.lock().unwrap().len()));
        }
        let given = headers.get("mcp-session-id").and_then(|it| it.to_str().ok());
        given.map(str::to_owned).ok_or_else(|| Box::new(StatusCode::BAD_REQUEST.into_response()))
    }
}

async fn plain(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Json(message): Json<Value>,
) -> Response {
    let session = match shared.session(&headers, &message) {
        Ok(session) => session,
        Err(refusal) => return *refusal,
    };
    match shared.answer("/mcp", &session, &headers, &message) {
        Some(answer) => ([("mcp-session-id", session)], Json(answer)).into_response(),
        None => StatusCode::ACCEPTED.into_response(),
    }
}

async fn streamed(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Json(message): Json<Value>,
) -> Response {
    let session = match shared.session(&headers, &message) {
        Ok(session) => session,
        Err(refusal) => return *refusal,
    };
    let Some(answer) = shared.answer("/mcp-events", &session, &headers, &message) else {
        return StatusCode::ACCEPTED.into_response();
    };
    let event = Event::default().event("message").data(answer.to_string());
    let events = stream::iter([Ok::<_, Infallible>(event)]);
    ([("mcp-session-id", session)], Sse::new(events)).into_response()
}

async fn end(State(shared): State<Arc<Shared>>) -> StatusCode {
    *shared.ended.lock().unwrap() += 1;
    StatusCode::OK
}

async fn open(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if let Err(refusal) = shared.lets_in(&headers) {
        return *refusal;
    }
    let (sender, receiver) = mpsc::channel(CAPACITY);
    let session = {
        let mut streams = shared.streams.lock().unwrap();
        let session = format!("stream-{}", streams.len());
        streams.insert(session.clone(), sender);
        session
    };
    let endpoint = Event::default().event("endpoint").data(format!("/messages?session={session}"));
    let messages = stream::unfold(receiver, |mut receiver| async {
        let message = receiver.recv().await?;
        Some((Event::default().event("message").data(message.to_string()), receiver))
    });
    let events = stream::iter([endpoint]).chain(messages).map(Ok::<_, Infallible>);
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

async fn moved() -> Response {
    let endpoint = Event::default().event("endpoint").data("http://127.0.0.1:1/messages");
    Sse::new(stream::iter([Ok::<_, Infallible>(endpoint)])).into_response()
}

async fn posted(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    Json(message): Json<Value>,
) -> StatusCode {
    let session = query.get("session").cloned().unwrap_or_default();
    let Some(sender) = shared.streams.lock().unwrap().get(&session).cloned() else {
        return StatusCode::NOT_FOUND;
    };
    if let Some(answer) = shared.answer("/sse", &session, &headers, &message) {
        // A client that left misses nothing.
        drop(sender.send(answer).await);
    }
    StatusCode::ACCEPTED
}
