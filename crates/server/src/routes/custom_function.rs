//! Trying out JavaScript beside its editor.

use axum::{Json, extract::State};
use flowstone_core::{Error, Run};
use flowstone_engine::Error as EngineError;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    AppState, Body, Caller, Problem,
    openapi::doc,
    prediction::{SCRIPT_NODE, stored_variables},
    problem::Result,
    route::{Policy, Routes},
};

pub(super) fn routes() -> Routes {
    let saves = Policy::Caller(&[
        "chatflows:create",
        "chatflows:update",
        "agentflows:create",
        "agentflows:update",
    ]);
    Routes::new().post("/node-custom-function", saves, run).doc(
        doc("Try out JavaScript").takes::<Function>().gives::<Value>().problem(404).problem(412),
    )
}

/// Code with the values it reads.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Function {
    javascript_function: Option<String>,
    /// The text of a JSON object, or the object itself.
    function_input_variables: Option<Value>,
}

async fn run(
    State(state): State<AppState>,
    caller: Caller,
    Body(function): Body<Function>,
) -> Result<Json<Value>> {
    if state.engine.catalog().get(SCRIPT_NODE).is_none() {
        return Err(Problem::not_found("this installation runs no JavaScript"));
    }
    let code = function.javascript_function.filter(|it| !it.trim().is_empty());
    let code = code.ok_or_else(|| Problem::missing("javascriptFunction not provided!"))?;
    let mut values = Map::new();
    values.insert("javascriptFunction".into(), code.into());
    if let Some(variables) = function.function_input_variables {
        values.insert("functionInputVariables".into(), variables);
    }
    let run = Run {
        workspace: caller.scope.workspace_id().to_owned(),
        variables: stored_variables(&state, &caller.scope).await?,
        ..Run::new(state.engine.services().clone())
    };
    // The node that runs code in a flow runs it here on its own.
    state.engine.evaluate(SCRIPT_NODE, values, run).await.map(Json).map_err(|error| {
        match error.root() {
            // What is wrong with the code is its author's to mend.
            EngineError::Node(node) if matches!(node.root(), Error::Script(_)) => {
                Problem::bad_request(node.root().to_string())
            }
            _ => error.into(),
        }
    })
}
