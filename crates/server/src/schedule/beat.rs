//! Looks which schedules are due, claims their firings, and runs their flows.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use flowstone_core::Events;
use flowstone_engine::agentflow::ExecutionState;
use flowstone_store::{Advance, Execution, Firing, Schedule, WorkspaceScope};
use futures::future::join_all;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{AGENTFLOW, BY_ITSELF, register_moved, timing_of};
use crate::{
    AppState, Problem,
    prediction::{Call, ChatType, Question},
    problem::Result,
};

/// The longest time between two looks; a schedule of another server is seen that late.
const LONGEST: Duration = Duration::from_secs(10);
/// The shortest, where something stays due.
const SHORTEST: Duration = Duration::from_secs(1);
/// How late a flow is still run. What was due before that is only written down.
const LATE: TimeDelta = TimeDelta::minutes(5);
/// Due times of one schedule that are written down at once; of more, the last ones.
const WRITTEN_DOWN: usize = 100;
/// Due times of one schedule that are looked at to find these.
const LOOKED_AT: usize = 100_000;
/// Schedules that are claimed in one look.
const CLAIMED: u64 = 100;
/// After this time a firing that is not over is looked after.
const FORGOTTEN: TimeDelta = TimeDelta::minutes(1);

/// A flow that is to run now.
struct Due {
    schedule: Schedule,
    firing: Firing,
}

/// Fires what is due until the server stops.
pub(crate) async fn beat(state: AppState) {
    if let Err(problem) = register_missing(&state).await {
        tracing::warn!(error = problem.message(), "schedules of flows could not be looked for");
    }
    loop {
        let now = Utc::now();
        let due = match look(&state, now).await {
            Ok(due) => due,
            Err(problem) => {
                tracing::warn!(error = problem.message(), "schedules could not be looked at");
                Vec::new()
            }
        };
        for due in due {
            let runner = state.clone();
            state.tasks.spawn(async move { run(&runner, due).await });
        }
        let next = state.store.schedules().next_due_in_any_workspace().await.ok().flatten();
        let wait = next.and_then(|it| (it - Utc::now()).to_std().ok()).unwrap_or_default();
        let wait = if next.is_none() { LONGEST } else { wait.clamp(SHORTEST, LONGEST) };
        tokio::select! {
            () = state.leaving.cancelled() => return,
            () = state.schedule_changed.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Fires what is due at `now`, and waits until the flows have run; how many there were.
///
/// # Errors
/// Those of the store.
pub async fn run_due(state: &AppState, now: DateTime<Utc>) -> Result<usize> {
    let due = look(state, now).await?;
    Ok(join_all(due.into_iter().map(|it| run(state, it))).await.len())
}

/// Gives a schedule to flows that came without one, as those of an older installation.
async fn register_missing(state: &AppState) -> Result<()> {
    let flows = state.store.schedules().unscheduled_in_any_workspace(AGENTFLOW, BY_ITSELF).await?;
    for flow in flows {
        register_moved(state, &flow).await?;
    }
    Ok(())
}

/// The flows that are to run at `now` and are this server's to run.
async fn look(state: &AppState, now: DateTime<Utc>) -> Result<Vec<Due>> {
    let schedules = state.store.schedules();
    let mut all = look_after(state, now).await?;
    for schedule in schedules.due_in_any_workspace(now, CLAIMED).await? {
        let advance = advance(&schedule, now);
        let claimed = schedules.claim(&schedule, &advance).await?;
        let to_run = claimed.into_iter().filter(|it| it.status == Firing::RUNNING);
        all.extend(to_run.map(|firing| Due { schedule: schedule.clone(), firing }));
    }
    Ok(all)
}

/// What becomes of a schedule that is due: of the due times that are over, the last one runs, if
/// that was not long ago.
fn advance(schedule: &Schedule, now: DateTime<Utc>) -> Advance {
    let firing = |at, status: &str, error: Option<&str>| Firing {
        execution_id: (status == Firing::RUNNING).then(|| Uuid::now_v7().to_string()),
        status: status.to_owned(),
        error: error.map(str::to_owned),
        scheduled_at: at,
        ..begun(schedule, now)
    };
    let first = schedule.next_run_at.unwrap_or(now);
    let timing = match timing_of(schedule) {
        Ok(timing) => timing,
        Err(fault) => {
            let firings = vec![firing(first, Firing::SKIPPED, Some(fault.message()))];
            return Advance { next: None, ran: None, now, firings };
        }
    };
    let mut times = VecDeque::from([first]);
    let mut next = timing.next_after(first);
    let mut looked_at = 0;
    while let Some(time) = next.filter(|it| *it <= now) {
        times.push_back(time);
        if times.len() > WRITTEN_DOWN {
            times.pop_front();
        }
        looked_at += 1;
        next = if looked_at < LOOKED_AT { timing.next_after(time) } else { timing.next_after(now) };
    }
    let last = times.back().copied().filter(|it| now - *it <= LATE);
    let missed = times
        .into_iter()
        .filter(|it| Some(*it) != last)
        .map(|at| firing(at, Firing::SKIPPED, Some("missed: no server was there at that time")));
    let mut firings: Vec<Firing> = missed.collect();
    firings.extend(last.map(|at| firing(at, Firing::RUNNING, None)));
    Advance { next, ran: last, now, firings }
}

/// A firing of `schedule` that begins now.
fn begun(schedule: &Schedule, now: DateTime<Utc>) -> Firing {
    Firing {
        id: Uuid::now_v7().to_string(),
        schedule_record_id: schedule.id.clone(),
        trigger_type: schedule.trigger_type.clone(),
        target_id: schedule.target_id.clone(),
        execution_id: Some(Uuid::now_v7().to_string()),
        status: Firing::RUNNING.to_owned(),
        error: None,
        elapsed_time_ms: None,
        scheduled_at: now,
        workspace_id: schedule.workspace_id.clone(),
        created_date: now,
        by_hand: false,
    }
}

/// Runs the flow of a schedule now, whether or not it is due or switched on. It is walked by the
/// server; what is given back is how it stands in the log.
///
/// # Errors
/// Those of the store.
pub(crate) async fn fire(state: &AppState, schedule: Schedule) -> Result<Firing> {
    let firing = Firing { by_hand: true, ..begun(&schedule, Utc::now()) };
    let scope = WorkspaceScope::new(schedule.workspace_id.clone());
    state.store.schedules().begin_by_hand(&scope, &firing).await?;
    let (runner, due) = (state.clone(), Due { schedule, firing: firing.clone() });
    state.tasks.spawn(async move { run(&runner, due).await });
    Ok(firing)
}

/// Runs a flow and writes down what came of it.
async fn run(state: &AppState, due: Due) {
    let Due { schedule, firing } = due;
    let since = Instant::now();
    let asked = ask(state, &schedule, &firing).await;
    // A run that is cut by the server's stop goes on elsewhere, and is looked after there.
    if asked.is_err() && state.leaving.is_cancelled() {
        return;
    }
    let (status, error) = match &asked {
        Ok(()) => (Firing::SUCCEEDED, None),
        Err(problem) => (Firing::FAILED, Some(problem.message().to_owned())),
    };
    let elapsed = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
    finish(state, firing, status, error, elapsed).await;
}

/// Asks a flow what its schedule says.
async fn ask(state: &AppState, schedule: &Schedule, firing: &Firing) -> Result<()> {
    let live = state.flows.get(&state.store, &schedule.target_id).await?;
    let mut fields = Map::new();
    match schedule.schedule_input_mode.as_str() {
        "form" => {
            let form = schedule.default_form.as_deref().unwrap_or("{}");
            let form = serde_json::from_str::<Value>(form).unwrap_or_default();
            fields.insert("form".to_owned(), form);
        }
        // Models answer to a blank, not to nothing.
        "none" => drop(fields.insert("question".to_owned(), " ".into())),
        _ => {
            let text = schedule.default_input.clone().unwrap_or_default();
            fields.insert("question".to_owned(), text.into());
        }
    }
    fields.insert("chatId".to_owned(), Uuid::new_v4().to_string().into());
    let mut question = Question::from_fields(&fields);
    // Whoever does this again, after a crash, gets the same run.
    question.request_key = Some(format!("schedule {}", firing.id));
    question.run_id.clone_from(&firing.execution_id);
    let call = Call::new(live, question, ChatType::Scheduled);
    call.answer(state, Events::silent()).await.map(drop)
}

async fn finish(
    state: &AppState,
    firing: Firing,
    status: &str,
    error: Option<String>,
    elapsed: i64,
) {
    let scope = WorkspaceScope::new(firing.workspace_id.clone());
    let execution = execution_of(state, &scope, &firing).await;
    let firing = Firing {
        status: status.to_owned(),
        error,
        elapsed_time_ms: Some(elapsed),
        execution_id: execution.ok().flatten().map(|it| it.id),
        ..firing
    };
    if let Err(error) = state.store.schedules().finish(&scope, &firing).await {
        tracing::warn!(%error, flow = firing.target_id, "a scheduled run could not be written down");
    }
}

/// The run of a firing, if it has begun.
async fn execution_of(
    state: &AppState,
    scope: &WorkspaceScope,
    firing: &Firing,
) -> Result<Option<Execution>> {
    let Some(id) = &firing.execution_id else { return Ok(None) };
    match state.store.executions().get(scope, id).await {
        Ok(found) => Ok(Some(found)),
        Err(flowstone_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(Problem::from(error)),
    }
}

/// Sees to firings whose server went away: writes down how their runs ended, and gives back those
/// that never began.
async fn look_after(state: &AppState, now: DateTime<Utc>) -> Result<Vec<Due>> {
    let schedules = state.store.schedules();
    let mut to_run = Vec::new();
    for firing in schedules.running_in_any_workspace(now - FORGOTTEN, CLAIMED).await? {
        let scope = WorkspaceScope::new(firing.workspace_id.clone());
        let Some(execution) = execution_of(state, &scope, &firing).await? else {
            let schedule = schedules.find(&scope, &firing.target_id).await?;
            match schedule.filter(|_| now - firing.scheduled_at <= LATE) {
                Some(schedule) => to_run.push(Due { schedule, firing }),
                None => {
                    let why = "the server went away before the flow ran".to_owned();
                    finish(state, firing, Firing::SKIPPED, Some(why), 0).await;
                }
            }
            continue;
        };
        let elapsed = (execution.updated_date - firing.created_date).num_milliseconds().max(0);
        let state_is = |state: ExecutionState| execution.state == state.as_str();
        if state_is(ExecutionState::InProgress) {
            continue;
        }
        if state_is(ExecutionState::Finished) || state_is(ExecutionState::Stopped) {
            finish(state, firing, Firing::SUCCEEDED, None, elapsed).await;
        } else {
            let records = state.store.executions().records(&execution.id).await?;
            let last = records.last().and_then(|it| serde_json::from_str::<Value>(it).ok());
            let said = last.as_ref().and_then(|it| it["data"]["error"].as_str());
            let why = said.unwrap_or("the run was stopped").to_owned();
            finish(state, firing, Firing::FAILED, Some(why), elapsed).await;
        }
    }
    Ok(to_run)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(due: &str) -> Schedule {
        let due = due.parse().unwrap();
        Schedule {
            id: "s".to_owned(),
            trigger_type: AGENTFLOW.to_owned(),
            target_id: "f".to_owned(),
            node_id: None,
            cron_expression: "*/2 * * * *".to_owned(),
            timezone: "UTC".to_owned(),
            enabled: true,
            switched_off: false,
            schedule_input_mode: "none".to_owned(),
            default_input: None,
            default_form: None,
            last_run_at: None,
            next_run_at: Some(due),
            end_date: None,
            workspace_id: "w".to_owned(),
            created_date: due,
            updated_date: due,
        }
    }

    fn told(advance: &Advance) -> Vec<String> {
        let each = advance.firings.iter();
        each.map(|it| format!("{} {}", it.scheduled_at.format("%H:%M"), it.status)).collect()
    }

    #[test]
    fn of_what_was_missed_the_last_runs_if_that_was_not_long_ago() {
        let at = |time: &str| format!("2026-05-01T{time}Z").parse::<DateTime<Utc>>().unwrap();
        let due = schedule("2026-05-01T10:00:00Z");
        let on_time = advance(&due, at("10:00:00"));
        assert_eq!(
            (told(&on_time), on_time.next),
            (vec!["10:00 RUNNING".into()], Some(at("10:02:00")))
        );
        let late = advance(&due, at("10:05:30"));
        assert_eq!(told(&late), ["10:00 SKIPPED", "10:02 SKIPPED", "10:04 RUNNING"]);
        assert_eq!(late.next, Some(at("10:06:00")));
        let ended = Schedule { end_date: Some(at("10:01:00")), ..due.clone() };
        let last = advance(&ended, at("10:00:01"));
        assert_eq!((told(&last), last.next), (vec!["10:00 RUNNING".into()], None));
        let too_late = advance(&ended, at("12:00:00"));
        assert_eq!((told(&too_late), too_late.ran), (vec!["10:00 SKIPPED".into()], None));
        let days = advance(&due, at("10:00:00") + TimeDelta::days(30));
        assert_eq!(days.firings.len(), WRITTEN_DOWN);
        assert_eq!(days.firings.last().unwrap().status, Firing::RUNNING);
    }
}
