//! Runs of agentflows: begun, gone on with after a person has answered, and taken up again after a
//! crash. The run belongs to the server, not to the connection that asked for it.

mod journal;
mod recovery;
mod request;

use std::{pin::pin, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use flowstone_core::{Answer, Events, HumanAnswer, Output, Run, UsedTool};
use flowstone_engine::{
    Overrides,
    agentflow::{Begin, ExecutionState, Graph, MOST_TURNS, Progress, Walk, WalkEnd},
};
use flowstone_store::{Execution, TurnKept, WorkspaceScope};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use uuid::Uuid;

pub(crate) use self::recovery::take_over;
use self::{
    journal::StoreJournal,
    request::{as_lines, as_turn, asking, parse, records, request_text},
};
use super::{
    Body, Call, ChatType, LiveFlow, Question,
    answer::{Ending, Exchange, Kept, post_process, run_span, variables},
    follow_up, uploads,
};
use crate::{AppState, Problem, problem::Result, schedule};

/// How long a run stays its server's without a sign of life.
const LEASE: Duration = Duration::from_secs(30);
/// How the reference begins what it says of a run that cannot go on; clients look for it.
const REFERENCE: &str = "Error: predictionsServices.buildChatflow - ";
/// How often a repeated request looks whether the first one is done.
const LOOK: Duration = Duration::from_millis(200);

/// Answers a call of an agentflow. Dropping the future leaves the run going, unless the caller asked
/// for it to end then.
pub(super) async fn answer(call: Call, state: &AppState, events: Events) -> Result<Exchange> {
    let gone = CancellationToken::new();
    let guard = call.question.ends_with_caller.then(|| gone.clone().drop_guard());
    let runner = state.clone();
    let task = state.tasks.spawn(async move { run(runner, call, events, gone).await });
    let answered = task.await;
    drop(guard);
    answered.map_err(|error| Problem::internal(&error))?
}

/// A run that is to be walked, from its beginning or from where it stopped.
struct Ready {
    live: Arc<LiveFlow>,
    question: Question,
    chat_type: ChatType,
    depth: u32,
    chat_id: String,
    session_id: String,
    execution_id: String,
    progress: Progress,
    records: Vec<Arc<Value>>,
    answer: Option<HumanAnswer>,
    /// The state that the conversation's last run ended with.
    persisted: Option<Map<String, Value>>,
    asked: DateTime<Utc>,
}

async fn run(
    state: AppState,
    call: Call,
    events: Events,
    gone: CancellationToken,
) -> Result<Exchange> {
    let Call { live, mut question, chat_type, depth, .. } = call;
    question.check()?;
    if question.form.is_some() && !question.text.is_empty() {
        return Err(Problem::bad_request(
            "question and form came together: send the form's values or a question, not both",
        ));
    }
    let asked = Utc::now();
    let scope = WorkspaceScope::new(live.flow.workspace_id.clone());
    if let Some(key) = &question.request_key
        && let Some(earlier) = find_by_key(&state, &scope, &live, key).await?
    {
        return repeat(&state, &scope, earlier).await;
    }
    let graph = graph(&state, &live, &question).await?;
    if depth == 0 && question.human_input.is_none() {
        check_entry(&graph, chat_type)?;
    }
    let session = question.session_id().map(str::to_owned);
    let chat_id = question.chat_id.clone().or_else(|| session.clone());
    let chat_id = chat_id.unwrap_or_else(|| Uuid::new_v4().to_string());
    let session_id = session.unwrap_or_else(|| chat_id.clone());
    let latest = state.store.executions().latest(&scope, &live.flow.id, &session_id).await?;
    if let Some(answer) = question.human_input.take() {
        let latest = latest.ok_or_else(|| {
            Problem::not_found(format!(
                "{REFERENCE}No previous execution found for session {session_id}"
            ))
        })?;
        let ready = resume(&state, &scope, latest, answer).await?;
        let ready = Ready { live, question, chat_type, depth, chat_id, session_id, asked, ..ready };
        return walk(&state, ready, &graph, events, gone).await;
    }
    let earlier = latest.and_then(|it| parse::<Progress>(&it.progress));
    let (persisted, form) = earlier.map(|it| (it.state, it.form)).unzip();
    if let Some(form) = &question.form {
        question.text = as_lines(form);
    }
    let mut progress = Progress::starting(graph.start(), &question.text);
    progress.form = question.form.clone().or(form.flatten());
    progress.webhook = question.webhook.clone();
    let execution = Execution {
        id: question.run_id.clone().unwrap_or_else(|| Uuid::now_v7().to_string()),
        state: ExecutionState::InProgress.as_str().to_owned(),
        agentflow_id: live.flow.id.clone(),
        session_id: session_id.clone(),
        action: None,
        is_public: None,
        request: request_text(&question, chat_type, depth, &chat_id, &session_id),
        progress: json!(progress).to_string(),
        request_key: question.request_key.clone(),
        owner: Some(state.owner.clone()),
        lease_date: Some(asked + LEASE),
        created_date: asked,
        updated_date: asked,
        stopped_date: None,
        workspace_id: scope.workspace_id().to_owned(),
    };
    match state.store.executions().insert(&scope, &execution).await {
        Ok(()) => {}
        // The same request came twice at once, and the other one was first.
        Err(flowstone_store::Error::Conflict { .. }) if execution.request_key.is_some() => {
            let key = execution.request_key.unwrap_or_default();
            let earlier = find_by_key(&state, &scope, &live, &key).await?;
            let earlier = earlier.ok_or_else(|| Problem::not_found("the run is gone"))?;
            return repeat(&state, &scope, earlier).await;
        }
        Err(error) => return Err(error.into()),
    }
    let ready = Ready {
        live,
        question,
        chat_type,
        depth,
        chat_id,
        session_id,
        execution_id: execution.id,
        progress,
        records: Vec::new(),
        answer: None,
        persisted,
        asked,
    };
    walk(&state, ready, &graph, events, gone).await
}

/// Refuses to ask a flow from outside that begins by itself, or by a webhook with its signature.
fn check_entry(graph: &Graph, chat_type: ChatType) -> Result<()> {
    if !matches!(chat_type, ChatType::External | ChatType::Mcp) {
        return Ok(());
    }
    let begins = graph.start_values().get("startInputType").and_then(Value::as_str);
    match begins {
        Some("webhookTrigger") => Err(Problem::bad_request(
            "this flow is started by its webhook: send the request to /api/v1/webhook/ and its id",
        )),
        Some(schedule::BY_ITSELF) => Err(Problem::bad_request(
            "this flow runs by its schedule: it cannot be asked from outside",
        )),
        _ => Ok(()),
    }
}

async fn find_by_key(
    state: &AppState,
    scope: &WorkspaceScope,
    live: &LiveFlow,
    key: &str,
) -> Result<Option<Execution>> {
    Ok(state.store.executions().find_by_request_key(scope, &live.flow.id, key).await?)
}

async fn graph(state: &AppState, live: &LiveFlow, question: &Question) -> Result<Arc<Graph>> {
    let overrides =
        Overrides { gate: &live.gate, config: &question.override_config, files: &question.files };
    Ok(state.engine.graph(live.source(), Some(&overrides)).await?)
}

/// Makes a run that waits this server's, with the answer it waits for.
async fn resume(
    state: &AppState,
    scope: &WorkspaceScope,
    latest: Execution,
    answer: HumanAnswer,
) -> Result<Ready> {
    let records = records(state, &latest.id).await?;
    let waiting = |it: &&Arc<Value>| it["status"] == ExecutionState::Stopped.as_str();
    let failed_after =
        latest.state == ExecutionState::Error.as_str() && records.iter().any(|it| waiting(&it));
    if latest.state != ExecutionState::Stopped.as_str() && !failed_after {
        return Err(Problem::new(
            axum::http::StatusCode::CONFLICT,
            format!(
                "{REFERENCE}Cannot resume execution {} because it is in '{}' state. Only executions in \
                 'STOPPED' state (or 'ERROR' after 'STOPPED') can be resumed.",
                latest.id, latest.state
            ),
        ));
    }
    let mut progress = parse::<Progress>(&latest.progress).unwrap_or_default();
    let asked = records.iter().rev().find(waiting).and_then(|it| it["nodeId"].as_str());
    let mut answer = Some(answer);
    if let Some(node) = progress.begun.take() {
        // It was asked whether a node that must not run twice may: the node itself asked nothing.
        if answer.take().is_some_and(|it| !it.proceeds()) {
            return Err(give_up(state, scope, &latest, &node).await?);
        }
    } else {
        let wanted = answer.as_ref().and_then(|it| it.start_node_id.clone());
        let node = wanted.or_else(|| asked.map(str::to_owned)).unwrap_or_default();
        if !records.iter().any(|it| waiting(&it) && it["nodeId"] == node.as_str()) {
            return Err(Problem::bad_request(format!(
                "execution {} does not wait at the node {node}",
                latest.id
            )));
        }
        progress.resume_at(&node);
    }
    let executions = state.store.executions();
    let lease = Utc::now() + LEASE;
    if !executions.claim(scope, &latest.id, &latest.state, &state.owner, lease).await? {
        return Err(Problem::new(
            axum::http::StatusCode::CONFLICT,
            format!("execution {} has just been answered by somebody else", latest.id),
        ));
    }
    state.store.messages().clear_action(scope, &latest.id).await?;
    let asked = asking(&latest.request);
    Ok(Ready {
        live: state.flows.get(&state.store, &latest.agentflow_id).await?,
        question: asked.question,
        chat_type: asked.chat_type,
        depth: asked.depth,
        chat_id: asked.chat_id,
        session_id: latest.session_id,
        execution_id: latest.id,
        progress,
        records,
        answer,
        persisted: None,
        asked: Utc::now(),
    })
}

/// Ends a run whose owner does not want the node run again.
async fn give_up(
    state: &AppState,
    scope: &WorkspaceScope,
    latest: &Execution,
    node: &str,
) -> Result<Problem> {
    let executions = state.store.executions();
    let lease = Utc::now() + LEASE;
    if executions.claim(scope, &latest.id, &latest.state, &state.owner, lease).await? {
        let kept = TurnKept {
            id: &latest.id,
            owner: &state.owner,
            record: None,
            truncates: false,
            state: ExecutionState::Terminated.as_str(),
            progress: latest.progress.clone(),
            action: None,
            now: Utc::now(),
            lease,
        };
        executions.keep_turn(kept).await?;
        state.store.messages().clear_action(scope, &latest.id).await?;
    }
    Ok(Problem::new(
        axum::http::StatusCode::CONFLICT,
        format!("execution {} has ended: {node} is not to be run again", latest.id),
    ))
}

/// Walks a run to its end, its next stop or its failure, and keeps the exchange.
async fn walk(
    state: &AppState,
    ready: Ready,
    graph: &Graph,
    events: Events,
    gone: CancellationToken,
) -> Result<Exchange> {
    let Ready { live, mut question, chat_type, depth, chat_id, session_id, .. } = ready;
    let workspace = live.flow.workspace_id.clone();
    let run = Run {
        workspace: workspace.clone(),
        flow_id: live.flow.id.clone(),
        chat_id: chat_id.clone(),
        session_id: session_id.clone(),
        question: ready.progress.question.clone(),
        history: std::mem::replace(&mut question.history, Ok(None))
            .map_err(Problem::bad_request)?,
        variables: variables(state, &live, &question.override_config).await?,
        uploads: std::mem::take(&mut question.uploads),
        depth,
        events: events.clone(),
        ..Run::new(state.engine.services().clone())
    };
    let stored_turns = run.services.chats.history(&workspace, &run.flow_id, &session_id, None);
    let past = stored_turns.await?.iter().map(as_turn).collect();
    let resumed = ready.answer.clone();
    let stored = uploads::keep(state, &run).await?;
    let journal = StoreJournal::new(state, &ready.execution_id, ready.records.len());
    let start = (graph.start(), graph.label(graph.start()).unwrap_or_default());
    let set = live.gate.allowed_state(start, question.override_config.get("startState"));
    let walk = Walk {
        graph,
        catalog: state.engine.catalog(),
        run: &run,
        past,
        journal: &journal,
        begin: Begin { persisted: ready.persisted, set },
        most_turns: MOST_TURNS,
    };
    let span = run_span(&live, &ready.execution_id, &session_id);
    let stoppable = state.stops.register(&live.flow.id, &chat_id);
    let left = async {
        if question.ends_with_caller {
            tokio::select! { () = events.closed() => {}, () = gone.cancelled() => {} }
        } else {
            std::future::pending::<()>().await;
        }
    };
    let stop = pin!(async {
        tokio::select! { () = stoppable.stopped() => {}, () = left => {} }
    });
    let end = tokio::select! {
        biased;
        () = state.leaving.cancelled() => None,
        end = walk.go(ready.progress, ready.records, ready.answer, stop).instrument(span) => Some(end),
    };
    let Some(end) = end else {
        return Err(Problem::new(
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            "the server is stopping; the run goes on when it is back",
        ));
    };
    if let Some(error) = end.failure {
        return Err(error.into());
    }
    if let Some(answer) = &resumed {
        let word = if answer.proceeds() { "Proceed" } else { "Reject" };
        let said = answer.feedback.clone().filter(|it| !it.is_empty());
        question.text = said.unwrap_or_else(|| word.to_owned());
    }
    let asked = ready.asked;
    let kept = Kept {
        live: &live,
        run: &Run { question: question.text.clone(), ..run.clone() },
        question: &question,
        chat_type,
        asked,
        stored,
        execution: Some((ready.execution_id.clone(), end.action.clone())),
    };
    keep(state, kept, end, ready.execution_id, resumed.is_some()).await
}

/// Keeps the exchange and makes the answer of it.
async fn keep(
    state: &AppState,
    kept: Kept<'_>,
    end: WalkEnd,
    execution_id: String,
    resumed: bool,
) -> Result<Exchange> {
    let answer_id = Uuid::now_v7().to_string();
    let mut output = last_output(&end);
    let finished = end.state == ExecutionState::Finished;
    if let (true, Some(code)) = (finished, &kept.live.post_processing) {
        output.answer = Answer::Text(post_process(state, code, kept.run, &output).await?);
    }
    let follow_ups = if finished {
        follow_up::suggest(state, kept.live, &output.answer.to_text()).await
    } else {
        None
    };
    kept.store(state, &answer_id, &output, None, follow_ups.as_deref()).await?;
    let ending = match end.state {
        ExecutionState::Terminated => Ending::Terminated,
        _ => Ending::Finished,
    };
    let form = kept.question.form.clone();
    let body = Body {
        text: Some(output.answer.to_text()),
        question: kept.question.given.clone().filter(|_| !resumed && form.is_none()),
        form: form.filter(|_| !resumed),
        chat_id: kept.run.chat_id.clone(),
        chat_message_id: answer_id,
        session_id: kept.run.session_id.clone(),
        follow_up_prompts: follow_ups,
        execution_id: Some(execution_id),
        agent_flow_executed_data: Some(end.records.iter().map(|it| clean_record(it)).collect()),
        action: end.action,
        ..Body::default()
    };
    Ok(Exchange { ending, body })
}

/// What the last turn came to, as messages keep it.
fn last_output(end: &WalkEnd) -> Output {
    let empty = Value::Null;
    let last = end.records.last().map_or(&empty, |it| &it["data"]["output"]);
    Output {
        answer: Answer::Text(end.text.clone()),
        used_tools: part::<Vec<UsedTool>>(last, "usedTools").unwrap_or_default(),
        source_documents: part(last, "sourceDocuments"),
        artifacts: part(last, "artifacts").unwrap_or_default(),
        file_annotations: part(last, "fileAnnotations").unwrap_or_default(),
        reasoning: last["reasonContent"]["thinking"].as_str().unwrap_or_default().to_owned(),
        ..Output::default()
    }
}

fn part<T: DeserializeOwned>(output: &Value, name: &str) -> Option<T> {
    serde_json::from_value(output.get(name)?.clone()).ok()
}

/// A record without the ids of credentials, as everybody who may read it gets it.
pub(crate) fn clean_record(record: &Value) -> Value {
    match record {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| *key != "FLOWISE_CREDENTIAL_ID")
            .map(|(key, value)| (key.clone(), clean_record(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(clean_record).collect(),
        other => other.clone(),
    }
}

/// The answer of a request that was made before.
async fn repeat(state: &AppState, scope: &WorkspaceScope, earlier: Execution) -> Result<Exchange> {
    let mut execution = earlier;
    while execution.state == ExecutionState::InProgress.as_str() {
        tokio::time::sleep(LOOK).await;
        execution = state.store.executions().get(scope, &execution.id).await?;
    }
    let records = records(state, &execution.id).await?;
    let said = state.store.messages().last_of_execution(scope, &execution.id).await?;
    let Some(said) = said else {
        let failed = records.last().and_then(|it| it["data"]["error"].as_str());
        return Err(Problem::new(
            axum::http::StatusCode::INTERNAL_SERVER_ERROR,
            failed.unwrap_or("the run did not come to an end").to_owned(),
        ));
    };
    let asked = asking(&execution.request);
    let body = Body {
        text: Some(said.content),
        question: asked.question.given,
        form: asked.question.form,
        chat_id: said.chat_id,
        chat_message_id: said.id,
        session_id: execution.session_id,
        execution_id: Some(execution.id),
        agent_flow_executed_data: Some(records.iter().map(|it| clean_record(it)).collect()),
        action: execution.action.as_deref().and_then(parse),
        ..Body::default()
    };
    Ok(Exchange { ending: Ending::Finished, body })
}
