//! Filling a flow's vector store.

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::Utc;
use flowstone_core::node::Upserted;
use flowstone_engine::{Error as EngineError, FlowData, Overrides};
use flowstone_store::{UpsertHistory, WorkspaceScope};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::predictions::Asked;
use crate::{
    AppState, Caller, Problem,
    document_store::unusable,
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
        _ => unusable(error),
    })?;
    remember(&state, &live, &overrides, &upserted).await?;
    Ok(Json(upserted))
}

/// Keeps what was written and with which settings.
async fn remember(
    state: &AppState,
    live: &LiveFlow,
    overrides: &Overrides<'_>,
    upserted: &Upserted,
) -> Result<()> {
    let used = state.engine.overridden(live.source(), overrides)?;
    let form: Value = serde_json::from_str(&live.flow.flow_data).unwrap_or_default();
    let entry = UpsertHistory {
        id: Uuid::now_v7().to_string(),
        chatflow_id: live.flow.id.clone(),
        result: counts(upserted),
        flow_data: settings_text(&form, &used),
        date: Utc::now(),
    };
    let scope = WorkspaceScope::new(live.flow.workspace_id.clone());
    Ok(state.store.upsert_history().insert(&scope, &entry).await?)
}

/// How many documents an upsert was about, as its history keeps it.
pub(crate) fn counts(upserted: &Upserted) -> String {
    let counts = Counts {
        num_added: upserted.num_added,
        num_deleted: upserted.num_deleted,
        num_updated: upserted.num_updated,
        num_skipped: upserted.num_skipped,
    };
    serde_json::to_string(&counts).unwrap_or_default()
}

/// The settings of the nodes that took part, as its history keeps them.
pub(crate) fn settings_text(form: &Value, used: &FlowData) -> String {
    serde_json::to_string(&settings(form, used)).unwrap_or_default()
}

/// How many documents an upsert was about; the documents themselves are not kept a second time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    num_added: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_deleted: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_updated: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_skipped: Option<usize>,
}

/// A node that took part, with the rows of its form that were filled in.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeSettings {
    label: String,
    name: String,
    category: String,
    id: String,
    param_values: Vec<RowValue>,
}

/// One row of a form and what stood in it.
#[derive(Debug, PartialEq, Serialize)]
struct RowValue {
    label: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    value: Value,
}

/// Groups of the palette whose nodes take part in an upsert, in the order in which they do.
const TAKE_PART: &[&str] =
    &["Text Splitters", "Document Loaders", "Embeddings", "Record Manager", "Vector Stores"];
/// What stands for a secret.
const HIDDEN: &str = "******";

/// The settings of the nodes that took part: `form` says which rows there are, `used` what stood in
/// them.
fn settings(form: &Value, used: &FlowData) -> Vec<NodeSettings> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nodes = form["nodes"].as_array().map_or(&[][..], Vec::as_slice);
    let parts = TAKE_PART.iter().flat_map(|category| {
        nodes.iter().map(|it| &it["data"]).filter(move |it| it["category"] == *category)
    });
    let told = parts.map(|data| {
        let id = text(&data["id"]);
        let values = used.nodes.iter().find(|it| it.id == id).map(|it| &it.data.inputs);
        let rows = data["inputParams"].as_array().into_iter().flatten();
        let rows = rows.filter_map(|row| {
            let name = text(&row["name"]);
            let value = values?.get(&name).filter(|it| !it.is_null() && **it != "")?;
            let kind = text(&row["type"]);
            let value = shown(&kind, value);
            Some(RowValue { label: text(&row["label"]), name, kind, value })
        });
        NodeSettings {
            label: text(&data["label"]),
            name: text(&data["name"]),
            category: text(&data["category"]),
            param_values: rows.collect(),
            id,
        }
    });
    told.collect()
}

/// A secret is not kept, and of a file only its name.
fn shown(kind: &str, value: &Value) -> Value {
    match (kind, value.as_str()) {
        ("password", _) => HIDDEN.into(),
        ("file" | "folder", Some(text)) => file_names(text).into(),
        _ => value.clone(),
    }
}

/// The names in what a file row holds: data URIs that end in `,filename:NAME`, one or the JSON text
/// of a list.
fn file_names(text: &str) -> String {
    let many: Vec<String> = serde_json::from_str(text).unwrap_or_else(|_| vec![text.to_owned()]);
    let names = many.iter().map(|it| match it.rsplit_once(",filename:") {
        Some((_, name)) => name,
        None if it.starts_with("data:") => "file",
        None => it.strip_prefix("FILE-STORAGE::").unwrap_or(it),
    });
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_settings_of_an_upsert_hold_neither_secrets_nor_files() {
        let form = json!({"nodes": [
            {"id": "m_0", "data": {"id": "m_0", "category": "Chat Models", "inputParams": []}},
            {"id": "v_0", "data": {"id": "v_0", "label": "Store", "name": "store", "category": "Vector Stores",
                "inputs": {"key": "canary", "file": "data:text/plain;base64,AA==,filename:a.txt", "topK": 4, "no": ""},
                "inputParams": [
                    {"label": "Key", "name": "key", "type": "password"},
                    {"label": "File", "name": "file", "type": "file"},
                    {"label": "Top K", "name": "topK", "type": "number"},
                    {"label": "No", "name": "no", "type": "string"},
                ]}},
        ], "edges": []});
        let used = FlowData::parse(&form.to_string()).unwrap();
        let told = serde_json::to_value(settings(&form, &used)).unwrap();
        assert_eq!(
            told,
            json!([{"label": "Store", "name": "store", "category": "Vector Stores", "id": "v_0", "paramValues": [
                {"label": "Key", "name": "key", "type": "password", "value": "******"},
                {"label": "File", "name": "file", "type": "file", "value": "a.txt"},
                {"label": "Top K", "name": "topK", "type": "number", "value": 4},
            ]}])
        );
    }

    #[test]
    fn files_are_told_by_their_names() {
        for (text, names) in [
            (r#"["data:a,filename:a.txt","data:b,filename:b.txt"]"#, "a.txt, b.txt"),
            ("data:text/plain;base64,AA==", "file"),
            ("FILE-STORAGE::c.pdf", "c.pdf"),
        ] {
            assert_eq!(file_names(text), names);
        }
    }
}
