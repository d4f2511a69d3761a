//! What was said in the chats of a flow.

use axum::{
    Json,
    extract::{Path, State},
};
use flowstone_core::{FilePlace, Run};
use flowstone_engine::FlowSource;
use flowstone_store::{ChatFlow, MessageFilter, MessageWithFeedback, Order};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{
    AppState, Caller, Problem, Query, files,
    openapi::{Doc, Kind, doc},
    problem::Result,
    route::{Policy, Routes},
    routes::{
        areas::{CHAT_TYPES, RATINGS},
        feedback::FeedbackRow,
    },
    wire::{Affected, Time},
};

/// The routes of this area.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/chatmessage/{id}", Policy::Caller(&[]), list)
        .doc(
            filtered(doc("List a flow's messages"))
                .query(
                    "order",
                    Kind::Choice(&["ASC", "DESC"]),
                    "By time; `ASC` unless said otherwise.",
                )
                .query("feedback", Kind::Flag, "With what people thought of them.")
                .query("page", Kind::Number, "Number of the page, from 1; with `limit`.")
                .query("limit", Kind::Number, "Sessions on a page; with `page`.")
                .gives::<Vec<MessageRow>>()
                .problem(403),
        )
        .get("/chatmessage", Policy::Caller(&[]), list_without_id)
        .doc(Doc::hidden("says that the flow's id is missing"))
        .get("/internal-chatmessage/{id}", Policy::Caller(&[]), list_internal)
        .doc(
            filtered(doc("List the messages of our own pages"))
                .query(
                    "order",
                    Kind::Choice(&["ASC", "DESC"]),
                    "By time; `ASC` unless said otherwise.",
                )
                .query("feedback", Kind::Flag, "With what people thought of them.")
                .gives::<Vec<MessageRow>>()
                .problem(403),
        )
        .delete("/chatmessage/{id}", Policy::Caller(&[]), delete)
        .doc(
            filtered(doc("Delete a flow's messages"))
                .query(
                    "hardDelete",
                    Kind::Flag,
                    "Lets memories that keep conversations elsewhere, such as in Redis, forget them too.",
                )
                .gives::<Affected>(),
        )
        .delete("/chatmessage", Policy::Caller(&[]), delete_without_id)
        .doc(Doc::hidden("says that the flow's id is missing"))
}

async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Json<Vec<MessageRow>>> {
    let filter = filter(&query)?;
    messages(&state, &caller, &id, filter, &query).await
}

/// The chats of our own pages only.
async fn list_internal(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Json<Vec<MessageRow>>> {
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
) -> Result<Json<Vec<MessageRow>>> {
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
    Ok(Json(found.into_iter().map(|it| MessageRow::new(it, with_feedback)).collect()))
}

async fn list_without_id() -> Problem {
    Problem::missing("Error: chatMessagesController.getAllChatMessages - id not provided!")
}

async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> Result<Json<Affected>> {
    let flow = state.store.chatflows().get(&caller.scope, &id).await.map_err(|error| {
        let problem = Problem::from(error);
        let unknown = format!("Chatflow {id} not found in the database!");
        if problem.status() == axum::http::StatusCode::NOT_FOUND {
            problem.say(unknown)
        } else {
            problem
        }
    })?;
    let filter = filter(&query)?;
    if query.flag("hardDelete") {
        forget(&state, &caller, &flow, &filter).await?;
    }
    let messages = state.store.messages();
    let chats = messages.chats(&caller.scope, &id, &filter).await?;
    let affected = messages.delete(&caller.scope, &id, &filter).await?;
    // Files belong to a chat, so they go with its last message.
    let left = MessageFilter::default();
    let left = if chats.is_empty() {
        Vec::new()
    } else {
        messages.chats(&caller.scope, &id, &left).await?
    };
    for chat in chats.iter().filter(|it| !left.contains(it)) {
        let workspace = caller.scope.workspace_id();
        files::remove_all(&state, FilePlace::Chat { workspace, flow: &id, chat }).await;
    }
    Ok(Affected::rows(affected))
}

/// Lets the flow's memories forget the conversations of the messages that are deleted, also where
/// they keep them elsewhere. What they cannot forget now stays, with its messages.
async fn forget(
    state: &AppState,
    caller: &Caller,
    flow: &ChatFlow,
    filter: &MessageFilter,
) -> Result<()> {
    let source = FlowSource {
        id: &flow.id,
        revision: flow.revision,
        workspace: &flow.workspace_id,
        data: &flow.flow_data,
    };
    let memories = state.engine.memories(source).await?;
    if memories.is_empty() {
        return Ok(());
    }
    let messages = state.store.messages();
    let order = Order::Descending;
    let (sessions, _) =
        messages.list_sessions(&caller.scope, &flow.id, filter, order, None).await?;
    for session in sessions {
        let run = Run {
            workspace: flow.workspace_id.clone(),
            flow_id: flow.id.clone(),
            chat_id: session.clone(),
            session_id: session,
            ..Run::new(state.engine.services().clone())
        };
        for memory in &memories {
            memory.clear(&run).await?;
        }
    }
    Ok(())
}

async fn delete_without_id() -> Problem {
    Problem::missing("Error: chatMessagesController.removeAllChatMessages - id not provided!")
}

fn filter(query: &Query) -> Result<MessageFilter> {
    let text = |name: &str| query.get(name).map(str::to_owned);
    Ok(MessageFilter {
        chat_types: query.texts("chatType"),
        chat_id: text("chatId"),
        memory_type: text("memoryType"),
        session_ids: query.get("sessionId").map(str::to_owned).into_iter().collect(),
        message_id: text("messageId"),
        start: query.time("startDate")?,
        end: query.end("endDate")?,
        ratings: query.texts("feedbackType"),
    })
}

/// A message as clients read it: fields that hold JSON come out as what they say.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ChatMessage")]
#[expect(clippy::option_option, reason = "outside: whether it was asked for; inside: what")]
struct MessageRow {
    id: String,
    /// `userMessage` or `apiMessage`.
    role: String,
    chatflowid: String,
    execution_id: Option<String>,
    content: String,
    source_documents: Value,
    used_tools: Value,
    file_annotations: Value,
    agent_reasoning: Value,
    reason_content: Value,
    file_uploads: Value,
    artifacts: Value,
    action: Value,
    chat_type: String,
    chat_id: String,
    memory_type: Option<String>,
    session_id: Option<String>,
    created_date: Time,
    lead_email: Option<String>,
    follow_up_prompts: Option<String>,
    /// Always `null` here.
    execution: (),
    /// What somebody thought of it, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FeedbackRow>")]
    feedback: Option<Option<FeedbackRow>>,
}

impl MessageRow {
    fn new(found: MessageWithFeedback, with_feedback: bool) -> Self {
        let MessageWithFeedback { message, feedback } = found;
        let parsed = |text: Option<String>| {
            text.map_or(Value::Null, |it| serde_json::from_str(&it).unwrap_or(Value::String(it)))
        };
        Self {
            id: message.id,
            role: message.role,
            chatflowid: message.chatflow_id,
            execution_id: message.execution_id,
            content: message.content,
            source_documents: parsed(message.source_documents),
            used_tools: parsed(message.used_tools),
            file_annotations: parsed(message.file_annotations),
            agent_reasoning: parsed(message.agent_reasoning),
            reason_content: parsed(message.reason_content),
            file_uploads: parsed(message.file_uploads),
            artifacts: parsed(message.artifacts),
            action: parsed(message.action),
            chat_type: message.chat_type,
            chat_id: message.chat_id,
            memory_type: message.memory_type,
            session_id: message.session_id,
            created_date: message.created_date.into(),
            lead_email: message.lead_email,
            follow_up_prompts: message.follow_up_prompts,
            execution: (),
            feedback: with_feedback.then(|| feedback.map(FeedbackRow::from)),
        }
    }
}

/// The parameters that choose messages.
fn filtered(doc: Doc) -> Doc {
    doc.query("chatType", Kind::Choices(CHAT_TYPES), "Only of these chats.")
        .query("chatId", Kind::Text, "Only of this chat.")
        .query("sessionId", Kind::Text, "Only of this conversation.")
        .query("memoryType", Kind::Text, "Only those kept by a memory with this label.")
        .query("messageId", Kind::Text, "Only this one.")
        .query("feedbackType", Kind::Choices(RATINGS), "Only with this feedback.")
        .query("startDate", Kind::Time, "From then on.")
        .query("endDate", Kind::Time, "Until then.")
}
