//! An in-process model provider that speaks the vendors' wires from a script.

mod anthropic;
mod gemini;
mod ollama;
mod openai;
mod responses;
mod texts;

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use bytes::Bytes;
use flowstone_core::{ToolCall, Usage};
use futures::Stream;
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::script::{Asked, Content, Ending, Reply, answer, tokens};

/// Largest request it reads, in bytes.
const REQUEST_LIMIT: usize = 32 * 1024 * 1024;

/// A server on a free port of this machine that speaks OpenAI chat completions, completions,
/// responses, embeddings, moderations and model lists, Ollama's native chat, generate, embed and
/// tags, Anthropic's Messages, and Gemini's generated content and embeddings. The last two refuse
/// what their vendors' references forbid.
///
/// It gives the replies queued with [`reply`](Self::reply) in order; once the queue is empty it
/// follows the script in the question (`[[tool:NAME {…}]]`, `[[error:401]]`, `[[json:…]]`,
/// `[[reply:…]]`, `[[hang]]`, `[[break]]`; else `Mock reply to: …`). Embeddings count words,
/// moderation objects to `[[flag]]`. The server ends when this is dropped.
pub struct FakeProvider {
    address: String,
    shared: Arc<Shared>,
    _server: JoinSet<()>,
}

/// A request as it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// `POST` and so on.
    pub method: String,
    /// Path with the query.
    pub path: String,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The JSON body, `null` where there is none.
    pub body: Value,
    /// The caller's side of the connection: calls over one connection share it.
    pub peer: SocketAddr,
}

struct Shared {
    replies: Mutex<VecDeque<Reply>>,
    requests: watch::Sender<Vec<Recorded>>,
    dropped: watch::Sender<usize>,
}

impl FakeProvider {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            replies: Mutex::default(),
            requests: watch::Sender::new(Vec::new()),
            dropped: watch::Sender::new(0),
        });
        let router = Router::new().fallback(handle).with_state(shared.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { address, shared, _server: server }
    }

    /// `127.0.0.1:PORT`: the entry an allow list needs.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// `http://127.0.0.1:PORT`: the base address of Ollama, Anthropic and Gemini.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `http://127.0.0.1:PORT/v1`: the base address of OpenAI.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Queues the answer to a coming chat request.
    pub fn reply(&self, reply: Reply) -> &Self {
        self.shared.replies.lock().unwrap().push_back(reply);
        self
    }

    /// All requests so far, oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.requests.borrow().clone()
    }

    /// The newest request.
    pub fn last_request(&self) -> Recorded {
        self.requests().pop().expect("nothing was asked yet")
    }

    /// Waits until `count` requests have come in since the start.
    pub async fn received(&self, count: usize) {
        let mut requests = self.shared.requests.subscribe();
        requests.wait_for(|it| it.len() >= count).await.unwrap();
    }

    /// Waits until a caller has left before its answer was complete.
    pub async fn dropped(&self) {
        self.dropped_times(1).await;
    }

    /// Waits until that has happened `count` times since the start.
    pub async fn dropped_times(&self, count: usize) {
        let mut dropped = self.shared.dropped.subscribe();
        dropped.wait_for(|it| *it >= count).await.unwrap();
    }
}

/// A wire's way to write answers.
trait Wire {
    /// Content type of a stream.
    const STREAM: &'static str;
    /// Reads what is asked.
    fn asked(request: &Value) -> Asked;
    /// Why the vendor would refuse the request, where it breaks a rule of the wire.
    fn refused(_: &Value) -> Option<String> {
        None
    }
    /// The texts that are read, for counting.
    fn texts(request: &Value) -> Vec<String> {
        let turns = request["messages"].as_array().into_iter().flatten();
        turns.map(|turn| openai::text_of(&turn["content"])).collect()
    }
    /// Whether a stream is asked for.
    fn streams(request: &Value) -> bool;
    /// The whole answer at once.
    fn whole(request: &Value, said: &Said) -> Value;
    /// The answer in pieces; `complete` says whether the closing pieces are due.
    fn pieces(request: &Value, said: &Said, complete: bool) -> Vec<Bytes>;
    /// The body of an error status.
    fn error(status: u16, message: &str) -> Value;
    /// An error inside a stream.
    fn error_piece(message: &str) -> Bytes;
}

/// What the model says, whatever the wire.
struct Said {
    thinking: Vec<String>,
    pieces: Vec<String>,
    tool_calls: Vec<ToolCall>,
    usage: Usage,
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, REQUEST_LIMIT).await.unwrap();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let path = parts.uri.path().to_owned();
    let headers = parts.headers.iter().map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let recorded = Recorded {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: headers.collect(),
        body: body.clone(),
        peer,
    };
    let has = |name: &str| parts.headers.contains_key(name);
    let (has_key, has_version) = (has("x-api-key"), has("anthropic-version"));
    let has_google_key = has("x-goog-api-key");
    shared.requests.send_modify(|it| it.push(recorded));
    if let Some(task) = path.strip_prefix("/v1beta/") {
        return if has_google_key { generate(&shared, task, body) } else { gemini::no_key() };
    }
    match path.as_str() {
        "/v1/messages" if !has_key => anthropic::no_header("x-api-key", 401),
        "/v1/messages" if !has_version => anthropic::no_header("anthropic-version", 400),
        "/v1/messages" => chat::<anthropic::Anthropic>(&shared, &body),
        // Vendors put OpenAI's wires below addresses of many forms.
        it if it.ends_with("/chat/completions") => chat::<openai::OpenAi>(&shared, &body),
        // watsonx.ai says in the path whether the answer is streamed.
        it if it.ends_with("/text/chat") || it.ends_with("/text/chat_stream") => {
            let mut body = body;
            body["stream"] = it.ends_with("_stream").into();
            chat::<openai::OpenAi>(&shared, &body)
        }
        it if it.ends_with("/completions") => chat::<texts::Completions>(&shared, &body),
        it if it.ends_with("/responses") => chat::<responses::Responses>(&shared, &body),
        it if it.ends_with("/embeddings") => {
            embed::<openai::OpenAi>(&shared, &body, openai::embeddings)
        }
        it if it.ends_with("/moderations") => {
            embed::<openai::OpenAi>(&shared, &body, openai::moderations)
        }
        it if it.ends_with("/models") => json(200, &openai::models()),
        "/api/chat" => chat::<ollama::Ollama>(&shared, &body),
        "/api/generate" => chat::<texts::Generate>(&shared, &body),
        "/api/embed" => embed::<ollama::Ollama>(&shared, &body, ollama::embeddings),
        "/api/tags" => json(200, &ollama::tags()),
        other => json(404, &openai::OpenAi::error(404, &format!("no route {other}"))),
    }
}

/// Gemini says in the path what other wires say in the body.
fn generate(shared: &Arc<Shared>, path: &str, mut body: Value) -> Response {
    let Some((model, task)) = path.split_once(':') else {
        return json(404, &gemini::Gemini::error(404, &format!("no route {path}")));
    };
    body["model"] = model.trim_start_matches("models/").into();
    body["stream"] = (task == "streamGenerateContent").into();
    match task {
        "generateContent" | "streamGenerateContent" => chat::<gemini::Gemini>(shared, &body),
        "batchEmbedContents" => embed::<gemini::Gemini>(shared, &body, gemini::embeddings),
        other => json(404, &gemini::Gemini::error(404, &format!("no task {other}"))),
    }
}

fn chat<W: Wire>(shared: &Arc<Shared>, request: &Value) -> Response {
    if let Some(reason) = W::refused(request) {
        return json(400, &W::error(400, &reason));
    }
    let asked = W::asked(request);
    let queued = shared.replies.lock().unwrap().pop_front();
    let reply = queued.unwrap_or_else(|| answer(&asked));
    let (pieces, tool_calls) = match reply.content {
        Content::Error { status, message } => {
            return with_headers(json(status, &W::error(status, &message)), &reply.headers);
        }
        Content::Raw { status, content_type, chunks } => {
            let body = Frames::new(chunks, &reply.ending, shared);
            return with_headers(respond(status, &content_type, body), &reply.headers);
        }
        Content::Text(pieces) => (pieces, Vec::new()),
        Content::ToolCalls(calls) => (Vec::new(), calls),
    };
    let written = pieces.iter().chain(tool_calls.iter().map(|it| &it.arguments));
    let usage = Usage {
        input_tokens: W::texts(request).iter().map(|it| tokens(it)).sum(),
        output_tokens: tokens(&written.map(String::as_str).collect::<String>()),
        ..Usage::default()
    };
    let said = Said { thinking: reply.thinking, pieces, tool_calls, usage };
    if !W::streams(request) {
        let bytes = Bytes::from(W::whole(request, &said).to_string());
        let body = Frames::new(vec![bytes], &reply.ending, shared);
        return with_headers(respond(200, "application/json", body), &reply.headers);
    }
    let mut frames = W::pieces(request, &said, reply.ending == Ending::Complete);
    if let Ending::Fails(message) = &reply.ending {
        frames.push(W::error_piece(message));
    }
    let body = Frames::new(frames, &reply.ending, shared);
    with_headers(respond(200, W::STREAM, body), &reply.headers)
}

/// Embeddings are told what to answer too: the queue's errors and its raw JSON hold for them, other
/// replies wait.
fn embed<W: Wire>(shared: &Arc<Shared>, request: &Value, answer: fn(&Value) -> Value) -> Response {
    let mut replies = shared.replies.lock().unwrap();
    let is_meant = |reply: &mut Reply| match &reply.content {
        Content::Error { .. } => true,
        Content::Raw { content_type, .. } => content_type == "application/json",
        Content::Text(_) | Content::ToolCalls(_) => false,
    };
    let Some(reply) = replies.pop_front_if(is_meant) else { return json(200, &answer(request)) };
    let response = match reply.content {
        Content::Error { status, message } => json(status, &W::error(status, &message)),
        Content::Raw { status, content_type, chunks } => {
            respond(status, &content_type, Frames::new(chunks, &reply.ending, shared))
        }
        Content::Text(_) | Content::ToolCalls(_) => json(200, &answer(request)),
    };
    with_headers(response, &reply.headers)
}

fn json(status: u16, body: &Value) -> Response {
    respond_with(status, "application/json", Body::from(body.to_string()))
}

fn respond(status: u16, content_type: &str, frames: Frames) -> Response {
    respond_with(status, content_type, Body::from_stream(frames))
}

fn respond_with(status: u16, content_type: &str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    let content_type = HeaderValue::from_str(content_type).unwrap();
    response.headers_mut().insert("content-type", content_type);
    response
}

fn with_headers(mut response: Response, headers: &[(String, String)]) -> Response {
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        response.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
    }
    response
}

/// The body of an answer: frames one by one, then its ending. Tells when the caller leaves first.
struct Frames {
    frames: VecDeque<Bytes>,
    ending: Ending,
    shared: Arc<Shared>,
    /// The next poll lets what was written reach the caller before the connection is torn.
    flushed: bool,
    finished: bool,
}

impl Frames {
    fn new(frames: Vec<Bytes>, ending: &Ending, shared: &Arc<Shared>) -> Self {
        Self {
            frames: frames.into(),
            ending: ending.clone(),
            shared: shared.clone(),
            flushed: false,
            finished: false,
        }
    }
}

impl Stream for Frames {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(frame) = self.frames.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        match self.ending {
            Ending::Complete | Ending::Fails(_) => {
                self.finished = true;
                Poll::Ready(None)
            }
            Ending::Hang => Poll::Pending,
            Ending::BreakOff if !self.flushed => {
                self.flushed = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Ending::BreakOff => {
                self.finished = true;
                Poll::Ready(Some(Err(io::Error::other("torn on request"))))
            }
        }
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        if !self.finished {
            self.shared.dropped.send_modify(|it| *it += 1);
        }
    }
}
