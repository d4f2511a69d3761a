//! Runs of agentflows: the list, one with its turns, sharing and deleting.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use flowstone_store::{ExecutionFilter, ExecutionSummary, Page, WorkspaceScope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use super::{
    flow_view::{FlowRow, flow_names},
    predictions::last_event_id,
};
use crate::{
    AppState, Body, Caller, Problem, Query,
    openapi::{Doc, Kind, doc},
    prediction::{self, FlowSource, RerunOf},
    problem::Result,
    route::{Policy, Routes},
    wire::Time,
};

const VIEW: Policy = Policy::Caller(&["executions:view"]);
const UPDATE: Policy = Policy::Caller(&["executions:update"]);
const DELETE: Policy = Policy::Caller(&["executions:delete"]);
const RERUN: Policy = Policy::Caller(&["agentflows:update", "chatflows:update"]);
const PUBLIC: Policy = Policy::Anonymous("only runs that somebody has shared");

/// How many runs a page holds where the caller does not say.
const PER_PAGE: u64 = 12;
/// The states of runs.
const STATES: &[&str] = &["INPROGRESS", "FINISHED", "ERROR", "TERMINATED", "TIMEOUT", "STOPPED"];

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/executions", VIEW, list)
        .doc(listed(doc("List runs of agentflows")).gives::<ExecutionList>())
        .get("/executions/summaries", VIEW, summaries)
        .doc(
            listed(doc("List runs of agentflows without their turns"))
                .gives::<ExecutionSummaries>(),
        )
        .get("/executions/{id}", VIEW, get)
        .doc(doc("One run with its turns").gives::<ExecutionRow>().problem(404))
        .get("/executions/{id}/events", VIEW, events)
        .doc(
            doc("What a run told and still tells")
                .details(
                    "The events of the run as server-sent events with an `id:` each, up to its end or \
                     to where it waits for a person. The header `Last-Event-ID` leaves out those up to \
                     the one that it names, also after a restart of the server. 204 where nothing \
                     follows: clients stop asking then.",
                )
                .query("lastEventId", Kind::Number, "The same where a header cannot be sent.")
                .streams()
                .gives_nothing()
                .problem(404),
        )
        .post("/executions/{id}/rerun", RERUN, rerun)
        .doc(
            doc("Run again from a node")
                .details(
                    "Begins another run at a node that this one came to: with the state, the answers \
                     and the conversation of then, so that nothing before the node runs again. It is \
                     a run of its own with a chat of its own, goes on in the background, and tells \
                     its events at `/executions/{id}/events`. Asks for the permission to see runs \
                     too.",
                )
                .takes::<Rerun>()
                .gives::<Rerunning>()
                .problem(404)
                .problem(409),
        )
        .put("/executions/{id}", UPDATE, update)
        .doc(
            doc("Share a run, or share it no longer")
                .takes::<Change>()
                .gives::<ExecutionRow>()
                .problem(404),
        )
        .delete("/executions/{id}", DELETE, delete_one)
        .doc(doc("Delete a run").gives::<Deleted>())
        .delete("/executions", DELETE, delete_many)
        .doc(doc("Delete runs").takes::<Chosen>().gives::<Deleted>())
        .get("/public-executions/{id}", PUBLIC, get_public)
        .doc(doc("A run that was shared").gives::<ExecutionRow>().problem(404))
}

/// The parameters that choose runs.
fn listed(doc: Doc) -> Doc {
    doc.query("id", Kind::Text, "This one.")
        .query("state", Kind::Choice(STATES), "How they stand.")
        .query("agentflowId", Kind::Text, "Of this flow.")
        .query("agentflowName", Kind::Text, "Of flows whose names hold this.")
        .query("sessionId", Kind::Text, "Of this conversation.")
        .query("startDate", Kind::Time, "Begun then or later.")
        .query("endDate", Kind::Time, "Begun then or before.")
        .query("page", Kind::Number, "Which page, from 1.")
        .query("limit", Kind::Number, "How many a page holds; 12 unless said otherwise.")
}

/// A run of an agentflow without its turns.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
struct RunFacts {
    id: String,
    /// `INPROGRESS`, `FINISHED`, `ERROR`, `TERMINATED`, `TIMEOUT` or `STOPPED`.
    state: String,
    agentflow_id: String,
    session_id: String,
    /// The text of what a person is asked.
    action: Option<String>,
    is_public: Option<bool>,
    #[ts(as = "String")]
    created_date: Time,
    #[ts(as = "String")]
    updated_date: Time,
    #[ts(as = "Option<String>")]
    stopped_date: Option<Time>,
    workspace_id: String,
    /// What its models and its steps have spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    spent: Option<Expense>,
    /// Which state of the flow it walks.
    flow_source: FlowSource,
    /// The run that it goes back into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    rerun_of: Option<RerunOf>,
    /// The key that was shown with the call, where it is one of the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    api_key_id: Option<String>,
}

impl From<ExecutionSummary> for RunFacts {
    fn from(execution: ExecutionSummary) -> Self {
        Self {
            spent: Expense::of(&execution),
            flow_source: FlowSource::parse(&execution.flow_source),
            rerun_of: execution
                .rerun_of
                .zip(execution.rerun_node)
                .map(|(execution_id, node_id)| RerunOf { execution_id, node_id }),
            id: execution.id,
            state: execution.state,
            agentflow_id: execution.agentflow_id,
            session_id: execution.session_id,
            action: execution.action,
            is_public: execution.is_public,
            created_date: execution.created_date.into(),
            updated_date: execution.updated_date.into(),
            stopped_date: execution.stopped_date.map(Into::into),
            workspace_id: execution.workspace_id,
            api_key_id: execution.api_key_id,
        }
    }
}

/// A run of an agentflow.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "Execution")]
#[schemars(rename = "Execution")]
struct ExecutionRow {
    #[serde(flatten)]
    run: RunFacts,
    /// The text of the list of its turns.
    execution_data: String,
    /// The flow; only in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    agentflow: Option<FlowRow>,
}

/// A run of an agentflow, as our pages list it.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "ExecutionSummary")]
#[schemars(rename = "ExecutionSummary")]
struct SummaryRow {
    #[serde(flatten)]
    run: RunFacts,
    /// The flow, where it is still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    agentflow: Option<FlowName>,
}

/// What a flow is called.
#[derive(Serialize, JsonSchema, TS)]
#[ts(export)]
struct FlowName {
    id: String,
    name: String,
}

/// What a run has spent.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
struct Expense {
    /// Tokens that models read.
    #[ts(type = "number")]
    input_tokens: u64,
    /// Tokens that models wrote.
    #[ts(type = "number")]
    output_tokens: u64,
    /// US dollars, of the calls whose price is known.
    cost: f64,
    /// How long it was walked; waiting for a person does not count.
    #[ts(type = "number")]
    milliseconds: u64,
}

impl Expense {
    /// None before the run's first turn is kept.
    fn of(execution: &ExecutionSummary) -> Option<Self> {
        let number = |it: Option<i64>| it.and_then(|it| u64::try_from(it).ok()).unwrap_or_default();
        execution.milliseconds.map(|milliseconds| Self {
            input_tokens: number(execution.input_tokens),
            output_tokens: number(execution.output_tokens),
            cost: execution.cost.unwrap_or_default(),
            milliseconds: number(Some(milliseconds)),
        })
    }
}

/// A page of runs.
#[derive(Serialize, JsonSchema, TS)]
#[ts(export)]
struct ExecutionList {
    data: Vec<ExecutionRow>,
    /// How many there are on all pages.
    #[ts(type = "number")]
    total: u64,
}

/// A page of runs without their turns.
#[derive(Serialize, JsonSchema, TS)]
#[ts(export)]
struct ExecutionSummaries {
    data: Vec<SummaryRow>,
    /// How many there are on all pages.
    #[ts(type = "number")]
    total: u64,
}

async fn list(
    State(state): State<AppState>,
    caller: Caller,
    query: Query,
) -> Result<Json<ExecutionList>> {
    let (rows, total) = chosen(&state, &caller, &query).await?;
    let mut flows = HashMap::new();
    let mut data = Vec::with_capacity(rows.len());
    for execution in rows {
        let id = execution.agentflow_id.clone();
        if !flows.contains_key(&id) {
            let flow = state.store.chatflows().get(&caller.scope, &id).await.ok();
            flows.insert(id.clone(), flow);
        }
        let flow = flows.get(&id).cloned().flatten();
        let row = with_turns(&state, execution).await?;
        data.push(ExecutionRow { agentflow: flow.map(FlowRow::from), ..row });
    }
    Ok(Json(ExecutionList { data, total }))
}

/// As our pages need it: nothing of flows but their names, nothing of runs that may be long.
async fn summaries(
    State(state): State<AppState>,
    caller: Caller,
    query: Query,
) -> Result<Json<ExecutionSummaries>> {
    let (rows, total) = chosen(&state, &caller, &query).await?;
    let names = flow_names(&state, &caller, rows.iter().map(|it| it.agentflow_id.as_str())).await?;
    let row = |it: ExecutionSummary| SummaryRow {
        agentflow: names
            .get(&it.agentflow_id)
            .map(|(name, _)| FlowName { id: it.agentflow_id.clone(), name: name.clone() }),
        run: it.into(),
    };
    Ok(Json(ExecutionSummaries { data: rows.into_iter().map(row).collect(), total }))
}

/// The page of runs that a query asks for.
async fn chosen(
    state: &AppState,
    caller: &Caller,
    query: &Query,
) -> Result<(Vec<ExecutionSummary>, u64)> {
    let text = |name: &str| query.get(name).map(str::to_owned);
    let filter = ExecutionFilter {
        id: text("id"),
        state: text("state").filter(|it| STATES.contains(&it.as_str())),
        agentflow_id: text("agentflowId"),
        agentflow_name: text("agentflowName"),
        session_id: text("sessionId"),
        start: query.time("startDate")?,
        end: query.end("endDate")?,
    };
    let or = |number: u64, usual: u64| if number == 0 { usual } else { number };
    let page = Page::new(or(query.number("page")?, 1), or(query.number("limit")?, PER_PAGE));
    Ok(state.store.executions().list(&caller.scope, &filter, page).await?)
}

async fn with_turns(state: &AppState, execution: ExecutionSummary) -> Result<ExecutionRow> {
    let records = state.store.executions().records(&execution.id).await?;
    let records = records.iter().filter_map(|it| serde_json::from_str::<Value>(it).ok());
    let execution_data = records.collect::<Value>().to_string();
    Ok(ExecutionRow { run: execution.into(), execution_data, agentflow: None })
}

async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<ExecutionRow>> {
    let found = state.store.executions().get(&caller.scope, &id).await;
    let execution = found.map_err(|error| missing(error, &id))?;
    Ok(Json(with_turns(&state, execution.into()).await?))
}

async fn events(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    query: Query,
    caller: Caller,
) -> Result<Response> {
    let named = query.get("lastEventId").map(|it| it.parse::<i32>().ok().filter(|it| *it >= 0));
    let wrong = || Problem::bad_request("lastEventId: the number of an event is expected");
    let named = named.map(|it| it.ok_or_else(wrong)).transpose()?;
    let after = last_event_id(&headers)?.or(named).unwrap_or_default();
    let more = prediction::has_more(&state, &caller.scope, &id, after).await;
    if !more.map_err(|error| missing(error, &id))? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(prediction::stream_kept(&state, caller.scope, id, after))
}

async fn get_public(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<ExecutionRow>> {
    let found = state.store.executions().get_public(&id).await;
    let execution = found.map_err(|error| missing(error, &id))?;
    let mut row = with_turns(&state, execution.into()).await?;
    // Whoever has the address is told no ids of credentials.
    let records: Value = serde_json::from_str(&row.execution_data).unwrap_or_default();
    row.execution_data = prediction::without_credentials(&records).to_string();
    Ok(Json(row))
}

/// Where to go back to, and what is to be different then.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Rerun {
    /// The node to begin at.
    node_id: Option<String>,
    /// Which of its turns, from 1; the last one where it is not said.
    iteration: Option<usize>,
    /// Rows of its form by name, as a flow saves them; the others stay as they are.
    inputs: Option<Map<String, Value>>,
    /// Which state of the flow runs: its draft where it is not said.
    flow: Option<FlowSource>,
}

/// The run that was begun.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
struct Rerunning {
    execution_id: String,
    chat_id: String,
    session_id: String,
    /// `INPROGRESS`.
    state: String,
}

async fn rerun(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(wanted): Body<Rerun>,
) -> Result<Json<Rerunning>> {
    if !caller.may_any(&["executions:view"]) {
        return Err(Problem::no_permission());
    }
    let node = wanted.node_id.filter(|it| !it.is_empty());
    let node = node.ok_or_else(|| Problem::bad_request("nodeId: the id of a node is expected"))?;
    let found = state.store.executions().get(&caller.scope, &id).await;
    let earlier = found.map_err(|error| missing(error, &id))?;
    let back = prediction::Back {
        node,
        visit: wanted.iteration,
        inputs: wanted.inputs,
        source: wanted.flow.unwrap_or(FlowSource::Draft),
    };
    let (execution, chat_id) = prediction::rerun(&state, &caller.scope, &earlier, back).await?;
    Ok(Json(Rerunning {
        execution_id: execution.id,
        session_id: execution.session_id,
        state: execution.state,
        chat_id,
    }))
}

/// What may be changed in a run.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Change {
    /// Whether everybody who knows its id may read it.
    is_public: Option<bool>,
}

async fn update(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(change): Body<Change>,
) -> Result<Json<ExecutionRow>> {
    let executions = state.store.executions();
    let changed = match change.is_public {
        Some(is_public) => executions.publish(&caller.scope, &id, is_public).await,
        None => executions.get(&caller.scope, &id).await,
    };
    let execution = changed.map_err(|error| missing(error, &id))?;
    Ok(Json(with_turns(&state, execution.into()).await?))
}

/// How many runs were deleted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Deleted {
    /// Always `true`: deleting what is not there is no error.
    success: bool,
    deleted_count: u64,
}

async fn delete_one(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Deleted>> {
    delete(&state, &caller.scope, &[&id]).await
}

/// Which runs to delete.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Chosen {
    execution_ids: Option<Vec<String>>,
}

async fn delete_many(
    State(state): State<AppState>,
    caller: Caller,
    Body(chosen): Body<Chosen>,
) -> Result<Json<Deleted>> {
    let ids = chosen.execution_ids.filter(|it| !it.is_empty());
    let ids = ids.ok_or_else(|| Problem::bad_request("No execution IDs provided"))?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    delete(&state, &caller.scope, &ids).await
}

async fn delete(state: &AppState, scope: &WorkspaceScope, ids: &[&str]) -> Result<Json<Deleted>> {
    let deleted_count = state.store.executions().delete(scope, ids).await?;
    Ok(Json(Deleted { success: true, deleted_count }))
}

fn missing(error: flowstone_store::Error, id: &str) -> Problem {
    match error {
        flowstone_store::Error::NotFound { .. } => {
            Problem::not_found(format!("Execution {id} not found"))
        }
        other => other.into(),
    }
}
