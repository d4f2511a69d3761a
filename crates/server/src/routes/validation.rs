//! What is still to be done in a flow.

use axum::{
    Json,
    extract::{Path, State},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{chatflows::is_json, flow_view::flow_of};
use crate::{
    AppState, Body, Caller, Problem, Query,
    checklist::{self, Chosen, NodeIssues},
    openapi::{Kind, doc},
    problem::Result,
    route::{Policy, Routes},
};

pub(super) fn routes() -> Routes {
    const CHOSEN: &str = "Lets credentials that are chosen on a node count.";
    Routes::new()
        .get("/validation/{id}", Policy::Caller(&[]), check)
        .doc(
            doc("Tell what is to be done in a flow")
                .query("chosenCredentials", Kind::Flag, CHOSEN)
                .gives::<Value>(),
        )
        .post("/chatflows/validate", Policy::Caller(&[]), check_unsaved)
        .doc(
            doc("Tell what is to be done in a flow that is not saved")
                .query("chosenCredentials", Kind::Flag, CHOSEN)
                .takes::<Unsaved>()
                .gives::<Value>(),
        )
}

/// The checklist of a flow. `?chosenCredentials=true` lets a credential that is chosen on a node
/// count; without it the answer is the one that clients of the reference know.
async fn check(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    query: Query,
) -> Result<Json<Vec<NodeIssues>>> {
    let flow = flow_of(&state, &caller, &id).await?;
    Ok(Json(issues(&state, &flow.flow_data, &query)))
}

/// A flow as the canvas holds it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Unsaved {
    /// Nodes and edges, as the text of JSON.
    flow_data: Option<String>,
}

/// The checklist of a flow that nobody saved yet.
async fn check_unsaved(
    State(state): State<AppState>,
    query: Query,
    Body(unsaved): Body<Unsaved>,
) -> Result<Json<Vec<NodeIssues>>> {
    let data = unsaved
        .flow_data
        .ok_or_else(|| Problem::bad_request("flowData: the text of JSON is expected"))?;
    is_json("flowData", &data)?;
    Ok(Json(issues(&state, &data, &query)))
}

fn issues(state: &AppState, data: &str, query: &Query) -> Vec<NodeIssues> {
    let data: Value = serde_json::from_str(data).unwrap_or_default();
    let chosen = if query.flag("chosenCredentials") { Chosen::Counts } else { Chosen::Ignored };
    checklist::of_flow(&data, state.engine.catalog(), chosen, state.settings.shortest_schedule)
}
