//! Going back in a run: another run that begins at one of its nodes, with all that came before.

use axum::http::StatusCode;
use chrono::Utc;
use flowstone_core::Events;
use flowstone_engine::{
    NodeEdit,
    agentflow::{Graph, Past, Progress, visits},
};
use flowstone_store::{Execution, TurnRow, WorkspaceScope};
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    super::{ChatType, uploads},
    beginning,
    origin::{FlowSource, Origin, RerunOf, draft_kept},
    request::{as_lines, asking, parse, request_text},
    walking::{Ready, walk},
};
use crate::{AppState, Problem, problem::Result};

/// Where to go back to, and what is to be different then.
pub(crate) struct Back {
    /// The node to begin at.
    pub(crate) node: String,
    /// Which of its turns, from 1; the last one where it is not said.
    pub(crate) visit: Option<usize>,
    /// Rows of its form, filled in otherwise.
    pub(crate) inputs: Option<Map<String, Value>>,
    /// Which state of the flow runs.
    pub(crate) source: FlowSource,
}

/// Begins a run that goes back into `earlier`, and gives it back. It is walked by the server.
///
/// # Errors
/// 400 for a turn that the run did not take; 409 where the flow no longer has the node, or it was not
/// kept how things stood.
pub(crate) async fn rerun(
    state: &AppState,
    scope: &WorkspaceScope,
    earlier: &Execution,
    back: Back,
) -> Result<(Execution, String)> {
    let turns = state.store.executions().turns(&earlier.id).await?;
    let records = turns.iter().map(|it| Arc::new(parse(&it.record).unwrap_or(Value::Null)));
    let records: Vec<Arc<Value>> = records.collect();
    let at = place_of(&records, &back)?;
    let mut asked = asking(&earlier.request);
    let past = past_of(state, scope, earlier, &asked.origin).await?;
    let edit = back.inputs.map(|inputs| NodeEdit { node: back.node.clone(), inputs });
    let was = std::mem::take(&mut asked.origin);
    let flow_data = match back.source {
        FlowSource::Recorded => Some(recorded(state, scope, earlier, &was).await?),
        FlowSource::Published | FlowSource::Draft => None,
    };
    let mut origin = Origin {
        source: back.source,
        is_trial: back.source == FlowSource::Draft,
        version: was.version,
        revision: was.revision,
        flow_data,
        rerun_of: Some(RerunOf { execution_id: earlier.id.clone(), node_id: back.node.clone() }),
        edit,
        past: Some(past),
    };
    let live = origin.live(state, &earlier.agentflow_id).await?;
    let graph = origin.graph(state, &live, &asked.question).await?;
    let Some(label) = graph.label(&back.node) else {
        return Err(gone(format!(
            "the flow no longer has the node {}: choose one that it has, or run the flow as it was \
             then (\"flow\": \"recorded\")",
            back.node
        )));
    };
    match origin.source {
        FlowSource::Draft => origin.flow_data = draft_kept(&live),
        FlowSource::Published => {
            (origin.version, origin.revision) = (live.version, live.flow.revision);
        }
        FlowSource::Recorded => {}
    }
    if let Some(form) = &asked.question.form {
        asked.question.text = as_lines(form);
    }
    let positions: Vec<Option<String>> = turns.iter().map(|it| it.position.clone()).collect();
    let last = parse::<Progress>(&earlier.progress).unwrap_or_default();
    let question = &asked.question.text;
    let past = Past { records: &records, positions: &positions, progress: &last, question };
    let Some((progress, own)) = past.before(at) else {
        return Err(gone(format!(
            "it was not kept how this run stood before \"{label}\": runs of earlier versions of the \
             server cannot be gone back into"
        )));
    };
    let chat_id = Uuid::new_v4().to_string();
    asked.question.override_config.insert("sessionId".to_owned(), chat_id.clone().into());
    let now = Utc::now();
    let (internal, persisted) = (ChatType::Internal, asked.persisted.as_ref());
    let request =
        request_text(&asked.question, internal, 0, &chat_id, &chat_id, persisted, &origin);
    let of = (earlier.agentflow_id.as_str(), chat_id.as_str());
    let execution = beginning(state, scope, of, (request, &origin), &progress, now);
    let copied: Vec<TurnRow> = turns.into_iter().take(own).collect();
    state.store.executions().insert_with_turns(scope, &execution, copied).await?;
    let ready = Ready {
        live,
        question: asked.question,
        chat_type: ChatType::Internal,
        depth: 0,
        chat_id: chat_id.clone(),
        session_id: chat_id.clone(),
        execution_id: execution.id.clone(),
        progress,
        records: records.into_iter().take(own).collect(),
        persisted: asked.persisted,
        asked: now,
        purse: None,
        origin,
        begins_chat: true,
        last_event: Some(0),
    };
    walk_unheard(state, ready, graph);
    Ok((execution, chat_id))
}

/// Lets the server walk a run that nobody waits for.
fn walk_unheard(state: &AppState, ready: Ready, graph: Arc<Graph>) {
    // It tells in pieces, as for a caller who listens: these are read from what is kept.
    let (events, mut heard) = Events::channel();
    state.tasks.spawn(async move { while heard.recv().await.is_some() {} });
    let (runner, id) = (state.clone(), ready.execution_id.clone());
    state.tasks.spawn(async move {
        let gone = CancellationToken::new();
        if let Err(problem) = Box::pin(walk(&runner, ready, &graph, events, gone)).await {
            tracing::debug!(run = id, problem = problem.message(), "a run that went back failed");
        }
    });
}

/// The place of the record whose turn is to be taken again.
fn place_of(records: &[Arc<Value>], back: &Back) -> Result<usize> {
    let visits = visits(records, &back.node);
    if visits.is_empty() {
        return Err(Problem::bad_request(format!(
            "nodeId: this run never came to the node {}",
            back.node
        )));
    }
    let visit = back.visit.unwrap_or(visits.len());
    let found = visit.checked_sub(1).and_then(|it| visits.get(it)).copied();
    found.ok_or_else(|| {
        let times = visits.len();
        Problem::bad_request(format!(
            "iteration: the run came to this node {times} times: a number from 1 to {times} is \
             expected"
        ))
    })
}

/// The conversation as it was when `earlier` began.
async fn past_of(
    state: &AppState,
    scope: &WorkspaceScope,
    earlier: &Execution,
    origin: &Origin,
) -> Result<Vec<Value>> {
    let (flow, session) = (&earlier.agentflow_id, &earlier.session_id);
    let said = state.store.messages().history(scope, session, flow, None).await?;
    let before = said.into_iter().filter(|it| it.created_date < earlier.created_date).collect();
    let files = &state.engine.services().files;
    let said = uploads::as_turns(&**files, scope.workspace_id(), before).await;
    Ok(origin.past.iter().flatten().cloned().chain(said).collect())
}

/// The text of the flow as it was when `earlier` began.
async fn recorded(
    state: &AppState,
    scope: &WorkspaceScope,
    earlier: &Execution,
    was: &Origin,
) -> Result<String> {
    if let Some(text) = &was.flow_data {
        return Ok(text.clone());
    }
    let flow = &earlier.agentflow_id;
    if let Some(number) = was.version {
        match state.store.versions().get(scope, flow, number).await {
            Ok(version) => return Ok(version.flow_data),
            Err(flowstone_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let live = state.flows.get(&state.store, flow).await?;
    if was.source == FlowSource::Published && was.revision == live.flow.revision {
        return Ok(live.flow.flow_data.clone());
    }
    Err(gone(
        "the flow as it was then is not kept any more: run its draft, or what is published"
            .to_owned(),
    ))
}

fn gone(why: String) -> Problem {
    Problem::new(StatusCode::CONFLICT, why)
}
