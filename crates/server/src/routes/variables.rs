//! Variables that flows read by name.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::Utc;
use flowstone_store::{Variable, VariablePatch};
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
        .get("/variables", Policy::Caller(&["variables:view"]), list)
        .doc(doc("List variables").lists::<VariableRow>())
        .post("/variables", Policy::Caller(&["variables:create"]), create)
        .doc(doc("Add a variable").takes::<VariableForm>().gives::<VariableRow>())
        .put("/variables/{id}", Policy::Caller(&["variables:create", "variables:update"]), update)
        .doc(doc("Change a variable").takes::<VariableForm>().gives::<VariableRow>())
        .delete("/variables/{id}", Policy::Caller(&["variables:delete"]), delete)
        .doc(doc("Delete a variable").gives::<Affected>())
}

/// A variable.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "Variable")]
#[schemars(rename = "Variable")]
struct VariableRow {
    id: String,
    name: String,
    value: Option<String>,
    /// `static` or `runtime`.
    #[serde(rename = "type")]
    kind: String,
    #[ts(as = "String")]
    created_date: Time,
    #[ts(as = "String")]
    updated_date: Time,
    workspace_id: String,
}

impl From<Variable> for VariableRow {
    fn from(variable: Variable) -> Self {
        Self {
            id: variable.id,
            name: variable.name,
            value: variable.value,
            kind: variable.variable_type,
            created_date: variable.created_date.into(),
            updated_date: variable.updated_date.into(),
            workspace_id: variable.workspace_id,
        }
    }
}

/// What a form sends about a variable.
#[derive(Deserialize, JsonSchema)]
#[expect(clippy::option_option, reason = "outside: whether to write; inside: what")]
struct VariableForm {
    /// Name that flows read it by.
    name: Option<String>,
    /// What it holds.
    #[serde(default, deserialize_with = "wire::given")]
    value: Option<Option<String>>,
    /// `static` or `runtime`.
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl VariableForm {
    fn check(&self) -> Result<()> {
        if self.name.as_ref().is_some_and(|it| it.trim().is_empty()) {
            return Err(Problem::bad_request("name: a variable needs a name"));
        }
        match self.kind.as_deref() {
            None | Some("static" | "runtime") => Ok(()),
            Some(other) => {
                Err(Problem::bad_request(format!("type: {other:?} is neither static nor runtime")))
            }
        }
    }
}

async fn list(State(state): State<AppState>, caller: Caller, query: Query) -> Result<Response> {
    let page = query.page()?;
    let (rows, total) = state.store.variables().list(&caller.scope, page).await?;
    Ok(wire::list(rows.into_iter().map(VariableRow::from).collect(), total, page))
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<VariableForm>,
) -> Result<Json<VariableRow>> {
    form.check()?;
    let now = Utc::now();
    let variable = Variable {
        id: Uuid::new_v4().to_string(),
        name: form.name.ok_or_else(|| Problem::bad_request("name: a variable needs a name"))?,
        value: form.value.flatten(),
        variable_type: form.kind.unwrap_or_else(|| "static".to_owned()),
        created_date: now,
        updated_date: now,
        workspace_id: caller.scope.workspace_id().to_owned(),
    };
    state.store.variables().insert(&caller.scope, &variable).await?;
    Ok(Json(variable.into()))
}

async fn update(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(form): Body<VariableForm>,
) -> Result<Json<VariableRow>> {
    form.check()?;
    let patch = VariablePatch {
        name: form.name,
        value: form.value,
        variable_type: form.kind,
        updated_date: Some(Utc::now()),
    };
    let saved = state.store.variables().update(&caller.scope, &id, patch).await.map_err(|error| {
        let problem = Problem::from(error);
        if problem.status() == StatusCode::NOT_FOUND {
            problem.say("Variable not found in the database")
        } else {
            problem
        }
    });
    Ok(Json(saved?.into()))
}

async fn delete(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Affected>> {
    Ok(Affected::rows(state.store.variables().delete(&caller.scope, &id).await?))
}
