//! Asking a flow: the prediction routes and their stop button.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Multipart, Path, Request, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use base64::Engine as _;
use flowstone_engine::CallFile;
use flowstone_store::{ApiKey, WorkspaceScope};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    AppState, Body, Caller, Problem,
    auth::{ClientAddress, authenticate, find_key, presented_key},
    openapi::{Doc, doc},
    prediction::{self, Asking, Call, ChatType, LiveFlow, Question},
    problem::Result,
    route::{Policy, Routes},
};

const OPEN: Policy = Policy::Anonymous("the flow's own key, allowed origins and call limit");

/// Longest key of a request, as the store takes it.
const KEY_LIMIT: usize = 255;

const STOP: Policy = Policy::Anonymous("whoever knows the ids of the flow and the chat");

/// Most parts of a form: each costs more memory than its sender pays for it.
const PARTS: usize = 1000;

/// The routes of this area.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/prediction/{id}", OPEN, predict)
        .doc(ask(doc("Ask a flow")))
        .post("/prediction", OPEN, no_flow)
        .doc(Doc::hidden("says that the flow's id is missing"))
        // The reference's documentation spells it so in one place; people copied it.
        .post("/predictions/{id}", OPEN, predict)
        .doc(Doc::hidden("an older spelling of /prediction/{id}"))
        .post("/internal-prediction/{id}", Policy::Caller(&[]), predict_internal)
        .doc(ask(doc("Ask a flow from our pages")))
        .put("/chatmessage/abort/{flow}/{chat}", STOP, abort)
        .doc(
            doc("Stop a chat")
                .details("Stopping what has ended already is no error.")
                .gives::<Stopped>(),
        )
        .put("/chatmessage/abort", STOP, nothing_to_abort)
        .doc(Doc::hidden("says which id is missing"))
}

/// Asks a flow from outside.
async fn predict(
    State(state): State<AppState>,
    Path(id): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Asked { mut question, .. }: Asked,
) -> Result<Response> {
    question.request_key = request_key(&headers)?;
    let live = state.flows.get(&state.store, &id).await?;
    let checked = match prediction::check(&state, &live, &headers, address).await {
        Ok(key) => key,
        Err(refusal) if question.streaming => return Ok(refusal.into_text()),
        Err(refusal) => return Ok(refusal.into_response()),
    };
    question.api_key = shown_key(&state, &live, checked, &headers).await?;
    let (live, question) = for_people(&state, live, question, &headers).await?;
    let call = Call::new(live, question, ChatType::External);
    answer(&state, call, &headers).await
}

/// Asks a flow of one's own workspace from our pages.
async fn predict_internal(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    Asked { mut question, .. }: Asked,
) -> Result<Response> {
    question.request_key = request_key(&headers)?;
    let live = state.flows.get(&state.store, &id).await?;
    if live.flow.workspace_id != caller.scope.workspace_id() {
        return Err(Problem::not_found(format!("Chatflow {id} not found in the database!")));
    }
    question.api_key = caller.key_id().map(str::to_owned);
    let (live, question) = for_people(&state, live, question, &headers).await?;
    let call = Call::new(live, question, ChatType::Internal);
    answer(&state, call, &headers).await
}

/// Id of the key that a call shows, where it is one of the flow's workspace: its calls are counted by
/// it, also where the flow asks for none. `checked` is the one that it asks for.
async fn shown_key(
    state: &AppState,
    live: &LiveFlow,
    checked: Option<ApiKey>,
    headers: &HeaderMap,
) -> Result<Option<String>> {
    let found = match (checked, presented_key(headers)) {
        (Some(key), _) => Some(key),
        (None, Some(shown)) => find_key(state, shown).await?,
        (None, None) => None,
    };
    Ok(found.filter(|it| it.workspace_id == live.flow.workspace_id).map(|it| it.id))
}

/// The caller's key for asking once, however often the request arrives.
fn request_key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|it| (1..=KEY_LIMIT).contains(&it.len()));
    let key = key.ok_or_else(|| {
        Problem::bad_request(format!(
            "Idempotency-Key: 1 to {KEY_LIMIT} plain characters are possible"
        ))
    })?;
    Ok(Some(key.to_owned()))
}

/// What only people of the flow's own workspace may ask for: its draft, and to be told of its
/// nodes. The latter is not done for others, the former refused.
///
/// # Errors
/// 401 and 403 for others who ask for the draft.
async fn for_people(
    state: &AppState,
    live: Arc<LiveFlow>,
    mut question: Question,
    headers: &HeaderMap,
) -> Result<(Arc<LiveFlow>, Question)> {
    if !question.draft && !question.node_events {
        return Ok((live, question));
    }
    let caller = authenticate(state, headers).await.and_then(|caller| {
        let is_own = caller.scope.workspace_id() == live.flow.workspace_id;
        let is_person = caller.user_id().is_some();
        if is_person && is_own { Ok(caller) } else { Err(Problem::no_session()) }
    });
    if !question.draft {
        question.node_events = caller.is_ok();
        return Ok((live, question));
    }
    if !caller?.may_any(&["chatflows:update", "agentflows:update"]) {
        return Err(Problem::no_permission());
    }
    Ok((live.draft(&state.store).await?, question))
}

async fn answer(state: &AppState, call: Call, headers: &HeaderMap) -> Result<Response> {
    // A flow that calls another one as its tool wants the whole answer, whatever it was asked for.
    let as_tool = headers.get("flowise-tool").is_some_and(|it| it == "true");
    if call.question.streaming && !as_tool && call.streams(state).await {
        let after = if call.live.is_agentflow() { last_event_id(headers)? } else { None };
        return Ok(match after {
            None if !is_known(state, &call).await? => prediction::respond(state, call),
            None => prediction::respond_followed(state, call, 0, false).await,
            Some(_)
                if call.question.request_key.is_none() && call.question.human_input.is_none() =>
            {
                return Err(Problem::bad_request(
                    "Last-Event-ID: an Idempotency-Key is needed with it, by which the run is found \
                     again",
                ));
            }
            Some(after) => prediction::respond_followed(state, call, after, true).await,
        });
    }
    let exchange = call.answer(state, flowstone_core::Events::silent()).await?;
    Ok(Json(exchange.body).into_response())
}

/// Whether the run was asked for before.
async fn is_known(state: &AppState, call: &Call) -> Result<bool> {
    let Some(key) = call.question.request_key.as_ref().filter(|_| call.live.is_agentflow()) else {
        return Ok(false);
    };
    let scope = WorkspaceScope::new(call.live.flow.workspace_id.clone());
    let executions = state.store.executions();
    Ok(executions.find_by_request_key(&scope, &call.live.flow.id, key).await?.is_some())
}

/// The number of the last event that the caller has; 0 where it has none yet and wants to be told
/// the numbers, `None` where it does not.
pub(super) fn last_event_id(headers: &HeaderMap) -> Result<Option<i32>> {
    let Some(id) = headers.get("last-event-id") else { return Ok(None) };
    let id = id.to_str().map_or("?", str::trim);
    if id.is_empty() {
        return Ok(Some(0));
    }
    let number = id.parse().ok().filter(|it| *it >= 0);
    let wrong = || Problem::bad_request("Last-Event-ID: the number of an event is expected");
    number.map(Some).ok_or_else(wrong)
}

async fn no_flow() -> Problem {
    Problem::missing("Error: predictionsController.createPrediction - id not provided!")
}

/// What asking a flow has in common, wherever it is asked from.
fn ask(doc: Doc) -> Doc {
    let doc = doc.details(
        "With `streaming` the answer comes as server-sent events, where the flow can tell it in \
         pieces; else in one body. With the header `Idempotency-Key` a call of an agentflow that is \
         made again gives the same run; with `Last-Event-ID` beside it (empty the first time) each \
         event has an `id:`, and the stream goes on after the one that is named.",
    );
    doc.takes_form::<Asking>()
        .gives::<prediction::Body>()
        .streams()
        .problem(401)
        .problem(403)
        .problem(409)
        .problem(429)
}

/// That a chat was stopped.
#[derive(Serialize, JsonSchema)]
struct Stopped {
    /// Always 200.
    status: u16,
    message: &'static str,
}

/// Stops every run of a chat. Stopping what has ended already is no error.
async fn abort(
    State(state): State<AppState>,
    Path((flow, chat)): Path<(String, String)>,
) -> Json<Stopped> {
    let stopped = state.stops.stop(&flow, &chat);
    tracing::debug!(flow, stopped, "a chat was stopped");
    Json(Stopped { status: 200, message: "Chat message aborted" })
}

async fn nothing_to_abort() -> Problem {
    Problem::missing(
        "Error: chatMessagesController.abortChatMessage - chatflowid or chatid not provided!",
    )
}

/// A question in any of the forms clients send it in.
pub(super) struct Asked {
    /// What is understood of it.
    pub(super) question: Question,
    /// The fields as they came.
    pub(super) fields: Map<String, Value>,
    /// The files as they came.
    pub(super) files: Vec<File>,
}

/// A file of a form.
pub(super) struct File {
    /// Its name.
    pub(super) name: String,
    /// What its sender says it is.
    pub(super) mime: String,
    /// Its content.
    pub(super) bytes: Bytes,
}

impl File {
    /// The file as nodes take it.
    fn for_call(&self) -> CallFile {
        let encoded = base64::engine::general_purpose::STANDARD.encode(&self.bytes);
        CallFile { data: format!("data:{};base64,{encoded}", self.mime), name: self.name.clone() }
    }
}

impl FromRequest<AppState> for Asked {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
        if !kind.is_some_and(|it| it.trim_start().starts_with("multipart/form-data")) {
            let Body(fields) = Body::<Map<String, Value>>::from_request(request, state).await?;
            let question = Question::from_fields(&fields);
            return Ok(Self { question, fields, files: Vec::new() });
        }
        let (fields, files) = parts(request, state).await?;
        let for_call = files.iter().map(File::for_call).collect();
        let question = Question { files: for_call, ..Question::from_fields(&fields) };
        Ok(Self { question, fields, files })
    }
}

/// The fields and files of a form.
async fn parts(request: Request, state: &AppState) -> Result<(Map<String, Value>, Vec<File>)> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            Problem::too_large(state.settings.body_limit)
        } else {
            Problem::bad_request("the form broke off or is not multipart/form-data")
        }
    };
    let mut form = Multipart::from_request(request, state)
        .await
        .map_err(|_| Problem::bad_request("the form has no boundary"))?;
    let (mut fields, mut files) = (Map::new(), Vec::new());
    while let Some(part) = form.next_field().await.map_err(broken)? {
        if fields.len() + files.len() == PARTS {
            return Err(Problem::bad_request(format!("the form has more than {PARTS} parts")));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let Some(file) = part.file_name().map(str::to_owned) else {
            fields.insert(name, part.text().await.map_err(broken)?.into());
            continue;
        };
        let kind = part.content_type().unwrap_or("application/octet-stream").to_owned();
        let bytes: Bytes = part.bytes().await.map_err(broken)?;
        files.push(File { name: file, mime: kind, bytes });
    }
    Ok((fields, files))
}
