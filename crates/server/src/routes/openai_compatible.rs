//! Flows as models of OpenAI's chat completions API, so that any of its clients can talk to a flow:
//! <https://platform.openai.com/docs/api-reference/chat>.
//!
//! A flow is a model, by its id or its name; an API key of the workspace is the key.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json,
    body::Body as HttpBody,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::Utc;
use flowstone_core::{Bill, Event, Events, Message, Purse, Role, Upload};
use flowstone_store::ChatFlowFilter;
use futures::stream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::Receiver;

use crate::{
    AppState, Body, Caller, Problem,
    auth::ClientAddress,
    openapi::{Doc, doc},
    prediction::{self, Call, ChatType, Question},
    route::{Policy, Routes},
    runs::Tally,
};

const KEYS: Policy = Policy::Caller(&[]);

pub(super) fn routes() -> Routes {
    let described = || {
        doc("Ask a flow as OpenAI's clients do")
            .details("`model` is the id or the name of a flow; the last message is the question.")
            .takes::<Completion>()
            .gives::<Value>()
            .streams()
            .problem(404)
            .problem(429)
    };
    let listed = || doc("List flows as OpenAI's clients list models").gives::<ModelList>();
    Routes::new()
        .post("/chat/completions", KEYS, complete)
        .doc(described())
        .get("/models", KEYS, models)
        .doc(listed())
        // Where OpenAI's clients look, told the bare address of this installation.
        .post_at_root("/v1/chat/completions", KEYS, complete)
        .doc(Doc::hidden("the same as /chat/completions, where OpenAI's clients look for it"))
        .get_at_root("/v1/models", KEYS, models)
        .doc(Doc::hidden("the same as /models, where OpenAI's clients look for it"))
}

/// A request for a completion. Settings of models are the flow's own and are passed over.
#[derive(Deserialize, JsonSchema)]
struct Completion {
    /// The id or the name of a flow.
    model: String,
    /// The conversation; its last message is the question.
    messages: Vec<Turn>,
    /// The answer in pieces.
    stream: Option<bool>,
    /// What the pieces tell beside the answer.
    stream_options: Option<StreamOptions>,
}

/// What the pieces of an answer tell beside it.
#[derive(Deserialize, JsonSchema)]
struct StreamOptions {
    /// Whether a last piece tells the tokens that were used.
    include_usage: Option<bool>,
}

/// A turn of the conversation.
#[derive(Deserialize, JsonSchema)]
struct Turn {
    /// `system`, `developer`, `user` or `assistant`.
    role: String,
    /// Text, or a list of parts: text and pictures.
    #[serde(default)]
    content: Value,
}

impl Turn {
    fn text(&self) -> String {
        match &self.content {
            Value::String(text) => text.clone(),
            Value::Array(parts) => {
                let texts = parts.iter().filter_map(|it| it["text"].as_str());
                texts.collect::<Vec<_>>().join("\n")
            }
            _ => String::new(),
        }
    }

    fn pictures(&self) -> Vec<Upload> {
        let parts = self.content.as_array().into_iter().flatten();
        let addresses = parts.filter_map(|it| it["image_url"]["url"].as_str());
        let each = addresses.enumerate().map(|(place, address)| {
            let inline = address.strip_prefix("data:");
            let mime = inline.and_then(|it| it.split([';', ',']).next()).unwrap_or("image/png");
            let ending = mime.rsplit('/').next().unwrap_or("png");
            Upload {
                kind: if inline.is_some() { "file" } else { "url" }.to_owned(),
                name: format!("picture-{}.{ending}", place + 1),
                data: address.to_owned(),
                mime: mime.to_owned(),
            }
        });
        each.collect()
    }

    fn message(&self) -> Message {
        let role = match self.role.as_str() {
            "assistant" => Role::Assistant,
            "system" | "developer" => Role::System,
            _ => Role::User,
        };
        Message::new(role, self.text())
    }
}

/// A failure as OpenAI's clients read it.
struct Refusal(Problem);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.0.status();
        (status, Json(error(&self.0))).into_response()
    }
}

/// The failure as those clients read it, beside the fields that ours read.
fn error(problem: &Problem) -> Value {
    let kind = match problem.status() {
        StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST => "invalid_request_error",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        _ => "api_error",
    };
    let code = problem.status().as_u16();
    let message = problem.message();
    json!({
        "error": { "message": message, "type": kind, "param": null, "code": code },
        "statusCode": code,
        "success": false,
        "message": message,
        "stack": {},
    })
}

/// A flow as a model.
#[derive(Serialize, JsonSchema)]
struct Model {
    /// Id of the flow.
    id: String,
    object: &'static str,
    /// When it was made, in seconds since 1970.
    created: i64,
    owned_by: &'static str,
    /// Name of the flow.
    name: String,
}

/// The flows of the workspace.
#[derive(Serialize, JsonSchema)]
struct ModelList {
    object: &'static str,
    data: Vec<Model>,
}

async fn models(State(state): State<AppState>, caller: Caller) -> Result<Json<ModelList>, Problem> {
    let everything = ChatFlowFilter::default();
    let (flows, _) =
        state.store.chatflows().list_summaries(&caller.scope, &everything, None).await?;
    let data = flows.into_iter().map(|it| Model {
        id: it.id,
        object: "model",
        created: it.created_date.timestamp(),
        owned_by: "flowstone",
        name: it.name,
    });
    Ok(Json(ModelList { object: "list", data: data.collect() }))
}

async fn complete(
    State(state): State<AppState>,
    caller: Caller,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    asked: Result<Body<Completion>, Problem>,
) -> Result<Response, Refusal> {
    let Body(asked) = asked?;
    let id = flow_id(&state, &caller, &asked.model).await?;
    let live = state.flows.get(&state.store, &id).await?;
    if let Err(refusal) = prediction::check(&state, &live, &headers, address).await {
        return Ok(refusal.into_response());
    }
    let mut question = question(&asked)?;
    question.api_key = caller.key_id().map(str::to_owned);
    let spent = Arc::new(Tally::new(None));
    let purse: Option<Arc<dyn Purse>> = Some(spent.clone());
    let call = Call { purse, ..Call::new(live, question, ChatType::External) };
    let about = About { created: Utc::now().timestamp(), model: asked.model };
    if asked.stream == Some(true) {
        let tells = asked.stream_options.and_then(|it| it.include_usage) == Some(true);
        return Ok(streamed(&state, call, about, tells.then_some(spent)));
    }
    let exchange = call.answer(&state, Events::silent()).await?;
    let id = completion_id(exchange.body.message_id());
    Ok(Json(json!({
        "id": id,
        "object": "chat.completion",
        "created": about.created,
        "model": about.model,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": exchange.body.to_text() },
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": usage(&spent),
    }))
    .into_response())
}

/// The flow that `model` names: by its id, which costs nothing to look up, or else by its name.
async fn flow_id(state: &AppState, caller: &Caller, model: &str) -> Result<String, Problem> {
    if let Ok(live) = state.flows.get(&state.store, model).await
        && live.flow.workspace_id == caller.scope.workspace_id()
    {
        return Ok(live.flow.id.clone());
    }
    let everything = ChatFlowFilter::default();
    let (flows, _) =
        state.store.chatflows().list_summaries(&caller.scope, &everything, None).await?;
    let found = flows.into_iter().find(|it| it.name == model);
    found.map(|it| it.id).ok_or_else(|| {
        Problem::not_found(format!(
            "there is no flow with the id or the name \"{model}\" in this key's workspace"
        ))
    })
}

fn question(asked: &Completion) -> Result<Question, Problem> {
    let (last, earlier) = asked
        .messages
        .split_last()
        .filter(|(last, _)| last.role == "user")
        .ok_or_else(|| Problem::bad_request("messages: the last one must be the user's"))?;
    let mut fields = Map::new();
    fields.insert("question".to_owned(), last.text().into());
    let mut question = Question::from_fields(&fields);
    question.uploads = last.pictures();
    let turns: Vec<Message> = earlier.iter().map(Turn::message).collect();
    question.history = Ok((!turns.is_empty()).then_some(turns));
    Ok(question)
}

/// What every piece of a completion repeats.
struct About {
    created: i64,
    model: String,
}

fn completion_id(message: &str) -> String {
    format!("chatcmpl-{message}")
}

/// The tokens of all models of the flow.
fn usage(spent: &Tally) -> Value {
    let Bill { input_tokens, output_tokens, .. } = spent.total();
    json!({
        "prompt_tokens": input_tokens,
        "completion_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
    })
}

/// The answer in pieces, as server-sent events of OpenAI's kind, with what was `spent` where the
/// client asked for it.
fn streamed(state: &AppState, call: Call, about: About, spent: Option<Arc<Tally>>) -> Response {
    let (events, receiver) = Events::channel();
    let runner = state.clone();
    state.tasks.spawn(async move {
        let ended = match call.answer(&runner, events.clone()).await {
            Ok(exchange) => {
                // What could not be told in pieces is told now, whole.
                if events.said().is_empty() {
                    events.token(&exchange.body.to_text()).await;
                }
                Event::Metadata(Box::new(exchange.metadata()))
            }
            Err(problem) => Event::Error(error(&problem).to_string()),
        };
        events.emit(ended).await;
    });
    let id = completion_id(&uuid::Uuid::new_v4().to_string());
    let chunks = Chunks { receiver, about, id, spent, ended: false };
    let frames = stream::unfold(chunks, |mut chunks| async move {
        let frame = chunks.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(frame)), chunks))
    });
    let kind = HeaderValue::from_static("text/event-stream");
    ([(header::CONTENT_TYPE, kind)], HttpBody::from_stream(frames)).into_response()
}

struct Chunks {
    receiver: Receiver<Event>,
    about: About,
    id: String,
    spent: Option<Arc<Tally>>,
    ended: bool,
}

impl Chunks {
    async fn next(&mut self) -> Option<String> {
        loop {
            if self.ended {
                return None;
            }
            match self.receiver.recv().await {
                Some(Event::Token(piece)) => {
                    return Some(
                        self.frame(&json!({ "role": "assistant", "content": piece }), None),
                    );
                }
                Some(Event::Error(body)) => {
                    self.ended = true;
                    return Some(format!("data: {body}\n\n"));
                }
                Some(Event::Metadata(_)) | None => {
                    self.ended = true;
                    let last = self.frame(&json!({}), Some("stop"));
                    let spent = self.spent.take().map(|it| self.told(&json!([]), &usage(&it)));
                    return Some(format!("{last}{}data: [DONE]\n\n", spent.unwrap_or_default()));
                }
                Some(_) => {}
            }
        }
    }

    fn frame(&self, delta: &Value, finish_reason: Option<&str>) -> String {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish_reason });
        self.told(&json!([choice]), &Value::Null)
    }

    /// A piece. Where the client wants to know what was used, each has a place for it.
    fn told(&self, choices: &Value, usage: &Value) -> String {
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.about.created,
            "model": self.about.model,
            "choices": choices,
        });
        if self.spent.is_some() || !usage.is_null() {
            chunk["usage"] = usage.clone();
        }
        format!("data: {chunk}\n\n")
    }
}
