//! Conversations of all flows of a workspace: what the messages of a chat add up to.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, RelationDef, Select, TryGetableMany,
    sea_query::{
        Expr, ExprTrait, Func, IntoCondition, Order, OverStatement, Query, SimpleExpr,
        WindowStatement,
    },
};

use crate::{
    ChatMessage, Error, Feedback, Messages, Page, Result, WorkspaceScope,
    entities::{
        chat_flow,
        chat_message::{Column, Entity},
        chat_message_feedback as feedback,
    },
    query::{self, Table},
};

/// So much of the first question is told, in characters.
const TITLE: i32 = 300;

/// The messages of one flow with the same chat, session and memory, as a list tells of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The flow.
    pub chatflow_id: String,
    /// The chat.
    pub chat_id: String,
    /// The session of the memory.
    pub session_id: Option<String>,
    /// The kind of memory.
    pub memory_type: Option<String>,
    /// `INTERNAL`, `EXTERNAL`, …
    pub chat_type: String,
    /// Address of the lead who speaks.
    pub lead_email: Option<String>,
    /// What was asked first, cut.
    pub title: Option<String>,
    /// When it began.
    pub first_date: DateTime<Utc>,
    /// When the last message was said.
    pub last_date: DateTime<Utc>,
    /// How many messages there are.
    pub messages: u64,
    /// How often an answer was found good.
    pub thumbs_up: u64,
    /// How often one was found bad.
    pub thumbs_down: u64,
}

/// Which conversations a list holds: those for which everything holds that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// Of this flow.
    pub chatflow_id: Option<String>,
    /// Of flows of one of these types; of any, where there is none.
    pub flow_types: Vec<String>,
    /// One of these kinds of chat (`INTERNAL`, `EXTERNAL`, …); any if there is none.
    pub chat_types: Vec<String>,
    /// With an answer that somebody gave one of these ratings; any or none if there is none.
    pub ratings: Vec<String>,
    /// With each of these in what was said, in its ids or in its lead's address, whatever its case.
    pub words: Vec<String>,
    /// With a message from this time on.
    pub start: Option<DateTime<Utc>>,
    /// With a message until this time; one that fits both.
    pub end: Option<DateTime<Utc>>,
}

/// What makes messages one conversation: flow, chat, session and memory.
type Key = (String, String, Option<String>, Option<String>);
/// The row of a conversation: its key, kind of chat, lead, first and last date, and its messages.
type Row = (
    String,
    String,
    Option<String>,
    Option<String>,
    String,
    Option<String>,
    DateTime<Utc>,
    DateTime<Utc>,
    i64,
);

/// The first question of a conversation: its key and the question.
type Titled = (String, String, Option<String>, Option<String>, Option<String>);

/// How often a conversation was given a rating: its key, the rating, the times.
type Rated = (String, String, Option<String>, Option<String>, Option<String>, i64);

impl Messages<'_> {
    /// Conversations of all flows of the scope, those with the newest message first, and how many
    /// there are in all.
    pub async fn list_conversations(
        &self,
        scope: &WorkspaceScope,
        filter: &ConversationFilter,
        page: Page,
    ) -> Result<(Vec<Conversation>, u64)> {
        let groups = filter.groups(scope);
        let total = groups.clone().count(self.0.reader()).await.map_err(failed)?;
        let newest = groups
            .order_by_desc(Column::CreatedDate.max())
            .order_by_desc(Column::ChatId)
            .order_by_desc(Column::ChatflowId);
        let rows: Vec<Row> = query::in_page(newest, Some(page))
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        let chats: Vec<&str> = rows.iter().map(|it| it.1.as_str()).collect();
        let ratings = self.ratings(scope, &chats).await?;
        let mut titles = self.titles(scope, &chats).await?;
        let mut conversations = Vec::with_capacity(rows.len());
        for (flow, chat, session, memory, chat_type, lead_email, first, last, messages) in rows {
            let key = (flow, chat, session, memory);
            let title = titles.remove(&key).flatten();
            let (thumbs_up, thumbs_down) = ratings.get(&key).copied().unwrap_or_default();
            let (chatflow_id, chat_id, session_id, memory_type) = key;
            conversations.push(Conversation {
                chatflow_id,
                chat_id,
                session_id,
                memory_type,
                chat_type,
                lead_email,
                title,
                first_date: first,
                last_date: last,
                messages: messages.unsigned_abs(),
                thumbs_up,
                thumbs_down,
            });
        }
        Ok((conversations, total))
    }

    /// What was asked first in the conversations of these chats, cut.
    async fn titles(
        &self,
        scope: &WorkspaceScope,
        chats: &[&str],
    ) -> Result<HashMap<Key, Option<String>>> {
        const KEY: [Column; 4] =
            [Column::ChatflowId, Column::ChatId, Column::SessionId, Column::MemoryType];
        let beginning = Func::cust("SUBSTR").arg(Expr::col(Column::Content)).arg(1).arg(TITLE);
        let in_conversation = WindowStatement::new()
            .partition_by_columns(KEY)
            .order_by(Column::CreatedDate, Order::Asc)
            .order_by(Column::Id, Order::Asc)
            .to_owned();
        let questions = Query::select()
            .columns(KEY)
            .expr_as(beginning, "title")
            .expr_window_as(Func::cust("ROW_NUMBER"), in_conversation, "place")
            .from(Entity)
            .and_where(Entity::in_scope(scope))
            .and_where(Column::ChatId.is_in(chats.iter().copied()))
            .and_where(Column::Role.eq(ChatMessage::USER))
            .to_owned();
        let first = Query::select()
            .columns(KEY)
            .column("title")
            .from_subquery(questions, "questions")
            .and_where(Expr::col("place").eq(1))
            .to_owned();
        let rows = self.0.reader().query_all(&first).await.map_err(failed)?;
        let mut titles = HashMap::with_capacity(rows.len());
        for row in rows {
            let (flow, chat, session, memory, title): Titled =
                TryGetableMany::try_get_many_by_index(&row).map_err(|it| failed(it.into()))?;
            titles.insert((flow, chat, session, memory), title);
        }
        Ok(titles)
    }

    /// How often answers of these chats were found good, and bad.
    async fn ratings(
        &self,
        scope: &WorkspaceScope,
        chats: &[&str],
    ) -> Result<HashMap<Key, (u64, u64)>> {
        let of_message: RelationDef = Entity::belongs_to(feedback::Entity)
            .from(Column::Id)
            .to(feedback::Column::MessageId)
            .into();
        let rated: Vec<Rated> = by_conversation(Entity::find())
            .join(JoinType::InnerJoin, of_message)
            .column(feedback::Column::Rating)
            .column_as(feedback::Column::Id.count(), "times")
            .filter(Entity::in_scope(scope))
            .filter(Column::ChatId.is_in(chats.iter().copied()))
            .group_by(feedback::Column::Rating)
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        let mut ratings: HashMap<Key, (u64, u64)> = HashMap::new();
        for (flow, chat, session, memory, rating, times) in rated {
            let (up, down) = ratings.entry((flow, chat, session, memory)).or_default();
            match rating.as_deref() {
                Some(Feedback::THUMBS_UP) => *up += times.unsigned_abs(),
                Some(Feedback::THUMBS_DOWN) => *down += times.unsigned_abs(),
                _ => {}
            }
        }
        Ok(ratings)
    }
}

impl ConversationFilter {
    /// One row for each conversation.
    fn groups(&self, scope: &WorkspaceScope) -> Select<Entity> {
        let mut messages = Entity::find().filter(Entity::in_scope(scope)).filter(
            Condition::all()
                .add_option(self.chatflow_id.as_ref().map(|it| Column::ChatflowId.eq(it))),
        );
        if !self.flow_types.is_empty() {
            let flows = Query::select()
                .column(chat_flow::Column::Id)
                .from(chat_flow::Entity)
                .and_where(chat_flow::Column::FlowType.is_in(&self.flow_types))
                .to_owned();
            messages = messages.filter(Column::ChatflowId.in_subquery(flows));
        }
        if !self.chat_types.is_empty() {
            messages = messages.filter(Column::ChatType.is_in(&self.chat_types));
        }
        let mut groups = by_conversation(messages)
            .column_as(Column::ChatType.min(), "kind")
            .column_as(Column::LeadEmail.max(), "lead")
            .column_as(Column::CreatedDate.min(), "first")
            .column_as(Column::CreatedDate.max(), "last")
            .column_as(Column::Id.count(), "messages");
        // Conversations fit as a whole: what is counted in one is not what was looked for.
        if self.start.is_some() || self.end.is_some() {
            let within = query::between(Column::CreatedDate, self.start, self.end);
            groups = groups.having(some_message(within));
        }
        if !self.ratings.is_empty() {
            let rated = Query::select()
                .column(feedback::Column::MessageId)
                .from(feedback::Entity)
                .and_where(feedback::Entity::in_scope(scope))
                .and_where(feedback::Column::Rating.is_in(&self.ratings))
                .to_owned();
            groups = groups.having(some_message(Column::Id.in_subquery(rated)));
        }
        for word in &self.words {
            let places = [Column::Content, Column::ChatId, Column::SessionId, Column::LeadEmail];
            let said = places.map(|column| query::holds_in_any_case(column, word));
            groups = groups
                .having(some_message(said.into_iter().fold(Condition::any(), Condition::add)));
        }
        groups
    }
}

/// The messages, grouped to conversations, of which the key is selected.
fn by_conversation(messages: Select<Entity>) -> Select<Entity> {
    let key = [Column::ChatflowId, Column::ChatId, Column::SessionId, Column::MemoryType];
    key.into_iter().fold(messages.select_only().columns(key), QuerySelect::group_by)
}

/// Holds for a conversation in which `condition` holds for a message.
fn some_message(condition: impl IntoCondition) -> SimpleExpr {
    let holds = Expr::case(condition, 1).finally(0);
    Expr::expr(Func::max(holds)).eq(1)
}

fn failed(error: DbErr) -> Error {
    Error::database(Entity::WHAT, error)
}
