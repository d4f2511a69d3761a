//! Flows: made, listed, changed, deleted.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use flowstone_core::FilePlace;
use flowstone_store::{ChatFlow, ChatFlowFilter, ChatFlowPatch, MessageFilter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::areas::{CHAT_TYPES, RATINGS};
use super::drafts::stamp;
use super::flow_view::{FlowRow, SavedFlow, check_id, flow_of, missing};
use crate::{
    AppState, Body, Caller, Problem, Query,
    auth::{find_key, random_hex},
    files,
    openapi::{Kind, doc},
    problem::Result,
    route::{Policy, Routes},
    schedule,
    wire::{self, Affected},
};

/// The kinds of flows there are.
pub(super) const KINDS: &[&str] = &["CHATFLOW", "AGENTFLOW", "MULTIAGENT", "ASSISTANT"];

pub(super) const VIEWS: Policy =
    Policy::Caller(&["chatflows:view", "chatflows:update", "agentflows:view", "agentflows:update"]);
pub(super) const VIEWS_ONE: Policy = Policy::Caller(&[
    "chatflows:view",
    "chatflows:update",
    "chatflows:delete",
    "agentflows:view",
    "agentflows:update",
    "agentflows:delete",
]);
const SAVES: Policy = Policy::Caller(&[
    "chatflows:create",
    "chatflows:update",
    "agentflows:create",
    "agentflows:update",
]);
pub(super) const UPDATES: Policy = Policy::Caller(&["chatflows:update", "agentflows:update"]);
const DELETES: Policy =
    Policy::Caller(&["chatflows:delete", "agentflows:delete", "assistants:delete"]);

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/chatflows", VIEWS, list)
        .doc(
            doc("List flows")
                .query("type", Kind::Choice(KINDS), "Only flows of this kind.")
                .lists::<FlowRow>(),
        )
        .post("/chatflows", SAVES, create)
        .doc(doc("Add a flow").takes::<FlowForm>().gives::<SavedFlow>())
        .get("/chatflows/{id}", VIEWS_ONE, get)
        .doc(doc("Read a flow").gives::<FlowRow>())
        .put("/chatflows/{id}", SAVES, update)
        .doc(doc("Change a flow").takes::<FlowForm>().gives::<SavedFlow>())
        .delete("/chatflows/{id}", DELETES, delete)
        .doc(doc("Delete a flow with its chats").gives::<Affected>())
        .post("/chatflows/{id}/webhook-secret", UPDATES, make_webhook_secret)
        .doc(doc("Make the secret of a flow's webhook").gives::<WebhookSecret>())
        .delete("/chatflows/{id}/webhook-secret", UPDATES, clear_webhook_secret)
        .doc(doc("Take the secret of a flow's webhook away").gives_status(204))
        .get("/chatflows/has-changed/{id}/{since}", UPDATES, has_changed)
        .doc(doc("Tell whether a flow was saved since").gives::<HasChanged>())
        .get("/chatflows/apikey/{key}", Policy::Anonymous("asks for the key itself"), list_for_key)
        .doc(
            doc("List the flows that a key may call")
                .query("keyonly", Kind::Flag, "Only those that ask for this very key.")
                .gives::<Vec<FlowRow>>()
                .problem(401),
        )
        .get("/stats/{id}", Policy::Caller(&[]), statistics)
        .doc(
            doc("Count a flow's messages")
                .query("chatType", Kind::Choices(CHAT_TYPES), "Only of these chats.")
                .query("feedbackType", Kind::Choices(RATINGS), "Only messages with this feedback.")
                .query("startDate", Kind::Time, "From then on.")
                .query("endDate", Kind::Time, "Until then.")
                .gives::<Statistics>(),
        )
}

/// What a form sends about a flow. Id, workspace, dates and secrets are not among it: what a body
/// says of them is not read.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::option_option, reason = "outside: whether to write; inside: what")]
struct FlowForm {
    name: Option<String>,
    flow_data: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "wire::given")]
    deployed: Option<Option<bool>>,
    #[serde(default, deserialize_with = "wire::given")]
    is_public: Option<Option<bool>>,
    #[serde(default, rename = "apikeyid", deserialize_with = "wire::given")]
    api_key_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::given")]
    chatbot_config: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::given")]
    api_config: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::given")]
    analytic: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::given")]
    speech_to_text: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::given")]
    text_to_speech: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::given")]
    follow_up_prompts: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::given")]
    category: Option<Option<String>>,
}

impl FlowForm {
    fn check(&self, state: &AppState) -> Result<()> {
        if self.kind.as_deref().is_some_and(|it| !KINDS.contains(&it)) {
            return Err(Problem::bad_request("Invalid Chatflow Type"));
        }
        if self.name.as_ref().is_some_and(|it| it.trim().is_empty()) {
            return Err(Problem::bad_request("name: a flow needs a name"));
        }
        if let Some(text) = &self.flow_data {
            is_json("flowData", text)?;
            schedule::check(state, text)?;
        }
        let settings = [
            ("chatbotConfig", &self.chatbot_config),
            ("apiConfig", &self.api_config),
            ("analytic", &self.analytic),
            ("speechToText", &self.speech_to_text),
            ("textToSpeech", &self.text_to_speech),
            ("followUpPrompts", &self.follow_up_prompts),
        ];
        for (name, value) in settings {
            match value.as_ref().and_then(Option::as_deref) {
                Some(text) if !text.is_empty() => is_json(name, text)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// # Errors
/// 400 where `text` is not JSON.
pub(super) fn is_json(field: &str, text: &str) -> Result<()> {
    let read = serde_json::from_str::<serde::de::IgnoredAny>(text);
    read.map(drop).map_err(|error| {
        Problem::bad_request(format!("{field}: this is not the text of JSON: {error}"))
    })
}

async fn list(State(state): State<AppState>, caller: Caller, query: Query) -> Result<Response> {
    let page = query.page()?;
    let filter =
        ChatFlowFilter { flow_type: query.get("type").map(str::to_owned), ..Default::default() };
    let (flows, total) = state.store.chatflows().list(&caller.scope, &filter, page).await?;
    Ok(wire::list(flows.into_iter().map(FlowRow::from).collect(), total, page))
}

async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<FlowRow>> {
    Ok(Json(flow_of(&state, &caller, &id).await?.into()))
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<FlowForm>,
) -> Result<Json<SavedFlow>> {
    if form.kind.is_none() {
        return Err(Problem::bad_request("Invalid Chatflow Type"));
    }
    form.check(&state)?;
    let now = Utc::now();
    let flow = ChatFlow {
        id: Uuid::new_v4().to_string(),
        name: form.name.ok_or_else(|| Problem::bad_request("name: a flow needs a name"))?,
        flow_data: form
            .flow_data
            .ok_or_else(|| Problem::bad_request("flowData: the text of JSON is expected"))?,
        deployed: form.deployed.flatten(),
        is_public: form.is_public.flatten(),
        api_key_id: form.api_key_id.flatten(),
        chatbot_config: form.chatbot_config.flatten(),
        api_config: form.api_config.flatten(),
        analytic: form.analytic.flatten(),
        speech_to_text: form.speech_to_text.flatten(),
        text_to_speech: form.text_to_speech.flatten(),
        follow_up_prompts: form.follow_up_prompts.flatten(),
        category: form.category.flatten(),
        flow_type: form.kind,
        mcp_server_config: None,
        webhook_secret: None,
        created_date: now,
        updated_date: now,
        workspace_id: caller.scope.workspace_id().to_owned(),
        revision: now.timestamp_millis(),
    };
    state.store.chatflows().insert(&caller.scope, &flow).await?;
    schedule::register(&state, &flow).await?;
    Ok(Json(flow.into()))
}

async fn update(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(form): Body<FlowForm>,
) -> Result<Json<SavedFlow>> {
    check_id(&id)?;
    form.check(&state)?;
    let patch = ChatFlowPatch {
        name: form.name,
        flow_data: form.flow_data,
        deployed: form.deployed,
        is_public: form.is_public,
        api_key_id: form.api_key_id,
        chatbot_config: form.chatbot_config,
        api_config: form.api_config,
        analytic: form.analytic,
        speech_to_text: form.speech_to_text,
        text_to_speech: form.text_to_speech,
        follow_up_prompts: form.follow_up_prompts,
        category: form.category,
        flow_type: form.kind.map(Some),
        updated_date: Some(Utc::now()),
        ..Default::default()
    };
    let stamp = stamp(&state, &caller, None);
    let flows = state.store.chatflows();
    let saved = flows.update_with_version(&caller.scope, &id, patch, &stamp).await;
    let saved = saved.map_err(|error| missing(error, &id))?;
    schedule::register(&state, &saved).await?;
    Ok(Json(saved.into()))
}

async fn delete(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Affected>> {
    check_id(&id)?;
    match state.store.chatflows().delete(&caller.scope, &id).await? {
        0 => Err(Problem::not_found(format!("Chatflow {id} not found in the database!"))),
        deleted => {
            let place = FilePlace::Flow { workspace: caller.scope.workspace_id(), flow: &id };
            files::remove_all(&state, place).await;
            Ok(Affected::rows(deleted))
        }
    }
}

/// The secret that callers of a webhook sign with.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WebhookSecret {
    webhook_secret: String,
}

/// Makes the secret that callers of the flow's webhook sign with. It is told this once.
async fn make_webhook_secret(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<WebhookSecret>> {
    let secret = random_hex();
    set_webhook_secret(&state, &caller, &id, Some(secret.clone())).await?;
    Ok(Json(WebhookSecret { webhook_secret: secret }))
}

async fn clear_webhook_secret(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<StatusCode> {
    set_webhook_secret(&state, &caller, &id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_webhook_secret(
    state: &AppState,
    caller: &Caller,
    id: &str,
    secret: Option<String>,
) -> Result<()> {
    check_id(id)?;
    let patch = ChatFlowPatch { webhook_secret: Some(secret), ..Default::default() };
    let saved = state.store.chatflows().update(&caller.scope, id, patch).await;
    saved.map(drop).map_err(|error| missing(error, id))
}

/// Whether a flow was saved after the time at which a page loaded it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct HasChanged {
    has_changed: bool,
}

async fn has_changed(
    State(state): State<AppState>,
    Path((id, since)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<HasChanged>> {
    let since: DateTime<Utc> = since.parse().map_err(|_| {
        Problem::bad_request(format!("{since:?} is not a time such as 2026-01-31T09:30:00.000Z"))
    })?;
    let flow = flow_of(&state, &caller, &id).await?;
    let has_changed = flow.updated_date.timestamp_millis() != since.timestamp_millis();
    Ok(Json(HasChanged { has_changed }))
}

/// The flows that a key may call: those that ask for it and, unless `keyonly` is set, those of its
/// workspace that ask for none.
async fn list_for_key(
    State(state): State<AppState>,
    Path(key): Path<String>,
    query: Query,
) -> Result<Response> {
    let key = find_key(&state, &key).await?.ok_or_else(|| Problem::unauthorized("Unauthorized"))?;
    let scope = flowstone_store::WorkspaceScope::new(key.workspace_id);
    let key_only = query.flag("keyonly");
    let filter =
        ChatFlowFilter { api_key_id: key_only.then(|| key.id.clone()), ..Default::default() };
    let (flows, _) = state.store.chatflows().list(&scope, &filter, None).await?;
    let asks =
        |flow: &ChatFlow| flow.api_key_id.as_deref().filter(|it| !it.is_empty()).map(str::to_owned);
    let may_call = |flow: &ChatFlow| asks(flow).is_none_or(|it| it == key.id);
    let flows: Vec<FlowRow> = flows.into_iter().filter(may_call).map(FlowRow::from).collect();
    if flows.is_empty() {
        return Err(Problem::not_found("Chatflow not found in the database!"));
    }
    Ok(Json(flows).into_response())
}

/// How much a flow is talked to.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    total_messages: u64,
    total_sessions: u64,
    total_feedback: u64,
    positive_feedback: u64,
}

async fn statistics(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    query: Query,
) -> Result<Json<Statistics>> {
    flow_of(&state, &caller, &id).await?;
    let filter = MessageFilter {
        chat_types: query.texts("chatType"),
        ratings: query.texts("feedbackType"),
        start: query.time("startDate")?,
        end: query.end("endDate")?,
        ..Default::default()
    };
    let found = state.store.messages().statistics(&caller.scope, &id, &filter).await?;
    Ok(Json(Statistics {
        total_messages: found.messages,
        total_sessions: found.sessions,
        total_feedback: found.feedback,
        positive_feedback: found.positive_feedback,
    }))
}
