//! A flow as clients see it: whole for its workspace, without secrets for everyone else.

use std::collections::{BTreeSet, HashMap};

use flowstone_core::{Field, Node};
use flowstone_engine::Catalog;
use flowstone_store::{ChatFlow, Error as StoreError};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;
use uuid::Uuid;

use crate::{AppState, Caller, Problem, problem::Result, wire::Time};

/// Controls whose values are nobody's business outside: secrets, and files of the server.
const HIDDEN_CONTROLS: &[&str] = &["password", "file", "folder"];
/// Keys under which flows save the id of a credential.
const CREDENTIAL_KEYS: &[&str] = &["credential", "FLOWISE_CREDENTIAL_ID"];
/// What a template keeps of a node.
const TEMPLATE_KEYS: &[&str] = &[
    "id",
    "label",
    "version",
    "name",
    "type",
    "color",
    "hideOutput",
    "hideInput",
    "baseClasses",
    "tags",
    "category",
    "description",
    "inputParams",
    "inputAnchors",
    "inputs",
    "outputAnchors",
    "outputs",
    "selected",
];

/// Names and kinds of flows by id.
pub(super) type FlowNames = HashMap<String, (String, Option<String>)>;

/// What these flows are called; those that are gone are not among them. An id may come twice.
pub(super) async fn flow_names(
    state: &AppState,
    caller: &Caller,
    ids: impl Iterator<Item = &str> + Send,
) -> Result<FlowNames> {
    let ids: Vec<&str> = ids.collect::<BTreeSet<_>>().into_iter().collect();
    let found = state.store.chatflows().names_of(&caller.scope, &ids).await?;
    Ok(found.into_iter().map(|(id, name, kind)| (id, (name, kind))).collect())
}

/// A flow with its settings. Fields that hold JSON hold its text.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "Flow")]
#[schemars(rename = "Flow")]
pub(super) struct FlowRow {
    id: String,
    name: String,
    flow_data: String,
    deployed: Option<bool>,
    is_public: Option<bool>,
    #[serde(rename = "apikeyid")]
    api_key_id: Option<String>,
    chatbot_config: Option<String>,
    api_config: Option<String>,
    analytic: Option<String>,
    speech_to_text: Option<String>,
    text_to_speech: Option<String>,
    follow_up_prompts: Option<String>,
    category: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[ts(as = "String")]
    created_date: Time,
    #[ts(as = "String")]
    updated_date: Time,
    mcp_server_config: Option<String>,
    webhook_secret_configured: bool,
    workspace_id: String,
}

impl From<ChatFlow> for FlowRow {
    fn from(flow: ChatFlow) -> Self {
        Self {
            id: flow.id,
            name: flow.name,
            flow_data: flow.flow_data,
            deployed: flow.deployed,
            is_public: flow.is_public,
            api_key_id: flow.api_key_id,
            chatbot_config: flow.chatbot_config,
            api_config: flow.api_config,
            analytic: flow.analytic,
            speech_to_text: flow.speech_to_text,
            text_to_speech: flow.text_to_speech,
            follow_up_prompts: flow.follow_up_prompts,
            category: flow.category,
            kind: flow.flow_type,
            created_date: flow.created_date.into(),
            updated_date: flow.updated_date.into(),
            mcp_server_config: flow.mcp_server_config,
            webhook_secret_configured: flow.webhook_secret.is_some_and(|it| !it.is_empty()),
            workspace_id: flow.workspace_id,
        }
    }
}

impl FlowRow {
    /// The flow without secrets and without settings that only its owner needs.
    pub(super) fn public(flow: ChatFlow, catalog: &Catalog) -> Self {
        Self {
            flow_data: public_data(&flow.flow_data, catalog),
            chatbot_config: flow.chatbot_config.as_deref().map(|it| public_config(it).to_string()),
            api_key_id: None,
            api_config: None,
            analytic: None,
            speech_to_text: None,
            text_to_speech: None,
            follow_up_prompts: None,
            mcp_server_config: None,
            ..flow.into()
        }
    }
}

/// A flow that was just saved.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedFlow {
    #[serde(flatten)]
    flow: FlowRow,
    /// Clients of the reference expect the field; the secret is told only when it is made.
    webhook_secret: Option<String>,
}

impl From<ChatFlow> for SavedFlow {
    fn from(flow: ChatFlow) -> Self {
        Self { flow: flow.into(), webhook_secret: None }
    }
}

/// A flow of the caller's workspace.
///
/// # Errors
/// 400 for what is no id, 404 for an unknown flow or one of another workspace.
pub(super) async fn flow_of(state: &AppState, caller: &Caller, id: &str) -> Result<ChatFlow> {
    check_id(id)?;
    state.store.chatflows().get(&caller.scope, id).await.map_err(|error| missing(error, id))
}

/// # Errors
/// 400 for what is no id of a flow.
pub(super) fn check_id(id: &str) -> Result<()> {
    match Uuid::try_parse(id) {
        Ok(_) => Ok(()),
        Err(_) => Err(Problem::bad_request("Invalid Chatflow ID")),
    }
}

/// A failure of the store about flow `id`, in the words clients know.
pub(super) fn missing(error: StoreError, id: &str) -> Problem {
    match error {
        StoreError::NotFound { .. } => {
            Problem::not_found(format!("Chatflow {id} not found in the database!"))
        }
        other => other.into(),
    }
}

/// The flow's nodes and edges with the values of secret controls and the ids of credentials taken
/// out. What cannot be read is not shown at all.
pub(super) fn public_data(text: &str, catalog: &Catalog) -> String {
    let Ok(mut flow) = serde_json::from_str::<Value>(text) else { return "{}".to_owned() };
    let nodes = flow.get_mut("nodes").and_then(Value::as_array_mut).into_iter().flatten();
    for data in nodes.filter_map(|it| it.get_mut("data")) {
        hide(data, catalog);
    }
    flow.to_string()
}

/// The flow's nodes and edges as a template holds them: without the values of secret controls, the
/// ids of credentials and what only the canvas that saved it needs.
pub(super) fn without_secrets(text: &str, catalog: &Catalog) -> String {
    let Ok(mut flow) = serde_json::from_str::<Value>(text) else { return "{}".to_owned() };
    for node in flow.get_mut("nodes").and_then(Value::as_array_mut).into_iter().flatten() {
        node["selected"] = false.into();
        let data = &mut node["data"];
        for name in hidden_rows(data, catalog) {
            if let Some(inputs) = data.get_mut("inputs").and_then(Value::as_object_mut) {
                inputs.shift_remove(&name);
            }
        }
        remove_credentials(data);
        if let Some(data) = data.as_object_mut() {
            data.retain(|key, _| TEMPLATE_KEYS.contains(&key.as_str()));
            data.insert("selected".into(), false.into());
        }
    }
    serde_json::json!({ "nodes": flow["nodes"], "edges": flow["edges"] }).to_string()
}

fn hide(data: &mut Value, catalog: &Catalog) {
    let names = hidden_rows(data, catalog);
    if let Some(inputs) = data.get_mut("inputs").and_then(Value::as_object_mut) {
        for name in names {
            if let Some(value) = inputs.get_mut(&name) {
                *value = "".into();
            }
        }
    }
    remove_credentials(data);
}

/// The rows of a node whose values are nobody's business outside.
fn hidden_rows(data: &Value, catalog: &Catalog) -> Vec<String> {
    let spec = data["name"].as_str().and_then(|it| catalog.get(it)).map(Node::spec);
    let ours = spec
        .map_or(&[][..], |it| it.inputs)
        .iter()
        .filter(|it| is_hidden(it))
        .map(|it| it.name.to_owned());
    // The saved form counts too: it may be of a node this installation does not have.
    let saved = data["inputParams"].as_array().into_iter().flatten();
    let saved =
        saved.filter(|it| it["type"].as_str().is_some_and(|kind| HIDDEN_CONTROLS.contains(&kind)));
    let saved = saved.filter_map(|it| it["name"].as_str().map(str::to_owned));
    ours.chain(saved).collect()
}

fn is_hidden(field: &Field) -> bool {
    HIDDEN_CONTROLS.contains(&field.kind)
}

/// Takes ids of credentials out of a node, also out of the settings of nodes within it.
fn remove_credentials(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for key in CREDENTIAL_KEYS {
                if map.get(*key).is_some_and(Value::is_string) {
                    map.shift_remove(*key);
                }
            }
            map.values_mut().for_each(remove_credentials);
        }
        Value::Array(list) => list.iter_mut().for_each(remove_credentials),
        _ => {}
    }
}

/// The chat window's settings without the code that works on answers behind it.
pub(super) fn public_config(text: &str) -> Value {
    let mut config: Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(code) = config.get_mut("postProcessing").and_then(Value::as_object_mut) {
        code.shift_remove("customFunction");
    }
    if config.is_object() { config } else { Value::Object(serde_json::Map::new()) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_secret_of_a_flow_is_shown_to_everyone() {
        let catalog = Catalog::new(&[], &HashSet::new());
        let text = serde_json::json!({"nodes": [{"id": "a_0", "data": {
            "name": "unknownNode", "credential": "id-1",
            "inputParams": [{"name": "key", "type": "password"}, {"name": "pdf", "type": "file"}],
            "inputs": {"key": "canary", "pdf": "data:canary", "model": "gpt", "FLOWISE_CREDENTIAL_ID": "id-1",
                "config": {"credential": "id-2", "deep": [{"FLOWISE_CREDENTIAL_ID": "id-3"}]}},
        }}], "edges": []});
        let shown = public_data(&text.to_string(), &catalog);
        assert_eq!(
            serde_json::from_str::<Value>(&shown).unwrap()["nodes"][0]["data"]["inputs"],
            serde_json::json!({"key": "", "pdf": "", "model": "gpt", "config": {"deep": [{}]}})
        );
        for secret in ["canary", "id-1", "id-2", "id-3"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert_eq!(public_data("not json: canary", &catalog), "{}");
    }

    #[test]
    fn a_template_holds_neither_secrets_nor_credentials() {
        let catalog = Catalog::new(&[], &HashSet::new());
        let text = serde_json::json!({"nodes": [{"id": "a_0", "selected": true, "data": {
            "id": "a_0", "name": "unknownNode", "credential": "id-1", "instance": "x",
            "inputParams": [{"name": "key", "type": "password"}],
            "inputs": {"key": "canary", "model": "gpt", "FLOWISE_CREDENTIAL_ID": "id-1"},
        }}], "edges": [], "viewport": {}});
        let shown: Value =
            serde_json::from_str(&without_secrets(&text.to_string(), &catalog)).unwrap();
        assert_eq!(
            shown,
            serde_json::json!({"nodes": [{"id": "a_0", "selected": false, "data": {
                "id": "a_0", "name": "unknownNode", "inputParams": [{"name": "key", "type": "password"}],
                "inputs": {"model": "gpt"}, "selected": false,
            }}], "edges": []})
        );
        assert_eq!(without_secrets("not json: canary", &catalog), "{}");
    }

    #[test]
    fn code_behind_the_chat_window_is_not_shown() {
        let shown =
            public_config(r#"{"postProcessing":{"enabled":true,"customFunction":"canary"},"a":1}"#);
        assert_eq!(shown, serde_json::json!({"postProcessing": {"enabled": true}, "a": 1}));
        assert_eq!(public_config("[]"), serde_json::json!({}));
    }
}
