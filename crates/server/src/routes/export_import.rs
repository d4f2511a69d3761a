//! A workspace as a file, and the messages of a flow as one.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use flowstone_store::{ChatMessage, MessageFilter, MessageWithFeedback, Order};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::flow_view::flow_of;
use crate::{
    AppState, Body, Caller, Problem,
    openapi::doc,
    problem::Result,
    query,
    route::{API, Policy, Routes},
    transfer::{self, Imported, Plan, Wanted},
    wire::time,
};

const EXPORTS: Policy = Policy::Caller(&["workspace:export"]);
const IMPORTS: Policy = Policy::Caller(&["workspace:import"]);

pub(super) fn routes() -> Routes {
    Routes::new()
        .post("/export-import/export", EXPORTS, export)
        .doc(doc("Write a workspace as a file").takes::<Value>().gives::<Value>())
        .post("/export-import/chatflow-messages", EXPORTS, messages)
        .doc(doc("Write the messages of a flow as a file").takes::<Value>().gives::<Value>())
        .post("/export-import/plan", IMPORTS, plan)
        .doc(doc("Tell what a file would meet here").takes::<Value>().gives::<Value>())
        .post("/export-import/import", IMPORTS, import)
        .doc(doc("Read a file into the workspace").takes::<Value>().gives::<Value>().problem(409))
}

async fn export(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body<Map<String, Value>>,
) -> Result<Json<Map<String, Value>>> {
    let wanted = Wanted::parse(&body)?;
    Ok(Json(transfer::export(&state, &caller.scope, &wanted).await?))
}

/// What a file would meet here; an addition of ours. Nothing is written.
async fn plan(
    State(state): State<AppState>,
    caller: Caller,
    Body(file): Body<Map<String, Value>>,
) -> Result<Json<Plan>> {
    Ok(Json(transfer::plan(&state, &caller.scope, &file).await?))
}

async fn import(
    State(state): State<AppState>,
    caller: Caller,
    Body(file): Body<Map<String, Value>>,
) -> Result<Json<Imported>> {
    Ok(Json(transfer::run(&state, &caller.scope, file).await?))
}

/// Which messages are wanted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessagesWanted {
    chatflow_id: Option<String>,
    chat_type: Option<Value>,
    feedback_type: Option<Value>,
    start_date: Option<String>,
    end_date: Option<String>,
}

/// The conversations of a flow, the one that began last first, as a file.
async fn messages(
    State(state): State<AppState>,
    caller: Caller,
    Body(wanted): Body<MessagesWanted>,
) -> Result<Response> {
    let id = wanted.chatflow_id.filter(|it| !it.is_empty()).ok_or_else(|| {
        Problem::bad_request(
            "Error: exportImportController.exportChatflowMessages - chatflowId is required!",
        )
    })?;
    flow_of(&state, &caller, &id).await?;
    let filter = MessageFilter {
        chat_types: texts(wanted.chat_type),
        ratings: texts(wanted.feedback_type),
        start: query::day_begins("startDate", wanted.start_date.as_deref())?,
        end: query::day_ends("endDate", wanted.end_date.as_deref())?,
        ..MessageFilter::default()
    };
    let (found, _) = state
        .store
        .messages()
        .list_with_feedback(&caller.scope, &id, &filter, Order::Ascending, None)
        .await?;
    let mut response = Json(conversations(&id, &found)).into_response();
    let name = format!("attachment; filename=\"{id}-Message.json\"");
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// One text, the text of a JSON list, or a list.
fn texts(value: Option<Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) if text.is_empty() => Vec::new(),
        Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or_else(|_| vec![text]),
        Some(list) => serde_json::from_value(list).unwrap_or_default(),
        None => Vec::new(),
    }
}

/// Messages by the conversation they belong to.
fn conversations(flow: &str, messages: &[MessageWithFeedback]) -> Vec<Value> {
    let mut order: Vec<(&str, Option<&str>, Option<&str>)> = Vec::new();
    let mut told: Vec<Value> = Vec::new();
    for found in messages {
        let message = &found.message;
        let key = (
            message.chat_id.as_str(),
            message.session_id.as_deref(),
            message.memory_type.as_deref(),
        );
        let place = order.iter().position(|it| *it == key).unwrap_or_else(|| {
            order.push(key);
            told.push(json!({
                "id": message.chat_id,
                "source": source(&message.chat_type),
                "sessionId": message.session_id,
                "memoryType": message.memory_type,
                "email": message.lead_email,
                "messages": [],
            }));
            order.len() - 1
        });
        if let Some(list) = told[place]["messages"].as_array_mut() {
            list.push(row(flow, found));
        }
    }
    told.reverse();
    told
}

/// Where a conversation was held, in words.
fn source(chat_type: &str) -> &str {
    match chat_type {
        "INTERNAL" => "UI",
        "EXTERNAL" => "API/Embed",
        "EVALUATION" => "Evaluations",
        other => other,
    }
}

fn row(flow: &str, found: &MessageWithFeedback) -> Value {
    let message = &found.message;
    let mut row = json!({
        "content": message.content,
        "role": if message.role == ChatMessage::API { "bot" } else { "user" },
        "time": time(message.created_date),
    });
    let uploads: Vec<Value> = parsed(message.file_uploads.as_deref()).unwrap_or_default();
    let paths: Vec<Value> = uploads
        .iter()
        .filter_map(|it| it["name"].as_str())
        .map(|name| address(flow, &message.chat_id, name).into())
        .collect();
    if !paths.is_empty() {
        row["filePaths"] = paths.into();
    }
    let parts = [
        ("sourceDocuments", &message.source_documents),
        ("usedTools", &message.used_tools),
        ("fileAnnotations", &message.file_annotations),
        ("agentReasoning", &message.agent_reasoning),
        ("artifacts", &message.artifacts),
    ];
    for (name, text) in parts {
        if let Some(value) = parsed::<Value>(text.as_deref()) {
            row[name] = value;
        }
    }
    if let Some(feedback) = &found.feedback {
        row["feedback"] = feedback.content.clone().into();
    }
    row
}

fn parsed<T: serde::de::DeserializeOwned>(text: Option<&str>) -> Option<T> {
    text.and_then(|it| serde_json::from_str(it).ok())
}

/// Where an upload can be fetched.
fn address(flow: &str, chat: &str, name: &str) -> String {
    let pairs = [("chatflowId", flow), ("chatId", chat), ("fileName", name)];
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{API}/get-upload-file?{query}")
}
