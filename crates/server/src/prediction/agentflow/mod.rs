//! Runs of agentflows: begun, gone on with after a person has answered, and taken up again after a
//! crash. The run belongs to the server, not to the connection that asked for it.

mod closing;
mod journal;
mod log;
mod origin;
mod recovery;
mod request;
mod rerun;
mod walking;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use flowstone_core::{Bill, Events, HumanAnswer, Purse};
use flowstone_engine::agentflow::{ExecutionState, Graph, Progress};
use flowstone_store::{Execution, TurnKept, WorkspaceScope};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::{
    closing::clean_record,
    origin::Origin,
    request::{as_lines, asking, parse, records, request_text},
    walking::{Ready, walk},
};
pub(crate) use self::{
    closing::without_credentials,
    origin::{FlowSource, RerunOf},
    recovery::take_over,
    rerun::{Back, rerun},
    walking::Walking,
};
use super::{
    Body, Call, ChatType, LiveFlow, Question,
    answer::{Ending, Exchange},
};
use crate::{AppState, Problem, problem::Result, schedule};

/// How long a run stays its server's without a sign of life.
const LEASE: Duration = Duration::from_secs(30);
/// How the reference begins what it says of a run that cannot go on; clients look for it.
const REFERENCE: &str = "Error: predictionsServices.buildChatflow - ";
/// How often a repeated request looks whether the first one is done.
const LOOK: Duration = Duration::from_millis(200);

/// Answers a call of an agentflow. Dropping the future leaves the run going, unless the caller asked
/// for it to end then. `begun` is told as soon as there is a run; the answer of one that was asked for
/// before is not waited for then.
pub(super) async fn answer(
    call: Call,
    state: &AppState,
    events: Events,
    begun: Option<oneshot::Sender<Begun>>,
) -> Result<Exchange> {
    let gone = CancellationToken::new();
    let guard = call.question.ends_with_caller.then(|| gone.clone().drop_guard());
    let runner = state.clone();
    let task = state.tasks.spawn(Box::pin(run(runner, call, events, gone, begun)));
    let answered = task.await;
    drop(guard);
    answered.map_err(|error| Problem::internal(&error))?
}

/// A run as soon as it is there: what it is known by, and the number of the last event that it had
/// told before this call.
pub(super) struct Begun {
    pub(super) id: String,
    pub(super) after: i32,
}

async fn run(
    state: AppState,
    call: Call,
    events: Events,
    gone: CancellationToken,
    begun: Option<oneshot::Sender<Begun>>,
) -> Result<Exchange> {
    let Call { live, mut question, chat_type, depth, purse } = call;
    check(&question)?;
    let asked = Utc::now();
    let scope = WorkspaceScope::new(live.flow.workspace_id.clone());
    if let Some(key) = &question.request_key
        && let Some(earlier) = find_by_key(&state, &scope, &live, key).await?
    {
        return repeat(&state, &scope, earlier, begun, purse).await;
    }
    let session = question.session_id().map(str::to_owned);
    let chat_id = question.chat_id.clone().or_else(|| session.clone());
    let begins_chat = chat_id.is_none();
    let chat_id = chat_id.unwrap_or_else(|| Uuid::new_v4().to_string());
    let session_id = session.unwrap_or_else(|| chat_id.clone());
    let latest = if begins_chat {
        None
    } else {
        state.store.executions().latest(&scope, &live.flow.id, &session_id).await?
    };
    if let Some(answer) = question.human_input.take() {
        let latest = latest.ok_or_else(|| {
            Problem::not_found(format!(
                "{REFERENCE}No previous execution found for session {session_id}"
            ))
        })?;
        if question.request_key.is_some()
            && parse::<Progress>(&latest.progress)
                .is_some_and(|it| it.answer_key == question.request_key)
        {
            return repeat(&state, &scope, latest, begun, purse).await;
        }
        let call = Call { live, question, chat_type, depth, purse };
        let (ready, graph) =
            answered(&state, &scope, call, (chat_id, session_id), latest, answer, asked).await?;
        tell(begun, &ready.execution_id, ready.last_event.unwrap_or_default());
        return Box::pin(walk(&state, ready, &graph, events, gone)).await;
    }
    let origin = Origin::of(&live, &question, chat_type);
    let graph = origin.graph(&state, &live, &question).await?;
    if depth == 0 {
        check_entry(&graph, chat_type)?;
    }
    let earlier = latest.and_then(|it| parse::<Progress>(&it.progress));
    let (persisted, form) = earlier.map(|it| (it.state, it.form)).unzip();
    if let Some(form) = &question.form {
        question.text = as_lines(form);
    }
    let mut progress = Progress::starting(graph.start(), &question.text);
    progress.form = question.form.clone().or(form.flatten());
    progress.webhook = question.webhook.clone();
    let chat = (chat_id.as_str(), session_id.as_str());
    let request =
        request_text(&question, chat_type, depth, chat.0, chat.1, persisted.as_ref(), &origin);
    let execution = Execution {
        request_key: question.request_key.clone(),
        depth: i32::try_from(depth).unwrap_or(i32::MAX),
        api_key_id: question.api_key.clone(),
        ..beginning(
            &state,
            &scope,
            (&live.flow.id, &session_id),
            (request, &origin),
            &progress,
            asked,
        )
    };
    let id = question.run_id.clone();
    let execution = Execution { id: id.unwrap_or(execution.id), ..execution };
    if let Some(earlier) = keep(&state, &scope, &live, &execution).await? {
        return repeat(&state, &scope, earlier, begun, purse).await;
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
        persisted,
        asked,
        purse,
        origin,
        begins_chat,
        last_event: Some(0),
    };
    tell(begun, &ready.execution_id, 0);
    Box::pin(walk(&state, ready, &graph, events, gone)).await
}

/// A run that waits for a person, made ready to go on with what they said. What was begun goes on,
/// whatever state of the flow the answer was sent to.
async fn answered(
    state: &AppState,
    scope: &WorkspaceScope,
    call: Call,
    (chat_id, session_id): (String, String),
    latest: Execution,
    answer: HumanAnswer,
    asked: DateTime<Utc>,
) -> Result<(Ready, Arc<Graph>)> {
    let Call { live, question, chat_type, depth, purse } = call;
    let origin = Origin::kept(&latest.request);
    let live = origin.live(state, &live.flow.id).await?;
    let graph = origin.graph(state, &live, &question).await?;
    let key = question.request_key.clone();
    let (progress, records) = resume(state, scope, &latest, answer, key).await?;
    let last_event = state.store.executions().last_event(&latest.id).await?;
    let ready = Ready {
        live,
        question,
        chat_type,
        depth,
        chat_id,
        session_id,
        execution_id: latest.id,
        progress,
        records,
        persisted: None,
        asked,
        purse,
        origin,
        begins_chat: false,
        last_event: Some(last_event),
    };
    Ok((ready, graph))
}

/// Refuses what no run can be asked.
fn check(question: &Question) -> Result<()> {
    question.check()?;
    if let Some(wrong) = question.unreadable {
        return Err(Problem::bad_request(wrong));
    }
    if question.form.is_some() && !question.text.is_empty() {
        return Err(Problem::bad_request(
            "question and form came together: send the form's values or a question, not both",
        ));
    }
    if let Err(wrong) = &question.history {
        return Err(Problem::bad_request(wrong.clone()));
    }
    Ok(())
}

/// Keeps the row of a run that begins. Where the same request came twice at once and the other one
/// was first, it gives that one's run.
async fn keep(
    state: &AppState,
    scope: &WorkspaceScope,
    live: &LiveFlow,
    execution: &Execution,
) -> Result<Option<Execution>> {
    match (state.store.executions().insert(scope, execution).await, &execution.request_key) {
        (Ok(()), _) => Ok(None),
        (Err(flowstone_store::Error::Conflict { .. }), Some(key)) => {
            let earlier = find_by_key(state, scope, live, key).await?;
            earlier.map(Some).ok_or_else(|| Problem::not_found("the run is gone"))
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// The row of a run of `flow` in `session` that begins now and is this instance's.
fn beginning(
    state: &AppState,
    scope: &WorkspaceScope,
    (flow, session): (&str, &str),
    (request, origin): (String, &Origin),
    progress: &Progress,
    now: DateTime<Utc>,
) -> Execution {
    let (rerun_of, rerun_node) =
        origin.rerun_of.clone().map(|it| (it.execution_id, it.node_id)).unzip();
    Execution {
        id: Uuid::now_v7().to_string(),
        state: ExecutionState::InProgress.as_str().to_owned(),
        agentflow_id: flow.to_owned(),
        session_id: session.to_owned(),
        action: None,
        is_public: None,
        request,
        progress: json!(progress).to_string(),
        request_key: None,
        owner: Some(state.owner.clone()),
        lease_date: Some(now + LEASE),
        created_date: now,
        updated_date: now,
        stopped_date: None,
        workspace_id: scope.workspace_id().to_owned(),
        depth: 0,
        api_key_id: None,
        input_tokens: None,
        output_tokens: None,
        cost: None,
        milliseconds: None,
        flow_source: origin.source.as_str().to_owned(),
        rerun_of,
        rerun_node,
    }
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

fn tell(begun: Option<oneshot::Sender<Begun>>, id: &str, after: i32) {
    if let Some(begun) = begun {
        // Who asked may have left meanwhile.
        let _ = begun.send(Begun { id: id.to_owned(), after });
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

/// Makes a run that waits this server's, with the answer it waits for: how it goes on, and the records
/// of its turns.
async fn resume(
    state: &AppState,
    scope: &WorkspaceScope,
    latest: &Execution,
    answer: HumanAnswer,
    key: Option<String>,
) -> Result<(Progress, Vec<Arc<Value>>)> {
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
    if !["proceed", "reject"].contains(&answer.kind.as_str()) {
        return Err(Problem::bad_request(format!(
            "humanInput: the type is proceed or reject, not {}",
            answer.kind
        )));
    }
    let mut progress = parse::<Progress>(&latest.progress).unwrap_or_default();
    let asked = records.iter().rev().find(waiting).and_then(|it| it["nodeId"].as_str());
    let word = if answer.proceeds() { "Proceed" } else { "Reject" };
    let said = answer.feedback.clone().filter(|it| !it.is_empty());
    progress.reply = Some(said.unwrap_or_else(|| word.to_owned()));
    progress.answer_key = key;
    if let Some(node) = progress.begun.take() {
        // It was asked whether a node that must not run twice may: the node itself asked nothing.
        if !answer.proceeds() {
            return Err(give_up(state, scope, latest, &node).await?);
        }
    } else if progress.paused {
        progress.resume_paused(answer);
    } else {
        let wanted = answer.start_node_id.clone();
        let node = wanted.or_else(|| asked.map(str::to_owned)).unwrap_or_default();
        if !records.iter().any(|it| waiting(&it) && it["nodeId"] == node.as_str()) {
            return Err(Problem::bad_request(format!(
                "execution {} does not wait at the node {node}",
                latest.id
            )));
        }
        progress.resume_at(&node, answer);
    }
    let executions = state.store.executions();
    let lease = Utc::now() + LEASE;
    let kept = json!(progress).to_string();
    if !executions.claim(scope, &latest.id, &latest.state, &state.owner, lease, kept).await? {
        return Err(Problem::new(
            axum::http::StatusCode::CONFLICT,
            format!("execution {} has just been answered by somebody else", latest.id),
        ));
    }
    Ok((progress, records))
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
    let progress = latest.progress.clone();
    if executions.claim(scope, &latest.id, &latest.state, &state.owner, lease, progress).await? {
        let kept = TurnKept {
            id: &latest.id,
            owner: &state.owner,
            turns: &[],
            spent: None,
            milliseconds: None,
            truncates: false,
            state: ExecutionState::Terminated.as_str(),
            progress: latest.progress.clone(),
            action: None,
            asks_again: None,
            now: Utc::now(),
            lease,
            events: None,
            messages: &[],
        };
        executions.keep_turn(kept).await?;
    }
    Ok(Problem::new(
        axum::http::StatusCode::CONFLICT,
        format!("execution {} has ended: {node} is not to be run again", latest.id),
    ))
}

/// The answer of a request that was made before.
async fn repeat(
    state: &AppState,
    scope: &WorkspaceScope,
    earlier: Execution,
    begun: Option<oneshot::Sender<Begun>>,
    purse: Option<Arc<dyn Purse>>,
) -> Result<Exchange> {
    let mut execution = earlier;
    if begun.is_some() {
        tell(begun, &execution.id, 0);
        return Err(Problem::bad_request("the run is followed instead"));
    }
    while execution.state == ExecutionState::InProgress.as_str() {
        tokio::time::sleep(LOOK).await;
        execution = state.store.executions().get(scope, &execution.id).await?;
    }
    if let Some(purse) = purse {
        // Who asked before the crash did not get to count it.
        let number = |it: Option<i64>| it.and_then(|it| u64::try_from(it).ok()).unwrap_or_default();
        purse.pay(Bill {
            input_tokens: number(execution.input_tokens),
            output_tokens: number(execution.output_tokens),
            cost: execution.cost.unwrap_or_default(),
        });
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
        agent_flow_executed_data: Some(records.iter().map(clean_record).collect()),
        action: execution.action.as_deref().and_then(parse),
        ..Body::default()
    };
    Ok(Exchange { ending: Ending::Finished, body })
}
