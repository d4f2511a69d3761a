//! Runs whose server went away: taken up by the one that is there.

use std::time::Duration;

use chrono::Utc;
use flowstone_core::{Events, Output, Run};
use flowstone_engine::agentflow::{ExecutionState, Progress};
use flowstone_store::{Execution, TurnKept, WorkspaceScope};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    super::answer::Kept,
    LEASE, Ready, graph,
    request::{asking, parse, place, records},
    walk,
};
use crate::{AppState, Problem, problem::Result};

/// How often a server renews its leases and looks for runs that nobody walks any more.
const ROUND: Duration = Duration::from_secs(10);
/// Most runs that are taken over in one round.
const TAKEN_OVER: u64 = 50;

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
    executions.renew(&state.owner, now + LEASE).await?;
    let left =
        executions.take_over_for_any_workspace(&state.owner, now, now + LEASE, TAKEN_OVER).await?;
    for execution in left {
        let runner = state.clone();
        tracing::info!(run = execution.id, "a run is taken up again");
        state.tasks.spawn(async move {
            let id = execution.id.clone();
            if let Err(problem) = take_up(&runner, execution).await {
                tracing::warn!(run = id, error = problem.message(), "a run did not go on");
            }
        });
    }
    Ok(())
}

/// Goes on with a run whose server went away in the middle of it.
async fn take_up(state: &AppState, execution: Execution) -> Result<()> {
    let progress = parse::<Progress>(&execution.progress).unwrap_or_default();
    let records = records(state, &execution.id).await?;
    let scope = WorkspaceScope::new(execution.workspace_id.clone());
    if let Some(node) = progress.begun.clone() {
        return ask_whether_to_repeat(state, &scope, &execution, &node).await;
    }
    let live = match state.flows.get(&state.store, &execution.agentflow_id).await {
        Ok(live) => live,
        Err(problem) => {
            close(state, &execution, records.len(), &problem).await?;
            return Err(problem);
        }
    };
    let asked = asking(&execution.request);
    let graph = match graph(state, &live, &asked.question).await {
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
        answer: None,
        persisted: None,
        asked: execution.created_date,
    };
    walk(state, ready, &graph, Events::silent(), CancellationToken::new()).await.map(drop)
}

/// Ends a run that cannot go on, with the reason as its last record.
async fn close(
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
    let now = Utc::now();
    let kept = TurnKept {
        id: &execution.id,
        owner: &state.owner,
        record: Some((place(records), record.to_string())),
        truncates: false,
        state: ExecutionState::Error.as_str(),
        progress: execution.progress.clone(),
        action: None,
        now,
        lease: now + LEASE,
    };
    Ok(state.store.executions().keep_turn(kept).await?)
}

/// Stops a run in front of a node that may have run before and must not run twice.
async fn ask_whether_to_repeat(
    state: &AppState,
    scope: &WorkspaceScope,
    execution: &Execution,
    node: &str,
) -> Result<()> {
    let action = json!({
        "id": Uuid::new_v4().to_string(),
        "mapping": { "approve": "Proceed", "reject": "Reject" },
        "elements": [
            { "type": "agentflowv2-approve-button", "label": "Proceed" },
            { "type": "agentflowv2-reject-button", "label": "Reject" },
        ],
        "data": { "nodeId": node, "nodeLabel": node, "input": {} },
    });
    let now = Utc::now();
    let kept = TurnKept {
        id: &execution.id,
        owner: &state.owner,
        record: None,
        truncates: false,
        state: ExecutionState::Stopped.as_str(),
        progress: execution.progress.clone(),
        action: Some(action.to_string()),
        now,
        lease: now + LEASE,
    };
    state.store.executions().keep_turn(kept).await?;
    let asked = asking(&execution.request);
    let live = state.flows.get(&state.store, &execution.agentflow_id).await?;
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
        execution: Some((execution.id.clone(), Some(action))),
    };
    let said = format!(
        "The server went away while \"{node}\" was running, and nobody knows whether it did its \
         work. It must not run twice: shall it run again?"
    );
    kept.store(state, &Uuid::now_v7().to_string(), &Output::text(said), None, None).await
}
