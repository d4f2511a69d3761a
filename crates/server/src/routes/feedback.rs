//! What people think of answers.

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use chrono::Utc;
use flowstone_store::{
    ChatFlow, Error as StoreError, Feedback, FeedbackFilter, FeedbackPatch, WorkspaceScope,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::flow_view::missing;
use crate::{
    AppState, Body, Problem, Query,
    auth::ClientAddress,
    openapi::{Doc, Kind, doc},
    prediction,
    problem::Result,
    route::{Policy, Routes},
    wire::{self, Time},
};

/// Longest comment, in characters.
const LONGEST: usize = 10_000;

pub(super) fn routes() -> Routes {
    Routes::new()
        .post(
            "/feedback",
            Policy::Anonymous("the message must be of the chat that is named"),
            create,
        )
        .doc(
            doc("Say what one thinks of an answer")
                .takes::<FeedbackForm>()
                .gives::<FeedbackRow>()
                .problem(404),
        )
        .post(
            "/feedback/{id}",
            Policy::Anonymous("the message must be of the chat that is named"),
            create,
        )
        .doc(Doc::hidden("the same with the flow's id, as existing chat windows call it"))
        .get(
            "/feedback/{id}",
            Policy::Anonymous("chat windows show it; the flow's id must be known"),
            list,
        )
        .doc(
            doc("List the feedback on a flow")
                .query("chatId", Kind::Text, "Only of this chat.")
                .query(
                    "order",
                    Kind::Choice(&["ASC", "DESC"]),
                    "By time; `ASC` unless said otherwise.",
                )
                .query("startDate", Kind::Time, "From then on.")
                .query("endDate", Kind::Time, "Until then.")
                .gives::<Vec<FeedbackRow>>(),
        )
        .put("/feedback/{id}", Policy::Anonymous("the feedback's id must be known"), update)
        .doc(doc("Change feedback").takes::<FeedbackForm>().gives::<Done>())
}

/// What somebody thought of an answer.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "Feedback")]
#[schemars(rename = "Feedback")]
pub(super) struct FeedbackRow {
    id: String,
    chatflowid: String,
    chat_id: String,
    message_id: String,
    rating: Option<String>,
    content: Option<String>,
    #[ts(as = "String")]
    created_date: Time,
}

impl From<Feedback> for FeedbackRow {
    fn from(feedback: Feedback) -> Self {
        Self {
            id: feedback.id,
            chatflowid: feedback.chatflow_id,
            chat_id: feedback.chat_id,
            message_id: feedback.message_id,
            rating: feedback.rating,
            content: feedback.content,
            created_date: feedback.created_date.into(),
        }
    }
}

/// What a chat window sends.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::option_option, reason = "outside: whether to write; inside: what")]
struct FeedbackForm {
    chatflowid: Option<String>,
    chat_id: Option<String>,
    message_id: Option<String>,
    #[serde(default, deserialize_with = "wire::given")]
    rating: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::given")]
    content: Option<Option<String>>,
}

impl FeedbackForm {
    fn check(&self) -> Result<()> {
        let rating = self.rating.as_ref().and_then(Option::as_deref).filter(|it| !it.is_empty());
        if rating.is_some_and(|it| it != Feedback::THUMBS_UP && it != Feedback::THUMBS_DOWN) {
            return Err(Problem::bad_request("rating: THUMBS_UP or THUMBS_DOWN is expected"));
        }
        let content = self.content.as_ref().and_then(Option::as_deref).unwrap_or_default();
        if content.chars().count() > LONGEST {
            return Err(Problem::bad_request(format!(
                "content: at most {LONGEST} characters are kept"
            )));
        }
        Ok(())
    }
}

async fn create(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(form): Body<FeedbackForm>,
) -> Result<Json<FeedbackRow>> {
    let needed = |value: &Option<String>, message| {
        value.clone().filter(|it| !it.is_empty()).ok_or_else(|| Problem::bad_request(message))
    };
    let message_id = needed(&form.message_id, "Message ID is required")?;
    let chatflow_id = needed(&form.chatflowid, "Chatflow ID is required")?;
    let chat_id = needed(&form.chat_id, "Chat ID is required")?;
    form.check()?;
    let scope = scope(&flow(&state, &chatflow_id).await?);
    prediction::admit(&state, &chatflow_id, "feedback", address).await?;
    let unknown = || Problem::not_found(format!("Message with ID {message_id} not found"));
    let message = match state.store.messages().get(&scope, &message_id).await {
        Ok(message) if message.chatflow_id == chatflow_id => message,
        Ok(_) | Err(StoreError::NotFound { .. }) => return Err(unknown()),
        Err(error) => return Err(error.into()),
    };
    if message.chat_id != chat_id {
        return Err(Problem::bad_request(format!(
            "Inconsistent chat ID: message with ID {message_id} does not belong to chat with ID {chat_id}"
        )));
    }
    let feedback = Feedback {
        id: Uuid::new_v4().to_string(),
        chatflow_id,
        chat_id,
        message_id,
        rating: form.rating.flatten(),
        content: form.content.flatten(),
        created_date: Utc::now(),
    };
    state.store.feedback().insert(&scope, &feedback).await?;
    Ok(Json(feedback.into()))
}

/// The feedback on the flow `id`; none where there is no such flow.
async fn list(
    State(state): State<AppState>,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response> {
    let scope = match state.store.chatflows().get_for_anyone(&id).await {
        Ok(flow) => scope(&flow),
        Err(StoreError::NotFound { .. }) => {
            return Ok(wire::list(Vec::<FeedbackRow>::new(), 0, None));
        }
        Err(error) => return Err(error.into()),
    };
    let order = if query.get("sortOrder").is_some() { "sortOrder" } else { "order" };
    let filter = FeedbackFilter {
        chat_id: query.get("chatId").map(str::to_owned),
        start: query.time("startDate")?,
        end: query.end("endDate")?,
        order: query.order(order),
    };
    let (rows, total) = state.store.feedback().list(&scope, &id, &filter, None).await?;
    Ok(wire::list(rows.into_iter().map(FeedbackRow::from).collect(), total, None))
}

/// That it was done.
#[derive(Serialize, JsonSchema)]
struct Done {
    /// Always `OK`.
    status: &'static str,
}

async fn update(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Body(form): Body<FeedbackForm>,
) -> Result<Json<Done>> {
    form.check()?;
    let feedback =
        state.store.feedback().get_for_anyone(&id).await.map_err(|error| match error {
            StoreError::NotFound { .. } => {
                Problem::not_found(format!("Feedback with ID {id} not found"))
            }
            other => other.into(),
        })?;
    let scope = scope(&flow(&state, &feedback.chatflow_id).await?);
    let patch = FeedbackPatch { rating: form.rating, content: form.content };
    state.store.feedback().update(&scope, &id, patch).await?;
    Ok(Json(Done { status: "OK" }))
}

async fn flow(state: &AppState, id: &str) -> Result<ChatFlow> {
    state.store.chatflows().get_for_anyone(id).await.map_err(|error| missing(error, id))
}

fn scope(flow: &ChatFlow) -> WorkspaceScope {
    WorkspaceScope::new(flow.workspace_id.clone())
}
