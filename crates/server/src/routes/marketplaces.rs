//! Templates to start from: ours, and those that users saved.

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::Utc;
use flowstone_store::{ChatFlow, CustomTemplate};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use ts_rs::TS;
use uuid::Uuid;

use super::flow_view::{flow_of, without_secrets};
use crate::{
    AppState, Body, Caller, Problem,
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
    wire::{Affected, Time},
};

const SAVES: Policy = Policy::Caller(&["templates:flowexport", "templates:toolexport"]);
const VIEWS: Policy = Policy::Caller(&["templates:custom"]);
/// What a template is that holds a tool.
const TOOL: &str = "Tool";

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/marketplaces/templates", Policy::Caller(&["templates:marketplace"]), templates)
        .doc(doc("List our templates").gives::<Value>())
        .get("/marketplaces/custom", VIEWS, list)
        .doc(doc("List templates that users saved").gives::<Value>())
        .post("/marketplaces/custom", SAVES, create)
        .doc(doc("Save a template").takes::<Value>().gives::<Value>().problem(404).problem(412))
        .delete("/marketplaces/custom/{id}", Policy::Caller(&["templates:custom-delete"]), delete)
        .doc(doc("Delete a template").gives::<Affected>())
}

/// A template of ours.
#[derive(Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
struct Template {
    id: String,
    template_name: String,
    /// The text of the flow's JSON.
    flow_data: String,
    badge: String,
    framework: Vec<String>,
    usecases: Vec<String>,
    categories: Vec<String>,
    #[serde(rename = "type")]
    kind: String,
    description: String,
}

/// What a template's file says of it, beside its nodes and edges.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    description: String,
    #[serde(default)]
    badge: String,
    #[serde(default)]
    framework: Vec<String>,
    #[serde(default)]
    usecases: Vec<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

async fn templates(State(state): State<AppState>) -> Json<Vec<Template>> {
    let files = state.templates.iter().filter_map(|file| {
        let head: Head = serde_json::from_str(&file.text).ok()?;
        let flow: Value = serde_json::from_str(&file.text).ok()?;
        Some(Template {
            id: file.id.clone(),
            template_name: file.name.clone(),
            categories: categories(&flow),
            flow_data: file.text.clone(),
            badge: head.badge,
            framework: head.framework,
            usecases: head.usecases,
            kind: head.kind.unwrap_or_else(|| "Chatflow".to_owned()),
            description: head.description,
        })
    });
    let mut templates: Vec<Template> = files.collect();
    templates.sort_by(|a, b| a.template_name.cmp(&b.template_name));
    Json(templates)
}

/// The groups of the palette that a flow's nodes are of, in the order of the nodes.
fn categories(flow: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for node in flow["nodes"].as_array().into_iter().flatten() {
        let category = node["data"]["category"].as_str().unwrap_or_default();
        if !category.is_empty() && !found.iter().any(|it| it == category) {
            found.push(category.to_owned());
        }
    }
    found
}

/// A template that a user saved, as it was saved.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SavedTemplate {
    id: String,
    name: String,
    flow_data: String,
    description: Option<String>,
    badge: Option<String>,
    framework: Option<String>,
    /// The text of a JSON list.
    usecases: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    workspace_id: String,
    created_date: Time,
    updated_date: Time,
}

impl From<CustomTemplate> for SavedTemplate {
    fn from(template: CustomTemplate) -> Self {
        Self {
            id: template.id,
            name: template.name,
            flow_data: template.flow_data,
            description: template.description,
            badge: template.badge,
            framework: template.framework,
            usecases: template.usecases,
            kind: template.kind,
            workspace_id: template.workspace_id,
            created_date: template.created_date.into(),
            updated_date: template.updated_date.into(),
        }
    }
}

/// A template that a user saved, in a list. A tool's is told by its parts.
#[derive(Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "CustomTemplate")]
struct TemplateRow {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_data: Option<String>,
    description: Option<String>,
    badge: String,
    framework: String,
    /// A list; empty text where nothing was said.
    #[ts(type = "Array<string> | string")]
    usecases: Value,
    #[serde(rename = "type")]
    kind: Option<String>,
    workspace_id: String,
    #[ts(as = "String")]
    created_date: Time,
    #[ts(as = "String")]
    updated_date: Time,
    categories: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(type = "string", optional)]
    icon_src: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(type = "string", optional)]
    schema: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(type = "string", optional)]
    func: Option<Value>,
}

impl From<CustomTemplate> for TemplateRow {
    fn from(template: CustomTemplate) -> Self {
        let data: Value = serde_json::from_str(&template.flow_data).unwrap_or_default();
        let is_tool = template.kind.as_deref() == Some(TOOL);
        let usecases = template.usecases.as_deref().filter(|it| !it.is_empty());
        let part = |name: &str| is_tool.then(|| data[name].clone());
        Self {
            id: template.id,
            name: template.name,
            flow_data: (!is_tool).then_some(template.flow_data),
            description: template.description,
            badge: template.badge.unwrap_or_default(),
            framework: template.framework.unwrap_or_default(),
            usecases: usecases
                .and_then(|it| serde_json::from_str(it).ok())
                .unwrap_or_else(|| Value::String(String::new())),
            kind: template.kind,
            workspace_id: template.workspace_id,
            created_date: template.created_date.into(),
            updated_date: template.updated_date.into(),
            categories: if is_tool { Vec::new() } else { categories(&data) },
            icon_src: part("iconSrc"),
            schema: part("schema"),
            func: part("func"),
        }
    }
}

async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<Vec<TemplateRow>>> {
    let (templates, _) = state.store.templates().list(&caller.scope, None).await?;
    Ok(Json(templates.into_iter().map(TemplateRow::from).collect()))
}

/// What is saved as a template: a flow of the workspace, or a tool.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TemplateForm {
    name: Option<String>,
    description: Option<String>,
    badge: Option<String>,
    usecases: Option<Vec<String>>,
    #[serde(rename = "type")]
    kind: Option<String>,
    chatflow_id: Option<String>,
    tool: Option<Map<String, Value>>,
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<TemplateForm>,
) -> Result<Json<SavedTemplate>> {
    let empty = form.name.is_none() && form.chatflow_id.is_none() && form.tool.is_none();
    if empty {
        return Err(Problem::missing(
            "Error: marketplacesService.saveCustomTemplate - body not provided!",
        ));
    }
    let name = form.name.filter(|it| !it.trim().is_empty());
    let name = name.ok_or_else(|| Problem::bad_request("name: a template needs a name"))?;
    let (flow_data, kind) = match (form.chatflow_id.filter(|it| !it.is_empty()), form.tool) {
        (Some(id), _) => {
            let flow = flow_of(&state, &caller, &id).await?;
            let kind = form.kind.unwrap_or_else(|| kind_of(&flow).to_owned());
            (without_secrets(&flow.flow_data, state.engine.catalog()), kind)
        }
        (None, Some(tool)) => {
            let part = |name: &str| tool.get(name).cloned().unwrap_or_default();
            let data = json!({ "iconSrc": part("iconSrc"), "schema": part("schema"), "func": part("func") });
            (data.to_string(), TOOL.to_owned())
        }
        (None, None) => {
            return Err(Problem::bad_request(
                "chatflowId or tool: say which flow is saved, or send the tool",
            ));
        }
    };
    let now = Utc::now();
    let template = CustomTemplate {
        id: Uuid::new_v4().to_string(),
        name,
        flow_data,
        description: form.description,
        badge: form.badge,
        framework: Some(String::new()),
        usecases: form.usecases.map(|it| json!(it).to_string()),
        kind: Some(kind),
        created_date: now,
        updated_date: now,
        workspace_id: caller.scope.workspace_id().to_owned(),
    };
    state.store.templates().insert(&caller.scope, &template).await?;
    Ok(Json(template.into()))
}

/// What templates of a flow's type are called.
fn kind_of(flow: &ChatFlow) -> &'static str {
    match flow.flow_type.as_deref() {
        Some("MULTIAGENT") => "Agentflow",
        Some("AGENTFLOW") => "AgentflowV2",
        _ => "Chatflow",
    }
}

async fn delete(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Affected>> {
    Ok(Affected::rows(state.store.templates().delete(&caller.scope, &id).await?))
}
