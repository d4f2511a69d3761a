//! Which rows of a flow a call may override: what the page about a flow's API lists.

use axum::{
    Json,
    extract::{Path, State},
};
use flowstone_core::CredentialSpec;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use ts_rs::TS;

use super::flow_view::flow_of;
use crate::{
    AppState, Body, Caller,
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/flow-config/{id}", Policy::Caller(&[]), of_flow)
        .doc(doc("List what a call may override in a flow").gives::<Vec<ConfigRow>>())
        .post("/node-config", Policy::Caller(&[]), of_node)
        .doc(
            doc("List what a call may override in a node")
                .takes::<Map<String, Value>>()
                .gives::<Vec<ConfigRow>>(),
        )
}

/// A row that a call may set.
#[derive(Debug, PartialEq, Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(super) struct ConfigRow {
    /// Label of the node.
    node: String,
    node_id: String,
    /// Label of the row.
    label: String,
    name: String,
    /// What it takes: a control, or the choices separated by commas.
    #[serde(rename = "type")]
    kind: String,
}

async fn of_flow(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Vec<ConfigRow>>> {
    let flow = flow_of(&state, &caller, &id).await?;
    let data: Value = serde_json::from_str(&flow.flow_data).unwrap_or_default();
    let nodes = data["nodes"].as_array().into_iter().flatten();
    Ok(Json(nodes.flat_map(|it| rows(&it["data"], state.credential_specs)).collect()))
}

/// The same for one node, which is sent as the canvas holds it.
async fn of_node(State(state): State<AppState>, Body(node): Body<Value>) -> Json<Vec<ConfigRow>> {
    Json(rows(&node, state.credential_specs))
}

/// The rows of one node: its form, with the fields of its credential in that row's place.
pub(super) fn rows(node: &Value, kinds: &[&CredentialSpec]) -> Vec<ConfigRow> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |label: String, name: String, kind: String| ConfigRow {
        node: text(&node["label"]),
        node_id: text(&node["id"]),
        label,
        name,
        kind,
    };
    let mut rows = Vec::new();
    for field in node["inputParams"].as_array().into_iter().flatten() {
        let (label, name) = (text(&field["label"]), text(&field["name"]));
        match field["type"].as_str().unwrap_or_default() {
            "file" => {
                let kind = field["fileType"].as_str().unwrap_or("file");
                rows.push(row(label, "files".to_owned(), kind.to_owned()));
            }
            "options" => {
                let choices = field["options"].as_array().into_iter().flatten();
                let choices: Vec<String> = choices.map(|it| text(&it["name"])).collect();
                let kind =
                    if choices.is_empty() { "string".to_owned() } else { choices.join(", ") };
                rows.push(row(label, name, kind));
            }
            "credential" => {
                let names = field["credentialNames"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str);
                let kinds = names.filter_map(|name| kinds.iter().find(|it| it.name == name));
                rows.extend(kinds.flat_map(|it| it.inputs).map(|it| {
                    row(it.label.to_owned(), it.name.to_owned(), plain(it.kind).to_owned())
                }));
            }
            kind => rows.push(row(label, name, plain(kind).to_owned())),
        }
    }
    rows
}

/// A password is text to whoever sends it.
fn plain(kind: &str) -> &str {
    if kind == "password" { "string" } else { kind }
}

#[cfg(test)]
mod tests {
    use flowstone_core::Field;

    use super::*;

    static KIND: CredentialSpec = CredentialSpec {
        label: "OpenAI API",
        name: "openAIApi",
        version: 1.0,
        description: None,
        icon: "openai.svg",
        inputs: &[Field::new("OpenAI Api Key", "openAIApiKey", "password")],
    };

    #[test]
    fn every_row_is_listed_and_a_credential_by_its_fields() {
        let node = serde_json::json!({"label": "Model", "id": "m_0", "inputParams": [
            {"label": "Connect", "name": "credential", "type": "credential", "credentialNames": ["openAIApi", "gone"]},
            {"label": "Effort", "name": "effort", "type": "options", "options": [{"name": "low"}, {"name": "high"}]},
            {"label": "Text", "name": "txtFile", "type": "file", "fileType": ".txt"},
            {"label": "Heat", "name": "temperature", "type": "number"},
        ]});
        let listed: Vec<(String, String)> =
            rows(&node, &[&KIND]).into_iter().map(|it| (it.name, it.kind)).collect();
        let expected = [
            ("openAIApiKey", "string"),
            ("effort", "low, high"),
            ("files", ".txt"),
            ("temperature", "number"),
        ];
        assert_eq!(listed, expected.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
    }
}
