//! Schedules of flows. They belong to agentflows; a flow that has none answers so.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::flow_view::flow_of;
use crate::{
    AppState, Body, Caller, Problem, Query,
    openapi::{Doc, Kind, doc},
    problem::Result,
    route::{Policy, Routes},
};

const VIEWS: Policy =
    Policy::Caller(&["chatflows:view", "chatflows:update", "agentflows:view", "agentflows:update"]);
const UPDATES: Policy = Policy::Caller(&["chatflows:update", "agentflows:update"]);
const CLEARS: Policy =
    Policy::Caller(&["chatflows:update", "agentflows:update", "executions:delete"]);
/// Entries of the log on a page, where the caller does not say.
const LOGS_ON_A_PAGE: u64 = 20;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/chatflows/{id}/schedule/status", VIEWS, status)
        .doc(doc("Tell whether a flow runs by itself").gives::<Value>())
        .patch("/chatflows/{id}/schedule/enabled", UPDATES, enable)
        .doc(Doc::hidden("no flow has a schedule yet"))
        .get("/chatflows/{id}/schedule/trigger-logs", VIEWS, logs)
        .doc(
            doc("List when a flow ran by itself")
                .query("page", Kind::Number, "Number of the page, from 1.")
                .query("limit", Kind::Number, "Rows on a page.")
                .gives::<Value>(),
        )
        .delete("/chatflows/{id}/schedule/trigger-logs", CLEARS, delete_logs)
        .doc(doc("Delete entries of when a flow ran by itself").takes::<Value>().gives::<Value>())
}

/// Whether a flow runs by itself.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    enabled: bool,
    can_enable: bool,
    reason: &'static str,
    record: Option<Value>,
}

async fn status(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Status>> {
    flow_of(&state, &caller, &id).await?;
    Ok(Json(Status {
        enabled: false,
        can_enable: false,
        reason: "Flow is not configured as a scheduled flow",
        record: None,
    }))
}

/// What a switch sends.
#[derive(Deserialize)]
struct Switch {
    enabled: Option<bool>,
}

async fn enable(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(switch): Body<Switch>,
) -> Result<Json<Value>> {
    flow_of(&state, &caller, &id).await?;
    if switch.enabled.is_none() {
        return Err(Problem::bad_request("enabled: true or false is expected"));
    }
    Err(Problem::not_found("No schedule record found for this flow"))
}

/// When a flow ran by itself.
#[derive(Serialize)]
struct Logs {
    data: Vec<Value>,
    total: u64,
    page: u64,
    limit: u64,
}

async fn logs(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    query: Query,
) -> Result<Json<Logs>> {
    flow_of(&state, &caller, &id).await?;
    let page = query.page()?;
    Ok(Json(Logs {
        data: Vec::new(),
        total: 0,
        page: page.map_or(1, |it| it.offset() / it.limit() + 1),
        limit: page.map_or(LOGS_ON_A_PAGE, flowstone_store::Page::limit),
    }))
}

/// Which entries to delete.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chosen {
    log_ids: Option<Value>,
}

/// How many entries were deleted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Deleted {
    success: bool,
    deleted_count: u64,
}

async fn delete_logs(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(chosen): Body<Chosen>,
) -> Result<Json<Deleted>> {
    flow_of(&state, &caller, &id).await?;
    let ids = chosen.log_ids.and_then(|it| serde_json::from_value::<Vec<String>>(it).ok());
    if ids.is_none() {
        return Err(Problem::bad_request("logIds must be a string[]"));
    }
    Ok(Json(Deleted { success: true, deleted_count: 0 }))
}
