//! Filling a flow's vector store.

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::Utc;
use flowstone_core::node::Upserted;
use flowstone_engine::{Error as EngineError, Overrides};
use flowstone_store::{UpsertHistory, WorkspaceScope};
use schemars::JsonSchema;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::predictions::Asked;
use crate::{
    AppState, Caller, Problem,
    openapi::doc,
    prediction::LiveFlow,
    problem::Result,
    route::{Policy, Routes},
};

/// The routes of this area.
pub(super) fn routes() -> Routes {
    Routes::new()
        .post("/vector/upsert/{id}", Policy::Caller(&[]), upsert)
        .doc(
            doc("Fill a flow's vector store").takes_form::<Filling>().gives::<Map<String, Value>>(),
        )
        .post("/vector/internal-upsert/{id}", Policy::Caller(&[]), upsert)
        .doc(
            doc("Fill a flow's vector store from our pages").takes_form::<Filling>().gives::<Map<
                String,
                Value,
            >>(
            ),
        )
}

/// What a call that fills a vector store may say.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is of use: `Asked` reads it")]
struct Filling {
    /// What this call changes in the flow, as far as its owner allows.
    override_config: Option<Map<String, Value>>,
    /// Id of the vector store to fill, where the flow has several.
    stop_node_id: Option<String>,
}

/// Loads, splits and embeds the documents of a flow and writes them to its vector store.
async fn upsert(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    asked: Asked,
) -> Result<Json<Upserted>> {
    let live = state.flows.get(&state.store, &id).await?;
    if live.flow.workspace_id != caller.scope.workspace_id() {
        return Err(Problem::not_found(format!("Chatflow {id} not found in the database!")));
    }
    let overrides = Overrides {
        gate: &live.gate,
        config: &asked.question.override_config,
        files: &asked.question.files,
    };
    let node = asked.fields.get("stopNodeId").and_then(Value::as_str).filter(|it| !it.is_empty());
    let upserted = state.engine.upsert(live.source(), Some(&overrides), node).await;
    let upserted = upserted.map_err(|error| match error.root() {
        EngineError::NoVectorStore => {
            Problem::bad_request("No vector node found: the flow has no vector store to fill")
        }
        _ => Problem::from(error),
    })?;
    remember(&state, &live, &asked.question.override_config, &upserted).await?;
    Ok(Json(upserted))
}

/// Keeps what was written and with which settings.
async fn remember(
    state: &AppState,
    live: &LiveFlow,
    config: &Map<String, Value>,
    upserted: &Upserted,
) -> Result<()> {
    let entry = UpsertHistory {
        id: Uuid::now_v7().to_string(),
        chatflow_id: live.flow.id.clone(),
        result: serde_json::to_string(upserted).unwrap_or_default(),
        flow_data: serde_json::json!({"overrideConfig": config}).to_string(),
        date: Utc::now(),
    };
    let scope = WorkspaceScope::new(live.flow.workspace_id.clone());
    Ok(state.store.upsert_history().insert(&scope, &entry).await?)
}
