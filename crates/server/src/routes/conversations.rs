//! Conversations of all flows, told without what was said in them.

use axum::{Json, extract::State};
use flowstone_store::{Conversation, ConversationFilter, Page};
use schemars::JsonSchema;
use serde::Serialize;
use ts_rs::TS;

use super::{
    areas::{CHAT_TYPES, RATINGS},
    chatflows::{KINDS, VIEWS},
    flow_view::flow_names,
};
use crate::{
    AppState, Caller, Problem, Query,
    openapi::{Kind, doc},
    problem::Result,
    route::Routes,
    wire::Time,
};

/// Conversations on a page, where the caller does not say.
const PER_PAGE: u64 = 20;
/// The most that a caller may ask for.
const MOST_ON_A_PAGE: u64 = 100;
/// The most words that are looked for: each is looked for in every message.
const MOST_WORDS: usize = 10;

pub(super) fn routes() -> Routes {
    Routes::new().get("/conversations", VIEWS, list).doc(
        doc("List the conversations of all flows")
            .details(
                "Those with the newest message first. What was said in one is told by \
                 `/chatmessage/{id}` with the flow's id, `chatId` and `sessionId`.",
            )
            .query("flowId", Kind::Text, "Only with this flow.")
            .query("type", Kind::Choices(KINDS), "Only with flows of these kinds.")
            .query("q", Kind::Text, "Only with each of these words in them; at most 10.")
            .query("chatType", Kind::Choices(CHAT_TYPES), "Only these chats.")
            .query("feedbackType", Kind::Choices(RATINGS), "Only with this feedback.")
            .query("startDate", Kind::Time, "With a message from then on.")
            .query("endDate", Kind::Time, "With a message until then.")
            .query("page", Kind::Number, "Number of the page, from 1.")
            .query("limit", Kind::Number, "Rows on a page, at most 100; 20 unless said otherwise.")
            .gives::<ConversationList>(),
    )
}

/// A conversation with a flow.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "Conversation")]
#[schemars(rename = "Conversation")]
struct ConversationRow {
    flow_id: String,
    flow_name: String,
    chat_id: String,
    session_id: Option<String>,
    memory_type: Option<String>,
    /// `INTERNAL`, `EXTERNAL` or where else it came from.
    chat_type: String,
    lead_email: Option<String>,
    /// What was asked first, at most 300 characters of it.
    title: Option<String>,
    #[ts(as = "String")]
    created_date: Time,
    /// Time of its newest message.
    #[ts(as = "String")]
    updated_date: Time,
    #[ts(type = "number")]
    message_count: u64,
    /// How often an answer was found good.
    #[ts(type = "number")]
    thumbs_up: u64,
    /// How often one was found bad.
    #[ts(type = "number")]
    thumbs_down: u64,
}

/// A page of conversations.
#[derive(Serialize, JsonSchema, TS)]
#[ts(export)]
struct ConversationList {
    data: Vec<ConversationRow>,
    /// How many there are on all pages.
    #[ts(type = "number")]
    total: u64,
}

async fn list(
    State(state): State<AppState>,
    caller: Caller,
    query: Query,
) -> Result<Json<ConversationList>> {
    let words = query.get("q").unwrap_or_default().split_whitespace().map(str::to_owned);
    let filter = ConversationFilter {
        chatflow_id: query.get("flowId").map(str::to_owned),
        flow_types: query.texts("type"),
        chat_types: query.texts("chatType"),
        ratings: query.texts("feedbackType"),
        words: words.collect(),
        start: query.time("startDate")?,
        end: query.end("endDate")?,
    };
    if filter.words.len() > MOST_WORDS {
        let said = format!("q: {} words; at most {MOST_WORDS} are looked for", filter.words.len());
        return Err(Problem::bad_request(said));
    }
    let (page, limit) = (query.number("page")?.max(1), query.number("limit")?);
    let limit = if limit == 0 { PER_PAGE } else { limit.min(MOST_ON_A_PAGE) };
    let Some(page) = Page::new(page, limit) else {
        return Err(Problem::bad_request("page: the number of a page, from 1, is expected"));
    };
    let (found, total) =
        state.store.messages().list_conversations(&caller.scope, &filter, page).await?;
    let names = flow_names(&state, &caller, found.iter().map(|it| it.chatflow_id.as_str())).await?;
    let row = |it: Conversation| ConversationRow {
        flow_name: names.get(&it.chatflow_id).map(|it| it.0.clone()).unwrap_or_default(),
        flow_id: it.chatflow_id,
        chat_id: it.chat_id,
        session_id: it.session_id,
        memory_type: it.memory_type,
        chat_type: it.chat_type,
        lead_email: it.lead_email,
        title: it.title,
        created_date: it.first_date.into(),
        updated_date: it.last_date.into(),
        message_count: it.messages,
        thumbs_up: it.thumbs_up,
        thumbs_down: it.thumbs_down,
    };
    Ok(Json(ConversationList { data: found.into_iter().map(row).collect(), total }))
}
