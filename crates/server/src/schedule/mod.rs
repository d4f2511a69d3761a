//! Flows that run by themselves: their schedules follow what is saved, and each due time is fired
//! once, by whichever server is the first to claim it.

mod beat;
mod timing;

use std::time::Duration;

use chrono::{DateTime, Utc};
use flowstone_store::{ChatFlow, Schedule, WorkspaceScope};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use self::beat::run_due;
use self::timing::{Given, Timing};
pub(crate) use self::{
    beat::{beat, fire},
    timing::Fault,
};
use crate::{AppState, Problem, problem::Result};

/// The node that an agentflow begins with.
const START: &str = "startAgentflow";
/// What that node says of a flow that runs by itself.
pub(crate) const BY_ITSELF: &str = "scheduleInput";
/// The kind of flow that may.
const AGENTFLOW: &str = "AGENTFLOW";
/// What the reference says of a flow that does not; clients look for it.
pub(crate) const NOT_SCHEDULED: &str = "Flow is not configured as a scheduled flow";

/// Where a flow says when it runs by itself.
struct Start {
    node_id: String,
    values: Map<String, Value>,
}

/// The first node of a flow that runs by itself; none of other flows.
fn start_of(flow_data: &str) -> Option<Start> {
    // Most flows are told by this, without being read.
    if !flow_data.contains(BY_ITSELF) {
        return None;
    }
    let flow: Value = serde_json::from_str(flow_data).ok()?;
    let node = flow["nodes"].as_array()?.iter().find(|it| it["data"]["name"] == START)?;
    let values = values_of(&node["data"])?;
    Some(Start { node_id: node["id"].as_str().unwrap_or_default().to_owned(), values })
}

fn values_of(data: &Value) -> Option<Map<String, Value>> {
    let values = data["inputs"].as_object()?;
    let is_scheduled =
        data["name"] == START && values.get("startInputType").is_some_and(|it| it == BY_ITSELF);
    is_scheduled.then(|| values.clone())
}

/// What keeps a schedule from firing, as it is saved.
fn fault(
    values: &Map<String, Value>,
    shortest: Duration,
    now: DateTime<Utc>,
) -> std::result::Result<(Timing, Given), Fault> {
    let timing = timing::timing(values, shortest)?;
    let given = timing::given(values)?;
    if timing.end.is_some_and(|it| it <= now) {
        return Err(Fault::Over("End Date: that day is over".to_owned()));
    }
    if timing.next_after(now).is_none() {
        return Err(Fault::Over("End Date: no due time is left before it".to_owned()));
    }
    Ok((timing, given))
}

/// What the checklist says of the schedule in a node; rows that are empty it tells by itself.
pub(crate) fn issue(data: &Value, shortest: Duration) -> Option<String> {
    match fault(&values_of(data)?, shortest, Utc::now()) {
        Err(Fault::Wrong(message) | Fault::Over(message)) => Some(message),
        Err(Fault::Missing(_)) | Ok(_) => None,
    }
}

/// Refuses to save a flow whose schedule says what cannot be. One that is not filled in yet may be
/// saved; it does not fire.
///
/// # Errors
/// 400 that names the row.
pub(crate) fn check(state: &AppState, flow_data: &str) -> Result<()> {
    let Some(start) = start_of(flow_data) else { return Ok(()) };
    match fault(&start.values, state.settings.shortest_schedule, Utc::now()) {
        Err(Fault::Wrong(message)) => Err(Problem::bad_request(format!("Start: {message}"))),
        Err(Fault::Missing(_) | Fault::Over(_)) | Ok(_) => Ok(()),
    }
}

/// Why the schedule of a flow cannot be switched on; nothing where it can.
pub(crate) fn reason(state: &AppState, flow: &ChatFlow, now: DateTime<Utc>) -> Option<String> {
    let start = start_of(&flow.flow_data).filter(|_| is_agentflow(flow));
    let Some(start) = start else { return Some(NOT_SCHEDULED.to_owned()) };
    let fault = fault(&start.values, state.settings.shortest_schedule, now).err()?;
    Some(fault.message().to_owned())
}

fn is_agentflow(flow: &ChatFlow) -> bool {
    flow.flow_type.as_deref() == Some(AGENTFLOW)
}

/// Gives a flow that was just saved the schedule that it says, or takes away the one it had.
///
/// # Errors
/// Those of the store.
pub(crate) async fn register(state: &AppState, flow: &ChatFlow) -> Result<()> {
    put(state, flow, false).await
}

/// The same for a flow that moved in: it does not begin to run here before somebody says so, as it
/// may still run where it comes from.
///
/// # Errors
/// Those of the store.
pub(crate) async fn register_moved(state: &AppState, flow: &ChatFlow) -> Result<()> {
    put(state, flow, true).await
}

async fn put(state: &AppState, flow: &ChatFlow, moved: bool) -> Result<()> {
    let schedules = state.store.schedules();
    let scope = WorkspaceScope::new(flow.workspace_id.clone());
    let start = start_of(&flow.flow_data).filter(|_| is_agentflow(flow));
    let is_new = schedules.find(&scope, &flow.id).await?.is_none();
    if start.is_none() && is_new {
        return Ok(());
    }
    let schedule = start.map(|it| {
        let record = record(state, flow, &it, Utc::now());
        if moved && is_new {
            Schedule { enabled: false, switched_off: true, next_run_at: None, ..record }
        } else {
            record
        }
    });
    schedules.put(&scope, &flow.id, flow.revision, schedule).await?;
    state.schedule_changed.notify_one();
    Ok(())
}

/// The schedule of a flow. One that cannot fire is kept switched off, for its owner to see.
fn record(state: &AppState, flow: &ChatFlow, start: &Start, now: DateTime<Utc>) -> Schedule {
    let text = |name: &str| start.values.get(name).and_then(Value::as_str).unwrap_or_default();
    let read = fault(&start.values, state.settings.shortest_schedule, now);
    let (timing, given) = read.ok().unzip();
    let (default_input, default_form) = match given {
        Some(Given::Text(text)) => (Some(text), None),
        Some(Given::Form(form)) => (None, Some(Value::Object(form).to_string())),
        Some(Given::Nothing) | None => (None, None),
    };
    let next_run_at = timing.as_ref().and_then(|it| it.next_after(now));
    let mode = Some(text("scheduleInputMode")).filter(|it| !it.is_empty()).unwrap_or("text");
    let zone = Some(text("scheduleTimezone")).filter(|it| !it.is_empty()).unwrap_or("UTC");
    Schedule {
        id: Uuid::new_v4().to_string(),
        trigger_type: AGENTFLOW.to_owned(),
        target_id: flow.id.clone(),
        node_id: Some(start.node_id.clone()),
        cron_expression: match &timing {
            Some(timing) => timing.expression.clone(),
            None => text("scheduleCronExpression").to_owned(),
        },
        timezone: zone.to_owned(),
        enabled: next_run_at.is_some(),
        switched_off: false,
        schedule_input_mode: mode.to_owned(),
        default_input,
        default_form,
        last_run_at: None,
        next_run_at,
        end_date: timing.and_then(|it| it.end),
        workspace_id: flow.workspace_id.clone(),
        created_date: now,
        updated_date: now,
    }
}

/// Switches a schedule on or off.
///
/// # Errors
/// 400 with the reason where it cannot fire; those of the store.
pub(crate) async fn switch(
    state: &AppState,
    flow: &ChatFlow,
    schedule: &Schedule,
    enabled: bool,
) -> Result<Schedule> {
    let now = Utc::now();
    let next = if enabled {
        if let Some(reason) = reason(state, flow, now) {
            return Err(Problem::bad_request(reason));
        }
        let timing = timing_of(schedule).map_err(|it| Problem::bad_request(it.message()))?;
        timing.next_after(now)
    } else {
        None
    };
    let scope = WorkspaceScope::new(flow.workspace_id.clone());
    let switched = state.store.schedules().switch(&scope, &schedule.id, next, now).await?;
    state.schedule_changed.notify_one();
    Ok(switched)
}

/// The times of a schedule as it is kept.
fn timing_of(schedule: &Schedule) -> std::result::Result<Timing, Fault> {
    Timing::new(&schedule.cron_expression, &schedule.timezone, schedule.end_date)
}
