//! Runs whose server went away: taken up by the one that is there.

use std::time::Duration;

use chrono::Utc;
use flowstone_core::{Error, Event, Events, Metadata, Output, Run, event::Done, step};
use flowstone_engine::agentflow::{ExecutionState, Progress};
use flowstone_store::{Execution, TurnKept, TurnTaken, WorkspaceScope, crash};
use serde_json::{Map, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    super::answer::Kept,
    LEASE,
    log::Log,
    request::{asking, parse, place, records},
    walking::{Ready, walk},
};
use crate::{AppState, Problem, problem::Result};

/// How often a server renews its leases and looks for runs that nobody walks any more.
const ROUND: Duration = Duration::from_secs(10);
/// Most runs that are taken over in one round.
const TAKEN_OVER: u64 = 50;
/// How often a run is taken up again without a turn being kept before it counts as what brings the
/// server down.
const MOST_RESTARTS: u32 = 5;

/// Keeps this server's runs its own, and takes up those that nobody walks any more, until the server
/// stops.
pub(crate) async fn take_over(state: AppState) {
    let mut rounds = tokio::time::interval(ROUND);
    loop {
        tokio::select! {
            () = state.leaving.cancelled() => return,
            _ = rounds.tick() => {}
        }
        if let Err(error) = round(&state).await {
            tracing::warn!(error = error.message(), "runs could not be looked after");
        }
    }
}

async fn round(state: &AppState) -> Result<()> {
    let executions = state.store.executions();
    let now = Utc::now();
    executions.renew(&state.owner, &state.walking.ids(), now + LEASE).await?;
    let left =
        executions.take_over_for_any_workspace(&state.owner, now, now + LEASE, TAKEN_OVER).await?;
    for execution in left {
        let runner = state.clone();
        tracing::info!(run = execution.id, "a run is taken up again");
        state.tasks.spawn(async move {
            let id = execution.id.clone();
            if let Err(problem) = Box::pin(take_up(&runner, execution)).await {
                tracing::warn!(run = id, error = problem.message(), "a run did not go on");
            }
        });
    }
    Ok(())
}

/// Goes on with a run whose server went away in the middle of it.
async fn take_up(state: &AppState, execution: Execution) -> Result<()> {
    let mut progress = parse::<Progress>(&execution.progress).unwrap_or_default();
    let records = records(state, &execution.id).await?;
    let scope = WorkspaceScope::new(execution.workspace_id.clone());
    if let Some(node) = progress.begun.clone() {
        return ask_whether_to_repeat(state, &scope, &execution, &node).await;
    }
    progress.restarts += 1;
    if progress.restarts > MOST_RESTARTS {
        let node = progress.next().unwrap_or_default();
        let said = format!("the server went away {MOST_RESTARTS} times while it ran");
        let problem = Problem::from(Error::Unsupported(said).at(node));
        close(state, &execution, records.len(), &problem).await?;
        return Err(problem);
    }
    let kept = json!(progress).to_string();
    if !state.store.executions().keep_progress(&execution.id, &state.owner, kept).await? {
        // Somebody else has it now.
        return Ok(());
    }
    crash::here(crash::Point::RestartCounted, &execution.id);
    let asked = asking(&execution.request);
    let live = match asked.origin.live(state, &execution.agentflow_id).await {
        Ok(live) => live,
        Err(problem) => {
            close(state, &execution, records.len(), &problem).await?;
            return Err(problem);
        }
    };
    let graph = match asked.origin.graph(state, &live, &asked.question).await {
        Ok(graph) => graph,
        Err(problem) => {
            close(state, &execution, records.len(), &problem).await?;
            return Err(problem);
        }
    };
    let ready = Ready {
        live,
        question: asked.question,
        chat_type: asked.chat_type,
        depth: asked.depth,
        chat_id: asked.chat_id,
        session_id: execution.session_id,
        execution_id: execution.id,
        progress,
        records,
        persisted: asked.persisted,
        asked: execution.created_date,
        purse: None,
        origin: asked.origin,
        begins_chat: false,
        last_event: None,
    };
    let walked = walk(state, ready, &graph, Events::silent(), CancellationToken::new());
    Box::pin(walked).await.map(drop)
}

/// Ends a run that cannot go on, with the reason as its last record.
pub(super) async fn close(
    state: &AppState,
    execution: &Execution,
    records: usize,
    problem: &Problem,
) -> Result<()> {
    let record = json!({
        "nodeId": "",
        "nodeLabel": "",
        "previousNodeIds": [],
        "data": { "error": problem.message() },
        "status": ExecutionState::Error.as_str(),
    });
    let stands = Event::AgentFlowState(ExecutionState::Error.as_str().to_owned());
    let told = [stands, Event::Error(problem.message().to_owned()), Event::End(Done::Done)];
    let log = Log::after(state.store.executions().last_event(&execution.id).await?);
    let now = Utc::now();
    let kept = TurnKept {
        id: &execution.id,
        owner: &state.owner,
        turns: &[TurnTaken { place: place(records), record: record.to_string(), position: None }],
        spent: None,
        milliseconds: None,
        truncates: false,
        state: ExecutionState::Error.as_str(),
        progress: execution.progress.clone(),
        action: None,
        asks_again: None,
        now,
        lease: now + LEASE,
        events: log.batch(&told).row(),
        messages: &[],
    };
    state.store.executions().keep_turn(kept).await?;
    state.followers.wake(&execution.id);
    Ok(())
}

/// Stops a run in front of a node that may have run before and must not run twice.
async fn ask_whether_to_repeat(
    state: &AppState,
    scope: &WorkspaceScope,
    execution: &Execution,
    node: &str,
) -> Result<()> {
    let action = step::approval(&Uuid::new_v4().to_string(), (node, node), &Map::new());
    let asked = asking(&execution.request);
    let live = asked.origin.live(state, &execution.agentflow_id).await?;
    let run = Run {
        workspace: scope.workspace_id().to_owned(),
        flow_id: execution.agentflow_id.clone(),
        chat_id: asked.chat_id,
        session_id: execution.session_id.clone(),
        question: asked.question.text.clone(),
        ..Run::new(state.engine.services().clone())
    };
    let kept = Kept {
        live: &live,
        run: &run,
        question: &asked.question,
        chat_type: asked.chat_type,
        asked: execution.created_date,
        stored: Vec::new(),
        execution: Some((execution.id.clone(), Some(action.clone()))),
    };
    let said = format!(
        "The server went away while \"{node}\" was running, and nobody knows whether it did its \
         work. It must not run twice: shall it run again?"
    );
    let answer_id = Uuid::now_v7().to_string();
    let messages = kept.messages(&answer_id, &Output::text(said), None, None);
    let metadata = Metadata {
        chat_id: run.chat_id.clone(),
        chat_message_id: answer_id,
        session_id: run.session_id.clone(),
        action: Some(action.clone()),
        ..Metadata::default()
    };
    let stands = Event::AgentFlowState(ExecutionState::Stopped.as_str().to_owned());
    let asks = Event::Action(action.clone());
    let told = [stands, asks, Event::Metadata(Box::new(metadata)), Event::End(Done::Done)];
    let log = Log::after(state.store.executions().last_event(&execution.id).await?);
    let now = Utc::now();
    let kept = TurnKept {
        id: &execution.id,
        owner: &state.owner,
        turns: &[],
        spent: None,
        milliseconds: None,
        truncates: false,
        state: ExecutionState::Stopped.as_str(),
        progress: execution.progress.clone(),
        action: Some(action.to_string()),
        asks_again: None,
        now,
        lease: now + LEASE,
        events: log.batch(&told).row(),
        messages: &messages,
    };
    state.store.executions().keep_turn(kept).await?;
    state.followers.wake(&execution.id);
    Ok(())
}
