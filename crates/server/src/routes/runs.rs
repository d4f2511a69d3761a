//! What flows did, call by call.

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use flowstone_store::{FlowRun, FlowRunFilter, FlowRunSummary};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::flow_view::{FlowNames, flow_names};
use crate::{
    AppState, Body, Caller, Problem, Query,
    openapi::{Kind, doc},
    problem::Result,
    route::{Policy, Routes},
    runs::RunSpan,
    wire::{self, Affected, Time},
};

/// How runs end.
const STATES: &[&str] = &[FlowRun::FINISHED, FlowRun::ERROR, FlowRun::STOPPED];

const VIEWS: Policy = Policy::Caller(&["executions:view"]);

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/runs", VIEWS, list)
        .doc(
            doc("List runs, the newest first")
                .query("flowId", Kind::Text, "Only of this flow.")
                .query("state", Kind::Choices(STATES), "Only those that ended so.")
                .query("sessionId", Kind::Text, "Only of this conversation.")
                .query("from", Kind::Time, "Begun from then on.")
                .query("to", Kind::Time, "Begun until then.")
                .query("q", Kind::Text, "Only with this in the question, the error or an id.")
                .lists::<RunSummary>(),
        )
        .get("/runs/{id}", VIEWS, get)
        .doc(
            doc("Read a run with what it did")
                .details("Its id is that of the message of its answer.")
                .gives::<RunDetail>(),
        )
        .delete("/runs", Policy::Caller(&["executions:delete"]), delete)
        .doc(doc("Delete runs").takes::<Chosen>().gives::<Affected>())
}

/// Why a run failed, and where.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
struct RunError {
    message: String,
    node_id: Option<String>,
    node_label: Option<String>,
    /// Label of the row that is wrong.
    row: Option<String>,
}

/// A run in a list.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
struct RunSummary {
    id: String,
    flow_id: String,
    flow_name: Option<String>,
    flow_type: Option<String>,
    /// Which version of the flow ran, where it is numbered.
    version: Option<i32>,
    /// Whether its draft ran.
    draft: bool,
    chat_id: String,
    session_id: String,
    /// `INTERNAL` or `EXTERNAL`.
    chat_type: String,
    /// `FINISHED`, `ERROR` or `STOPPED`.
    state: String,
    #[ts(as = "String")]
    started_date: Time,
    #[ts(type = "number")]
    milliseconds: i64,
    #[ts(type = "number | null")]
    input_tokens: Option<i64>,
    #[ts(type = "number | null")]
    output_tokens: Option<i64>,
    /// In US dollars, where the prices are known.
    cost: Option<f64>,
    /// The beginning of what was asked.
    question: String,
    error: Option<RunError>,
}

/// A run with what it did.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
struct RunDetail {
    #[serde(flatten)]
    run: RunSummary,
    /// What it did, in the order of its beginning.
    spans: Vec<RunSpan>,
    /// How much more it did that was not written down.
    spans_left_out: i32,
}

fn summary(run: FlowRunSummary, names: &FlowNames) -> RunSummary {
    let flow = names.get(&run.chatflow_id);
    RunSummary {
        id: run.id,
        flow_name: flow.map(|(name, _)| name.clone()),
        flow_type: flow.and_then(|(_, kind)| kind.clone()),
        flow_id: run.chatflow_id,
        version: run.version,
        draft: run.draft,
        chat_id: run.chat_id,
        session_id: run.session_id,
        chat_type: run.chat_type,
        state: run.state,
        started_date: run.started_date.into(),
        milliseconds: run.milliseconds,
        input_tokens: run.input_tokens,
        output_tokens: run.output_tokens,
        cost: run.cost,
        question: run.question,
        error: run.error.map(|message| RunError {
            message,
            node_id: run.error_node_id,
            node_label: run.error_node_label,
            row: run.error_row,
        }),
    }
}

async fn list(State(state): State<AppState>, caller: Caller, query: Query) -> Result<Response> {
    let page = query.page()?;
    let text =
        |name: &str| query.get(name).map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned);
    let states = query.texts("state");
    if let Some(other) = states.iter().find(|it| !STATES.contains(&it.as_str())) {
        let known = STATES.join(", ");
        return Err(Problem::bad_request(format!("state: {other:?} is none of {known}")));
    }
    let filter = FlowRunFilter {
        chatflow_id: text("flowId"),
        states,
        session_id: text("sessionId"),
        start: query.time("from")?,
        end: query.end("to")?,
        search: text("q"),
    };
    state.run_log.write(&state).await;
    let (runs, total) = state.store.runs().list(&caller.scope, &filter, page).await?;
    let names = flow_names(&state, &caller, runs.iter().map(|it| it.chatflow_id.as_str())).await?;
    Ok(wire::list(runs.into_iter().map(|it| summary(it, &names)).collect(), total, page))
}

async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<RunDetail>> {
    state.run_log.write(&state).await;
    let run = state.store.runs().get(&caller.scope, &id).await.map_err(|error| match error {
        flowstone_store::Error::NotFound { .. } => {
            Problem::not_found("this run is not kept (any more)")
        }
        other => other.into(),
    })?;
    // What an older version wrote may lack something: the rest of the run is told all the same.
    let spans = serde_json::from_str(&run.spans).unwrap_or_default();
    let spans_left_out = run.spans_left_out;
    let run = FlowRunSummary::from(run);
    let names = flow_names(&state, &caller, std::iter::once(run.chatflow_id.as_str())).await?;
    Ok(Json(RunDetail { run: summary(run, &names), spans, spans_left_out }))
}

/// Which runs to delete.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Chosen {
    run_ids: Option<Vec<String>>,
}

async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Body(chosen): Body<Chosen>,
) -> Result<Json<Affected>> {
    let ids = chosen
        .run_ids
        .ok_or_else(|| Problem::bad_request("runIds: a list of the ids of runs is expected"))?;
    state.run_log.write(&state).await;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut deleted = 0;
    for ids in ids.chunks(500) {
        deleted += state.store.runs().delete(&caller.scope, ids).await?;
    }
    Ok(Affected::rows(deleted))
}
