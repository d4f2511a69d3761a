//! Schedules of flows: whether they fire, and when they did. A flow that has none answers so.

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::Utc;
use flowstone_store::{Firing, Page, Schedule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::flow_view::flow_of;
use crate::{
    AppState, Body, Caller, Problem, Query,
    openapi::{Kind, doc},
    problem::Result,
    route::{Policy, Routes},
    schedule,
    wire::Time,
};

const VIEWS: Policy =
    Policy::Caller(&["chatflows:view", "chatflows:update", "agentflows:view", "agentflows:update"]);
const UPDATES: Policy = Policy::Caller(&["chatflows:update", "agentflows:update"]);
const CLEARS: Policy =
    Policy::Caller(&["chatflows:update", "agentflows:update", "executions:delete"]);
/// What a firing may have come to.
const STATUSES: &[&str] =
    &[Firing::RUNNING, Firing::SUCCEEDED, Firing::FAILED, Firing::SKIPPED, "QUEUED"];
/// Entries of the log on a page, where the caller does not say.
const LOGS_ON_A_PAGE: u64 = 20;
/// The most that a caller may ask for.
const MOST_ON_A_PAGE: u64 = 100;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/chatflows/{id}/schedule/status", VIEWS, status)
        .doc(doc("Tell whether a flow runs by itself").gives::<Status>())
        .patch("/chatflows/{id}/schedule/enabled", UPDATES, enable)
        .doc(
            doc("Switch on or off that a flow runs by itself")
                .details("Saving the flow leaves it off where somebody switched it off.")
                .takes::<Switch>()
                .gives::<ScheduleRow>(),
        )
        .post("/chatflows/{id}/schedule/run", UPDATES, run)
        .doc(
            doc("Run a flow now as its schedule does")
                .details(
                    "Also where the schedule is switched off. The firing stands in the log as begun \
                     by hand; the due times stay as they are.",
                )
                .gives::<LogRow>()
                .problem(409),
        )
        .get("/chatflows/{id}/schedule/trigger-logs", VIEWS, logs)
        .doc(
            doc("List when a flow ran by itself, or missed to")
                .query("page", Kind::Number, "Number of the page, from 1.")
                .query("limit", Kind::Number, "Rows on a page, at most 100.")
                .query("status", Kind::Choices(STATUSES), "Only firings that came to this.")
                .gives::<Logs>(),
        )
        .delete("/chatflows/{id}/schedule/trigger-logs", CLEARS, delete_logs)
        .doc(
            doc("Delete entries of when a flow ran by itself, with their runs")
                .takes::<Chosen>()
                .gives::<Deleted>(),
        )
}

/// When a flow runs by itself.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "Schedule")]
#[schemars(rename = "Schedule")]
struct ScheduleRow {
    id: String,
    /// Always `AGENTFLOW`.
    trigger_type: String,
    /// The flow.
    target_id: String,
    /// The node of the flow that says when.
    node_id: Option<String>,
    cron_expression: String,
    /// A name of the IANA database.
    timezone: String,
    enabled: bool,
    /// What the flow is given: `text`, `form` or `none`.
    schedule_input_mode: String,
    default_input: Option<String>,
    /// The text of JSON.
    default_form: Option<String>,
    #[ts(as = "Option<String>")]
    last_run_at: Option<Time>,
    #[ts(as = "Option<String>")]
    next_run_at: Option<Time>,
    #[ts(as = "Option<String>")]
    end_date: Option<Time>,
    workspace_id: String,
    #[ts(as = "String")]
    created_date: Time,
    #[ts(as = "String")]
    updated_date: Time,
}

impl From<Schedule> for ScheduleRow {
    fn from(schedule: Schedule) -> Self {
        Self {
            id: schedule.id,
            trigger_type: schedule.trigger_type,
            target_id: schedule.target_id,
            node_id: schedule.node_id,
            cron_expression: schedule.cron_expression,
            timezone: schedule.timezone,
            enabled: schedule.enabled,
            schedule_input_mode: schedule.schedule_input_mode,
            default_input: schedule.default_input,
            default_form: schedule.default_form,
            last_run_at: schedule.last_run_at.map(Into::into),
            next_run_at: schedule.next_run_at.map(Into::into),
            end_date: schedule.end_date.map(Into::into),
            workspace_id: schedule.workspace_id,
            created_date: schedule.created_date.into(),
            updated_date: schedule.updated_date.into(),
        }
    }
}

/// Whether a flow runs by itself.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "ScheduleStatus")]
#[schemars(rename = "ScheduleStatus")]
struct Status {
    enabled: bool,
    can_enable: bool,
    /// Why it cannot be switched on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    reason: Option<String>,
    record: Option<ScheduleRow>,
}

async fn status(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Status>> {
    let flow = flow_of(&state, &caller, &id).await?;
    let record = state.store.schedules().find(&caller.scope, &id).await?;
    let reason = schedule::reason(&state, &flow, Utc::now());
    Ok(Json(Status {
        enabled: record.as_ref().is_some_and(|it| it.enabled),
        can_enable: reason.is_none(),
        reason,
        record: record.map(Into::into),
    }))
}

/// What a switch sends.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ScheduleSwitch")]
struct Switch {
    enabled: Option<bool>,
}

async fn enable(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(switch): Body<Switch>,
) -> Result<Json<ScheduleRow>> {
    let flow = flow_of(&state, &caller, &id).await?;
    let Some(enabled) = switch.enabled else {
        return Err(Problem::bad_request("enabled: true or false is expected"));
    };
    let record = record_of(&state, &caller, &id).await?;
    Ok(Json(schedule::switch(&state, &flow, &record, enabled).await?.into()))
}

async fn run(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<LogRow>> {
    let flow = flow_of(&state, &caller, &id).await?;
    let record = record_of(&state, &caller, &id).await?;
    if let Some(reason) = schedule::reason(&state, &flow, Utc::now()) {
        return Err(Problem::bad_request(reason));
    }
    Ok(Json(schedule::fire(&state, record).await?.into()))
}

async fn record_of(state: &AppState, caller: &Caller, id: &str) -> Result<Schedule> {
    let record = state.store.schedules().find(&caller.scope, id).await?;
    record.ok_or_else(|| Problem::not_found("No schedule record found for this flow"))
}

/// A due time of a flow, and what came of it.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "ScheduleLog")]
#[schemars(rename = "ScheduleLog")]
struct LogRow {
    id: String,
    schedule_record_id: String,
    trigger_type: String,
    target_id: String,
    /// The run.
    execution_id: Option<String>,
    /// `RUNNING`, `SUCCEEDED`, `FAILED` or `SKIPPED`.
    status: String,
    /// Why it failed or was skipped.
    error: Option<String>,
    #[ts(type = "number | null")]
    elapsed_time_ms: Option<i64>,
    #[ts(as = "String")]
    scheduled_at: Time,
    workspace_id: String,
    #[ts(as = "String")]
    created_date: Time,
    /// Whether somebody began it by hand, at no due time.
    by_hand: bool,
}

impl From<Firing> for LogRow {
    fn from(firing: Firing) -> Self {
        Self {
            id: firing.id,
            schedule_record_id: firing.schedule_record_id,
            trigger_type: firing.trigger_type,
            target_id: firing.target_id,
            execution_id: firing.execution_id,
            status: firing.status,
            error: firing.error,
            elapsed_time_ms: firing.elapsed_time_ms,
            scheduled_at: firing.scheduled_at.into(),
            workspace_id: firing.workspace_id,
            created_date: firing.created_date.into(),
            by_hand: firing.by_hand,
        }
    }
}

/// When a flow ran by itself.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ScheduleLogs")]
struct Logs {
    data: Vec<LogRow>,
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
    let (page, limit) = (query.number("page")?.max(1), query.number("limit")?);
    let limit = if limit == 0 { LOGS_ON_A_PAGE } else { limit.min(MOST_ON_A_PAGE) };
    let statuses = query.texts("status");
    if let Some(unknown) = statuses.iter().find(|it| !STATUSES.contains(&it.as_str())) {
        let known = STATUSES.join(", ");
        return Err(Problem::bad_request(format!("status: {unknown:?} is none of {known}")));
    }
    let schedules = state.store.schedules();
    let page_of = Page::new(page, limit);
    let (data, total) = schedules.log(&caller.scope, &id, &statuses, page_of).await?;
    Ok(Json(Logs { data: data.into_iter().map(Into::into).collect(), total, page, limit }))
}

/// Which entries to delete.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ChosenScheduleLogs")]
struct Chosen {
    /// A list of ids.
    log_ids: Option<Value>,
}

/// How many entries were deleted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DeletedScheduleLogs")]
struct Deleted {
    success: bool,
    deleted_logs: u64,
    deleted_executions: u64,
}

async fn delete_logs(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(chosen): Body<Chosen>,
) -> Result<Json<Deleted>> {
    flow_of(&state, &caller, &id).await?;
    let ids = chosen.log_ids.and_then(|it| serde_json::from_value::<Vec<String>>(it).ok());
    let ids = ids.ok_or_else(|| Problem::bad_request("logIds must be a string[]"))?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let deleted = state.store.schedules().delete_log(&caller.scope, &id, &ids).await?;
    let runs: Vec<&str> = deleted.iter().filter_map(|it| it.execution_id.as_deref()).collect();
    let deleted_executions = state.store.executions().delete(&caller.scope, &runs).await?;
    Ok(Json(Deleted { success: true, deleted_logs: deleted.len() as u64, deleted_executions }))
}
