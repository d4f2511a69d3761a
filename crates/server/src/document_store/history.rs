//! What a store wrote to its vector store is kept in its history, with the settings of that time.

use chrono::Utc;
use flowstone_core::node::Upserted;
use flowstone_engine::FlowData;
use flowstone_store::{UpsertHistory, WorkspaceScope};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Targets, upsert::Chosen};
use crate::{AppState, problem::Result, routes};

/// Keeps what was written.
pub(super) async fn remember(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    targets: &Targets,
    upserted: &Upserted,
) -> Result<()> {
    let parts = [&targets.record_manager, &targets.embedding, &targets.vector_store];
    let nodes: Vec<Value> =
        parts.into_iter().flatten().filter_map(|chosen| node(state, chosen)).collect();
    let form = json!({ "nodes": nodes, "edges": [] });
    let used = FlowData::parse(&form.to_string())?;
    let entry = UpsertHistory {
        id: Uuid::now_v7().to_string(),
        chatflow_id: id.to_owned(),
        result: routes::upsert_counts(upserted),
        flow_data: routes::upsert_settings(&form, &used),
        date: Utc::now(),
    };
    Ok(state.store.document_stores().add_history(scope, &entry).await?)
}

/// A node as the canvas would hold it.
fn node(state: &AppState, chosen: &Chosen) -> Option<Value> {
    let spec = state.engine.catalog().get(&chosen.name)?.spec();
    let rows: Vec<&flowstone_core::Field> =
        spec.inputs.iter().filter(|it| !it.is_socket()).collect();
    let id = format!("{}_0", spec.name);
    Some(json!({ "id": id, "data": {
        "id": id,
        "label": spec.label,
        "name": spec.name,
        "category": spec.category,
        "inputs": chosen.config,
        "inputParams": rows,
    }}))
}
