//! A model that costs next to nothing: OpenAI's chat completions, answered from a [`Script`],
//! and embeddings.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
    serve::ListenerExt,
};
use futures::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, task::AbortHandle};

use crate::script::Script;

/// Numbers of a vector.
const DIMENSION: usize = 384;

/// The running mock; it ends when this is dropped.
pub(crate) struct Mock {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    counters: Arc<Counters>,
    task: AbortHandle,
}

/// What the mock has seen.
struct Counters {
    connections: AtomicU64,
    calls: AtomicU64,
    /// Answers that hang at this moment.
    hanging: watch::Sender<usize>,
}

impl Mock {
    /// Starts it on a free port of the loopback address.
    #[expect(
        clippy::disallowed_methods,
        reason = "the task of the server ends with the `Mock`, by its handle"
    )]
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.context("no port is free for the mock model")?;
        let address = listener.local_addr()?;
        let counters = Arc::new(Counters {
            connections: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            hanging: watch::Sender::new(0),
        });
        let counted = counters.clone();
        let listener = listener.tap_io(move |connection| {
            counted.connections.fetch_add(1, Ordering::Relaxed);
            // Tokens must not wait for each other. Where it fails they do, and the figures show it.
            let _ = connection.set_nodelay(true);
        });
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .route("/v1/embeddings", post(embed))
            .with_state(counters.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
        Ok(Self { address, counters, task })
    }

    /// The address to call it at.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> u64 {
        self.counters.connections.load(Ordering::Relaxed)
    }

    /// Calls answered so far.
    pub(crate) fn calls(&self) -> u64 {
        self.counters.calls.load(Ordering::Relaxed)
    }

    /// Waits until exactly `wanted` answers hang.
    ///
    /// # Errors
    /// How many hang instead when `patience` is over.
    pub(crate) async fn wait_for_hanging(&self, wanted: usize, patience: Duration) -> Result<()> {
        let mut hanging = self.counters.hanging.subscribe();
        let wait = tokio::time::timeout(patience, hanging.wait_for(|open| *open == wanted)).await;
        let reached = wait.is_ok();
        let open = *self.counters.hanging.borrow();
        anyhow::ensure!(
            reached,
            "after {} s the model still has {open} open calls instead of {wanted}",
            patience.as_secs()
        );
        Ok(())
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A hanging answer; dropped when its caller is gone.
struct Hanging(Arc<Counters>);

impl Hanging {
    fn new(counters: Arc<Counters>) -> Self {
        counters.hanging.send_modify(|open| *open += 1);
        Self(counters)
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        self.0.hanging.send_modify(|open| *open -= 1);
    }
}

async fn complete(State(counters): State<Arc<Counters>>, body: Bytes) -> Response {
    counters.calls.fetch_add(1, Ordering::Relaxed);
    let Ok(request) = serde_json::from_slice::<Value>(&body) else {
        return (StatusCode::BAD_REQUEST, "the body is not JSON").into_response();
    };
    let last = request["messages"].as_array().and_then(|it| it.last());
    let script = Script::read(last.and_then(|it| it["content"].as_str()).unwrap_or_default());
    if !script.delay.is_zero() {
        tokio::time::sleep(script.delay).await;
    }
    if request["stream"] == true {
        let body = Body::from_stream(pieces(script, counters).map(Ok::<_, Infallible>));
        return ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response();
    }
    if script.hangs {
        let _hanging = Hanging::new(counters);
        return std::future::pending().await;
    }
    let answer = json!({
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 1,
        "model": "measured",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": script.answer(), "refusal": null},
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": usage(script),
    });
    axum::Json(answer).into_response()
}

/// Vectors that differ where the texts do, for next to nothing.
async fn embed(body: Bytes) -> Response {
    let Ok(request) = serde_json::from_slice::<Value>(&body) else {
        return (StatusCode::BAD_REQUEST, "the body is not JSON").into_response();
    };
    let texts: Vec<&str> = match &request["input"] {
        Value::String(text) => vec![text],
        texts => texts.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
    };
    let data: Vec<Value> = texts
        .into_iter()
        .enumerate()
        .map(|(index, text)| {
            let mut vector = [0.1_f32; DIMENSION];
            for (number, byte) in vector.iter_mut().zip(text.bytes()) {
                *number = f32::from(byte) / 255.0;
            }
            json!({"object": "embedding", "index": index, "embedding": vector.as_slice()})
        })
        .collect();
    let usage = json!({"prompt_tokens": 1, "total_tokens": 1});
    let answer = json!({"object": "list", "model": "measured", "data": data, "usage": usage});
    axum::Json(answer).into_response()
}

/// The pieces of a streamed answer, each a chunk of its own.
fn pieces(script: Script, counters: Arc<Counters>) -> impl Stream<Item = Bytes> {
    let role = stream::iter([chunk(&json!({"role": "assistant", "content": ""}), &Value::Null)]);
    let tokens = stream::iter(0..script.tokens).then(move |place| async move {
        if place > 0 && !script.pace.is_zero() {
            tokio::time::sleep(script.pace).await;
        }
        chunk(&json!({"content": Script::token(place)}), &Value::Null)
    });
    let ending = stream::once(async move {
        if script.hangs {
            let _hanging = Hanging::new(counters);
            std::future::pending::<()>().await;
        }
        let stop = chunk(&json!({}), &json!("stop"));
        let usage = json!({"id": "chatcmpl-0", "choices": [], "usage": usage(script)});
        Bytes::from([&stop[..], format!("data: {usage}\n\ndata: [DONE]\n\n").as_bytes()].concat())
    });
    role.chain(tokens).chain(ending)
}

fn chunk(delta: &Value, finish_reason: &Value) -> Bytes {
    let chunk = json!({
        "id": "chatcmpl-0",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "measured",
        "system_fingerprint": "fp_0",
        "choices": [{
            "index": 0,
            "delta": delta,
            "logprobs": null,
            "finish_reason": finish_reason,
        }],
    });
    format!("data: {chunk}\n\n").into()
}

fn usage(script: Script) -> Value {
    json!({
        "prompt_tokens": 10,
        "completion_tokens": script.tokens,
        "total_tokens": 10 + script.tokens,
    })
}
