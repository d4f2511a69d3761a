//! Tools of a flow for a voice model that speaks with the caller directly: which there are, and
//! running one.

use axum::{
    Json,
    extract::{Path, State},
};
use flowstone_core::{Document, Run, ToolSpec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::flow_view::check_id;
use crate::{
    AppState, Body, Caller, Problem,
    openapi::doc,
    prediction::{LiveFlow, stored_variables},
    problem::Result,
    route::{Policy, Routes},
};

const USES: Policy =
    Policy::Caller(&["chatflows:view", "chatflows:create", "chatflows:update", "chatflows:delete"]);

/// The rules that parameters of tools are a schema by.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/openai-realtime/{id}", USES, list)
        .doc(doc("List the tools of a flow").gives::<Value>().problem(400))
        .post("/openai-realtime/{id}", USES, call)
        .doc(doc("Run a tool of a flow").takes::<Value>().gives::<Value>().problem(412))
}

async fn list(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Vec<ToolSpec>>> {
    let live = flow(&state, &caller, &id).await?;
    let run = run(&state, &caller, &live, None).await?;
    let tools = state.engine.tools(live.source(), &run).await?;
    if tools.is_empty() {
        return Err(Problem::not_found(format!("Agent with tools not found in chatflow {id}")));
    }
    Ok(Json(tools.iter().map(|it| described(it.spec())).collect()))
}

/// A tool whose parameters say by which rules they are a schema; voice clients pass them on.
fn described(spec: &ToolSpec) -> ToolSpec {
    let mut spec = spec.clone();
    if let Some(parameters) = spec.parameters.as_object_mut() {
        parameters.entry("$schema").or_insert_with(|| DRAFT.into());
    }
    spec
}

/// Which tool to run, on what.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolAsked {
    chat_id: Option<String>,
    tool_name: Option<String>,
    /// The text of a JSON object, or the object itself.
    input_args: Option<Value>,
}

/// What a tool gave.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolAnswer {
    output: String,
    source_documents: Vec<Document>,
    artifacts: Vec<Value>,
}

async fn call(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(asked): Body<ToolAsked>,
) -> Result<Json<ToolAnswer>> {
    let needed = |name: &str| {
        Problem::missing(format!(
            "Error: openaiRealTimeController.executeAgentTool - {name} not provided!"
        ))
    };
    check_id(&id)?;
    let chat_id = asked.chat_id.filter(|it| !it.is_empty()).ok_or_else(|| needed("chatId"))?;
    let name = asked.tool_name.filter(|it| !it.is_empty()).ok_or_else(|| needed("toolName"))?;
    let arguments = arguments(asked.input_args.ok_or_else(|| needed("inputArgs"))?)?;
    let live = flow(&state, &caller, &id).await?;
    let run = run(&state, &caller, &live, Some(chat_id)).await?;
    let tools = state.engine.tools(live.source(), &run).await?;
    let Some(tool) = tools.iter().find(|it| it.spec().name == name) else {
        let names: Vec<&str> = tools.iter().map(|it| it.spec().name.as_str()).collect();
        let known = names.join(", ");
        return Err(Problem::not_found(format!(
            "Tool {name} not found. The tools of this flow are: {known}"
        )));
    };
    let result = tool.call(&arguments, &run).await?;
    Ok(Json(ToolAnswer {
        output: result.text,
        source_documents: result.source_documents,
        artifacts: result.artifacts,
    }))
}

fn arguments(value: Value) -> Result<Map<String, Value>> {
    let parsed = match value {
        Value::Object(map) => return Ok(map),
        Value::String(text) => serde_json::from_str(&text).ok(),
        _ => None,
    };
    parsed.ok_or_else(|| Problem::bad_request("inputArgs: the text of a JSON object is expected"))
}

async fn flow(state: &AppState, caller: &Caller, id: &str) -> Result<std::sync::Arc<LiveFlow>> {
    let live = state.flows.get(&state.store, id).await?;
    if live.flow.workspace_id != caller.scope.workspace_id() {
        return Err(Problem::not_found(format!("Chatflow {id} not found in the database!")));
    }
    Ok(live)
}

async fn run(
    state: &AppState,
    caller: &Caller,
    live: &LiveFlow,
    chat: Option<String>,
) -> Result<Run> {
    let chat_id = chat.unwrap_or_else(|| Uuid::new_v4().to_string());
    Ok(Run {
        workspace: live.flow.workspace_id.clone(),
        flow_id: live.flow.id.clone(),
        session_id: chat_id.clone(),
        chat_id,
        variables: stored_variables(state, &caller.scope).await?,
        ..Run::new(state.engine.services().clone())
    })
}
