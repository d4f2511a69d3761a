//! What is still to be done in a flow.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::Value;

use super::flow_view::flow_of;
use crate::{
    AppState, Caller, Query,
    checklist::{self, Chosen, NodeIssues},
    openapi::{Kind, doc},
    problem::Result,
    route::{Policy, Routes},
};

pub(super) fn routes() -> Routes {
    Routes::new().get("/validation/{id}", Policy::Caller(&[]), check).doc(
        doc("Tell what is to be done in a flow")
            .query(
                "chosenCredentials",
                Kind::Flag,
                "Lets credentials that are chosen on a node count.",
            )
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
    let data: Value = serde_json::from_str(&flow.flow_data).unwrap_or_default();
    let chosen = if query.flag("chosenCredentials") { Chosen::Counts } else { Chosen::Ignored };
    Ok(Json(checklist::of_flow(&data, state.engine.catalog(), chosen)))
}
