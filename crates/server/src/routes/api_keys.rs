//! API keys: made, renamed, deleted, verified.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::Utc;
use flowstone_store::{ApiKey, ApiKeyPatch, ChatFlowFilter, ChatFlowSummary};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::{
    AppState, Body, Caller, Problem, Query,
    auth::{GROUPS, NewKey, find_key},
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
    wire::{self, Affected, Time},
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/apikey", Policy::Caller(&["apikeys:view"]), list)
        .doc(doc("List API keys").lists::<KeyRow>())
        .post("/apikey", Policy::Caller(&["apikeys:create"]), create)
        .doc(
            doc("Make an API key")
                .details("The key itself is in this answer only.")
                .takes::<KeyForm>()
                .gives::<Vec<KeyRow>>()
                .problem(412),
        )
        .put("/apikey/{id}", Policy::Caller(&["apikeys:create", "apikeys:update"]), update)
        .doc(doc("Change an API key").takes::<KeyForm>().gives::<Vec<KeyRow>>().problem(412))
        .delete("/apikey/{id}", Policy::Caller(&["apikeys:delete"]), delete)
        .doc(doc("Delete an API key").gives::<Affected>())
        .get("/verify/apikey/{key}", Policy::Anonymous("asks for the key itself"), verify)
        .doc(doc("Check an API key").gives::<String>().problem(401))
}

/// An API key, as pages list it. The key is known only when it has just been made: what is kept is
/// a hash, so afterwards `apiKey` holds its first and last characters.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "ApiKeyRow")]
#[schemars(rename = "ApiKeyRow")]
struct KeyRow {
    id: String,
    /// The key, in the answer that makes it; else its first and last characters.
    api_key: String,
    /// Clients of the reference expect the field. It never holds anything.
    api_secret: &'static str,
    key_name: String,
    permissions: Vec<String>,
    #[ts(as = "String")]
    updated_date: Time,
    workspace_id: String,
    /// Flows that ask for it.
    chat_flows: Vec<KeyUse>,
}

/// A flow that asks for a key.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
struct KeyUse {
    flow_name: String,
    category: Vec<String>,
    #[ts(as = "String")]
    updated_date: Time,
}

/// What a form sends about a key.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct KeyForm {
    /// Name to tell it by.
    key_name: Option<String>,
    /// List of what it may do.
    permissions: Option<serde_json::Value>,
}

async fn list(State(state): State<AppState>, caller: Caller, query: Query) -> Result<Response> {
    let page = query.page()?;
    let (keys, total) = state.store.api_keys().list(&caller.scope, page).await?;
    Ok(wire::list(rows(&state, &caller, keys, None).await?, total, page))
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<KeyForm>,
) -> Result<Json<Vec<KeyRow>>> {
    let key_name = form.key_name.filter(|it| !it.trim().is_empty());
    let key_name = key_name.ok_or_else(|| Problem::missing("keyName not provided!"))?;
    let permissions =
        form.permissions.ok_or_else(|| Problem::missing("permissions not provided!"))?;
    let permissions = checked(&caller, permissions)?;
    let key = NewKey::generate();
    let row = ApiKey {
        id: Uuid::new_v4().to_string(),
        key_hash: key.hash,
        key_hint: key.hint,
        key_name,
        permissions,
        updated_date: Utc::now(),
        workspace_id: caller.scope.workspace_id().to_owned(),
    };
    state.store.api_keys().insert(&caller.scope, &row).await?;
    all(&state, &caller, Some((&row.id, &key.secret))).await
}

async fn update(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(form): Body<KeyForm>,
) -> Result<Json<Vec<KeyRow>>> {
    let key_name = form.key_name.filter(|it| !it.trim().is_empty());
    let key_name = key_name.ok_or_else(|| Problem::missing("keyName not provided!"))?;
    let permissions = form.permissions.map(|it| checked(&caller, it)).transpose()?;
    let patch =
        ApiKeyPatch { key_name: Some(key_name), permissions, updated_date: Some(Utc::now()) };
    state.store.api_keys().update(&caller.scope, &id, patch).await?;
    all(&state, &caller, None).await
}

async fn delete(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Affected>> {
    Ok(Affected::rows(state.store.api_keys().delete(&caller.scope, &id).await?))
}

async fn verify(
    State(state): State<AppState>,
    Path(key): Path<String>,
) -> Result<Json<&'static str>> {
    match find_key(&state, &key).await? {
        Some(_) => Ok(Json("OK")),
        None => Err(Problem::unauthorized("Unauthorized")),
    }
}

/// Permissions that this caller may put into a key: of those keys can hold, those they hold
/// themselves.
fn checked(caller: &Caller, permissions: serde_json::Value) -> Result<Vec<String>> {
    let list: Option<Vec<String>> = serde_json::from_value(permissions).ok();
    let list = list.ok_or_else(|| Problem::missing("permissions must be an array of strings!"))?;
    for permission in &list {
        let group = GROUPS.iter().find(|it| it.permissions.iter().any(|it| it.key == permission));
        match group {
            None if !permission.starts_with("workspace:") => {
                return Err(Problem::bad_request(format!(
                    "permissions: there is no permission {permission:?}"
                )));
            }
            Some(group) if group.for_keys => {}
            _ => {
                return Err(Problem::bad_request(
                    "Cannot create API key with workspace or admin permissions",
                ));
            }
        }
        if !caller.may_any(&[permission]) {
            let message =
                format!("you cannot hand out {permission:?}, which you do not hold yourself");
            return Err(Problem::new(StatusCode::FORBIDDEN, message));
        }
    }
    Ok(list)
}

/// The whole list, which is what changes answer with; `fresh` is the key that was just made.
async fn all(
    state: &AppState,
    caller: &Caller,
    fresh: Option<(&str, &str)>,
) -> Result<Json<Vec<KeyRow>>> {
    let (keys, _) = state.store.api_keys().list(&caller.scope, None).await?;
    Ok(Json(rows(state, caller, keys, fresh).await?))
}

async fn rows(
    state: &AppState,
    caller: &Caller,
    keys: Vec<ApiKey>,
    fresh: Option<(&str, &str)>,
) -> Result<Vec<KeyRow>> {
    let (flows, _) = state
        .store
        .chatflows()
        .list_summaries(&caller.scope, &ChatFlowFilter::default(), None)
        .await?;
    let row = |key: ApiKey| {
        let uses = flows.iter().filter(|it| it.api_key_id.as_deref() == Some(key.id.as_str()));
        let shown = fresh.filter(|(id, _)| *id == key.id).map(|(_, secret)| secret.to_owned());
        KeyRow {
            chat_flows: uses.map(key_use).collect(),
            api_key: shown.unwrap_or(key.key_hint),
            api_secret: "",
            id: key.id,
            key_name: key.key_name,
            permissions: key.permissions,
            updated_date: key.updated_date.into(),
            workspace_id: key.workspace_id,
        }
    };
    Ok(keys.into_iter().map(row).collect())
}

fn key_use(flow: &ChatFlowSummary) -> KeyUse {
    let categories = flow.category.as_deref().unwrap_or_default().split(';');
    KeyUse {
        flow_name: flow.name.clone(),
        category: categories.filter(|it| !it.is_empty()).map(str::to_owned).collect(),
        updated_date: flow.updated_date.into(),
    }
}
