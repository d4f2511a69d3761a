//! Tools that users wrote in JavaScript.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::Utc;
use flowstone_store::{Error as StoreError, Tool, ToolPatch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::{
    AppState, Body, Caller, Problem, Query,
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
    wire::{self, Affected, Time},
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/tools", Policy::Caller(&["tools:view"]), list)
        .doc(doc("List tools").lists::<ToolRow>())
        .post("/tools", Policy::Caller(&["tools:create"]), create)
        .doc(doc("Add a tool").takes::<ToolForm>().gives::<ToolRow>())
        .get("/tools/{id}", Policy::Caller(&["tools:view"]), get)
        .doc(doc("Read a tool").gives::<ToolRow>())
        .put("/tools/{id}", Policy::Caller(&["tools:update", "tools:create"]), update)
        .doc(doc("Change a tool").takes::<ToolForm>().gives::<ToolRow>())
        .delete("/tools/{id}", Policy::Caller(&["tools:delete"]), delete)
        .doc(doc("Delete a tool").gives::<Affected>())
}

/// A tool that a user wrote.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "CustomTool")]
#[schemars(rename = "CustomTool")]
struct ToolRow {
    id: String,
    name: String,
    description: String,
    color: String,
    icon_src: Option<String>,
    schema: Option<String>,
    func: Option<String>,
    #[ts(as = "String")]
    created_date: Time,
    #[ts(as = "String")]
    updated_date: Time,
    workspace_id: String,
}

impl From<Tool> for ToolRow {
    fn from(tool: Tool) -> Self {
        Self {
            id: tool.id,
            name: tool.name,
            description: tool.description,
            color: tool.color,
            icon_src: tool.icon_src,
            schema: tool.schema,
            func: tool.func,
            created_date: tool.created_date.into(),
            updated_date: tool.updated_date.into(),
            workspace_id: tool.workspace_id,
        }
    }
}

/// What a form sends about a tool.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::option_option, reason = "outside: whether to write; inside: what")]
struct ToolForm {
    /// Name that models call it by.
    name: Option<String>,
    /// What models read about it.
    description: Option<String>,
    /// Colour of its picture.
    color: Option<String>,
    /// Address of its picture.
    #[serde(default, deserialize_with = "wire::given")]
    icon_src: Option<Option<String>>,
    /// Text of a JSON list of its arguments.
    #[serde(default, deserialize_with = "wire::given")]
    schema: Option<Option<String>>,
    /// Its JavaScript.
    #[serde(default, deserialize_with = "wire::given")]
    func: Option<Option<String>>,
}

impl ToolForm {
    fn check(&self) -> Result<()> {
        if self.name.as_ref().is_some_and(|it| it.trim().is_empty()) {
            return Err(Problem::bad_request("name: a tool needs a name"));
        }
        let schema = self.schema.as_ref().and_then(Option::as_deref).filter(|it| !it.is_empty());
        let Some(schema) = schema else { return Ok(()) };
        match serde_json::from_str::<Vec<serde_json::Value>>(schema) {
            Ok(_) => Ok(()),
            Err(_) => Err(Problem::bad_request(
                "schema: the text of a JSON list of arguments is expected",
            )),
        }
    }
}

async fn list(State(state): State<AppState>, caller: Caller, query: Query) -> Result<Response> {
    let page = query.page()?;
    let (rows, total) = state.store.tools().list(&caller.scope, page).await?;
    Ok(wire::list(rows.into_iter().map(ToolRow::from).collect(), total, page))
}

async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<ToolRow>> {
    let tool = state.store.tools().get(&caller.scope, &id).await;
    Ok(Json(tool.map_err(|error| missing(error, &id))?.into()))
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<ToolForm>,
) -> Result<Json<ToolRow>> {
    form.check()?;
    let now = Utc::now();
    let tool = Tool {
        id: Uuid::new_v4().to_string(),
        name: form.name.ok_or_else(|| Problem::bad_request("name: a tool needs a name"))?,
        description: form.description.unwrap_or_default(),
        color: form.color.unwrap_or_default(),
        icon_src: form.icon_src.flatten(),
        schema: form.schema.flatten(),
        func: form.func.flatten(),
        created_date: now,
        updated_date: now,
        workspace_id: caller.scope.workspace_id().to_owned(),
    };
    state.store.tools().insert(&caller.scope, &tool).await?;
    Ok(Json(tool.into()))
}

async fn update(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(form): Body<ToolForm>,
) -> Result<Json<ToolRow>> {
    form.check()?;
    let patch = ToolPatch {
        name: form.name,
        description: form.description,
        color: form.color,
        icon_src: form.icon_src,
        schema: form.schema,
        func: form.func,
        updated_date: Some(Utc::now()),
    };
    let saved = state
        .store
        .tools()
        .update(&caller.scope, &id, patch)
        .await
        .map_err(|error| missing(error, &id))?;
    // Flows that were prepared with the old code must be prepared again.
    state.store.chatflows().raise_revisions(&caller.scope, &id).await?;
    Ok(Json(saved.into()))
}

async fn delete(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Affected>> {
    let deleted = state.store.tools().delete(&caller.scope, &id).await?;
    if deleted > 0 {
        state.store.chatflows().raise_revisions(&caller.scope, &id).await?;
    }
    Ok(Affected::rows(deleted))
}

fn missing(error: StoreError, id: &str) -> Problem {
    let problem = Problem::from(error);
    if problem.status() != StatusCode::NOT_FOUND {
        return problem;
    }
    problem.say(format!("Tool {id} not found"))
}
