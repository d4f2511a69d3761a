//! What was said in the chats of a flow.

use axum::{
    Json,
    extract::{Path, State},
};
use flowstone_store::{MessageFilter, MessageWithFeedback, Order};
use serde_json::{Value, json};

use crate::{
    AppState, Caller, Problem, Query,
    problem::Result,
    route::{Policy, Routes},
    wire::time,
};

/// The routes of this area.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/chatmessage/{id}", Policy::Caller(&[]), list)
        .get("/chatmessage", Policy::Caller(&[]), list_without_id)
        .get("/internal-chatmessage/{id}", Policy::Caller(&[]), list_internal)
        .delete("/chatmessage/{id}", Policy::Caller(&[]), delete)
        .delete("/chatmessage", Policy::Caller(&[]), delete_without_id)
}

async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Json<Vec<Value>>> {
    let filter = filter(&query)?;
    messages(&state, &caller, &id, filter, &query).await
}

/// The chats of our own pages only.
async fn list_internal(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Json<Vec<Value>>> {
    let filter = MessageFilter { chat_types: vec!["INTERNAL".to_owned()], ..filter(&query)? };
    messages(&state, &caller, &id, filter, &query).await
}

/// Whole sessions make a page, so that no conversation is cut in two.
async fn messages(
    state: &AppState,
    caller: &Caller,
    id: &str,
    mut filter: MessageFilter,
    query: &Query,
) -> Result<Json<Vec<Value>>> {
    // Another workspace's flow answers like one that does not exist.
    state.store.chatflows().get(&caller.scope, id).await.map_err(|error| match error {
        flowstone_store::Error::NotFound { .. } => Problem::forbidden("Unauthorized access"),
        other => other.into(),
    })?;
    let order = query.order("order");
    let messages = state.store.messages();
    if let Some(page) = query.page()? {
        let sessions =
            messages.list_sessions(&caller.scope, id, &filter, Order::Descending, Some(page));
        let (sessions, _) = sessions.await?;
        if sessions.is_empty() {
            return Ok(Json(Vec::new()));
        }
        filter.session_ids = sessions;
    }
    let (found, _) = messages.list_with_feedback(&caller.scope, id, &filter, order, None).await?;
    let with_feedback = query.flag("feedback");
    Ok(Json(found.iter().map(|it| row(it, with_feedback)).collect()))
}

async fn list_without_id() -> Problem {
    Problem::missing("Error: chatMessagesController.getAllChatMessages - id not provided!")
}

async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Json<Value>> {
    state.store.chatflows().get(&caller.scope, &id).await.map_err(|error| {
        let problem = Problem::from(error);
        let unknown = format!("Chatflow {id} not found in the database!");
        if problem.status() == axum::http::StatusCode::NOT_FOUND {
            problem.say(unknown)
        } else {
            problem
        }
    })?;
    let affected = state.store.messages().delete(&caller.scope, &id, &filter(&query)?).await?;
    Ok(Json(json!({"raw": [], "affected": affected})))
}

async fn delete_without_id() -> Problem {
    Problem::missing("Error: chatMessagesController.removeAllChatMessages - id not provided!")
}

fn filter(query: &Query) -> Result<MessageFilter> {
    let text = |name: &str| query.get(name).map(str::to_owned);
    Ok(MessageFilter {
        chat_types: texts(query, "chatType"),
        chat_id: text("chatId"),
        memory_type: text("memoryType"),
        session_ids: query.get("sessionId").map(str::to_owned).into_iter().collect(),
        message_id: text("messageId"),
        start: query.time("startDate")?,
        end: query.time("endDate")?,
        ratings: texts(query, "feedbackType"),
    })
}

/// One text, a repeated one, or the JSON text of a list.
fn texts(query: &Query, name: &str) -> Vec<String> {
    let each = query.all(name).flat_map(|value| {
        serde_json::from_str::<Vec<String>>(value).unwrap_or_else(|_| vec![value.to_owned()])
    });
    each.collect()
}

/// A message as clients read it: fields that hold JSON come out as what they say.
fn row(found: &MessageWithFeedback, with_feedback: bool) -> Value {
    let message = &found.message;
    let parsed = |text: &Option<String>| {
        text.as_ref().map_or(Value::Null, |it| {
            serde_json::from_str(it).unwrap_or_else(|_| it.clone().into())
        })
    };
    let mut row = json!({
        "id": message.id,
        "role": message.role,
        "chatflowid": message.chatflow_id,
        "executionId": message.execution_id,
        "content": message.content,
        "sourceDocuments": parsed(&message.source_documents),
        "usedTools": parsed(&message.used_tools),
        "fileAnnotations": parsed(&message.file_annotations),
        "agentReasoning": parsed(&message.agent_reasoning),
        "reasonContent": parsed(&message.reason_content),
        "fileUploads": parsed(&message.file_uploads),
        "artifacts": parsed(&message.artifacts),
        "action": parsed(&message.action),
        "chatType": message.chat_type,
        "chatId": message.chat_id,
        "memoryType": message.memory_type,
        "sessionId": message.session_id,
        "createdDate": time(message.created_date),
        "leadEmail": message.lead_email,
        "followUpPrompts": message.follow_up_prompts,
        "execution": null,
    });
    if with_feedback {
        row["feedback"] = found.feedback.as_ref().map_or(Value::Null, |it| {
            json!({
                "id": it.id,
                "chatflowid": it.chatflow_id,
                "chatId": it.chat_id,
                "messageId": it.message_id,
                "rating": it.rating,
                "content": it.content,
                "createdDate": time(it.created_date),
            })
        });
    }
    row
}
