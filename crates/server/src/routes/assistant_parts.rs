//! What a custom assistant is put together from, and a model that writes its instructions.

use axum::{Json, extract::State};
use flowstone_core::{Capability, ChatRequest, Events, Message, Node};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::nodes::CatalogNode;
use crate::{
    AppState, Body, Caller, Problem,
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
};

/// Marks nodes of a framework whose models and tools agents cannot use.
const OTHER_FRAMEWORK: &str = "LlamaIndex";
/// Groups of the palette that hold tools.
const TOOLS: &[&str] = &["Tools", "Tools (MCP)"];
/// What a model is told that writes instructions.
const WRITER: &str = "You write instructions for AI assistants. From the task you are given, write the \
instructions themselves, addressed to the assistant as \"you\": who it is and what it is for, how it goes \
about the task step by step, what it must not do, how it asks when something is missing, and which form and \
tone its answers have. Keep what the task already says, add nothing that contradicts it, and answer with the \
instructions only.";

pub(super) fn routes() -> Routes {
    let any = Policy::Caller(&[]);
    Routes::new()
        .get("/assistants/components/chatmodels", any, chat_models)
        .doc(doc("List models for assistants").gives::<Value>())
        .get("/assistants/components/docstores", any, document_stores)
        .doc(doc("List document stores for assistants").gives::<Value>())
        .get("/assistants/components/tools", any, tools)
        .doc(doc("List tools for assistants").gives::<Value>())
        .post("/assistants/generate/instruction", any, write_instruction)
        .doc(
            doc("Let a model write instructions")
                .takes::<Value>()
                .gives::<Value>()
                .problem(412)
                .problem(503),
        )
}

async fn chat_models(State(state): State<AppState>) -> Json<Vec<CatalogNode>> {
    Json(list(&state, |node| {
        node.spec().category == "Chat Models" && !node.spec().tags.contains(&OTHER_FRAMEWORK)
    }))
}

/// Only tools that stand on their own: a form of controls, no sockets for other nodes.
async fn tools(State(state): State<AppState>) -> Json<Vec<CatalogNode>> {
    Json(list(&state, |node| {
        let spec = node.spec();
        TOOLS.contains(&spec.category) && !spec.inputs.iter().any(flowstone_core::Field::is_socket)
    }))
}

fn list(state: &AppState, chosen: impl Fn(&&'static dyn Node) -> bool) -> Vec<CatalogNode> {
    let nodes = state.engine.catalog().all().iter().copied().filter(chosen);
    nodes.map(CatalogNode::new).collect()
}

/// A document store in a list.
#[derive(Serialize)]
struct DocumentStoreEntry {
    label: String,
    name: String,
    description: Option<String>,
}

/// Stores that can be searched.
async fn document_stores(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Vec<DocumentStoreEntry>>> {
    let stores = &state.engine.services().document_stores;
    let found = stores.list(caller.scope.workspace_id()).await?;
    let entries = found.into_iter().filter(|it| it.is_searchable).map(|it| DocumentStoreEntry {
        label: it.name,
        name: it.id,
        description: Some(it.description),
    });
    Ok(Json(entries.collect()))
}

/// What the instructions are for, and which model writes them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    task: Option<String>,
    /// A node as the canvas holds it.
    selected_chat_model: Option<Value>,
}

/// Instructions.
#[derive(Serialize)]
struct Instruction {
    content: String,
}

async fn write_instruction(
    State(state): State<AppState>,
    caller: Caller,
    Body(task): Body<Task>,
) -> Result<Json<Instruction>> {
    let needed = |name: &str| {
        Problem::missing(format!(
            "Error: assistantsController.generateAssistantInstruction - {name} not provided!"
        ))
    };
    let text = task.task.filter(|it| !it.trim().is_empty()).ok_or_else(|| needed("task"))?;
    let node = task.selected_chat_model.filter(Value::is_object);
    let node = node.ok_or_else(|| needed("selectedChatModel"))?;
    let built = state.engine.build(&node, caller.scope.workspace_id()).await?;
    let Capability::ChatModel(model) = built else {
        let kind = built.kind();
        return Err(Problem::bad_request(format!(
            "selectedChatModel: a chat model is expected, this is a {kind}"
        )));
    };
    let request = ChatRequest::new(vec![Message::system(WRITER), Message::user(text)]);
    let reply = model.chat(&request, &Events::silent()).await?;
    Ok(Json(Instruction { content: reply.text }))
}
