//! What was said in chats.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Func, Query, UnionType},
};

use crate::{
    Error, Feedback, MessageFilter, Order, Page, Result, Store, WorkspaceScope,
    entities::{
        chat_flow,
        chat_message::{ActiveModel, Column, Entity, Model},
        chat_message_feedback as feedback, flow_checkpoint,
    },
    query::{self, Table, commit},
};

/// Longest chat id and session id, in characters: what an index of MySQL takes.
const ID_LIMIT: usize = 255;

/// Messages that go together most often: a question and its answer.
const EXCHANGE: usize = 2;

/// Most ids in one `IN (…)`; databases limit the number of bound values.
const IDS_PER_QUERY: usize = 500;

/// A message of a chat. Fields that hold JSON are kept as the text that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    /// Id.
    pub id: String,
    /// [`ChatMessage::USER`] or [`ChatMessage::API`].
    pub role: String,
    /// The flow.
    pub chatflow_id: String,
    /// The run of an agentflow that it belongs to.
    pub execution_id: Option<String>,
    /// What was said.
    pub content: String,
    /// Documents that the answer is drawn from, as JSON.
    pub source_documents: Option<String>,
    /// Tools that were called for the answer, as JSON.
    pub used_tools: Option<String>,
    /// Files that the model pointed to, as JSON.
    pub file_annotations: Option<String>,
    /// The steps of the agents, as JSON.
    pub agent_reasoning: Option<String>,
    /// What a reasoning model thought, as JSON.
    pub reason_content: Option<String>,
    /// Files that came with the question, as JSON.
    pub file_uploads: Option<String>,
    /// Files that the answer made, as JSON.
    pub artifacts: Option<String>,
    /// What the person is asked to decide, as JSON.
    pub action: Option<String>,
    /// `INTERNAL`, `EXTERNAL`, …
    pub chat_type: String,
    /// The chat; at most 255 characters.
    pub chat_id: String,
    /// The kind of memory that the flow has.
    pub memory_type: Option<String>,
    /// The session of the memory, most often the chat's id; at most 255 characters.
    pub session_id: Option<String>,
    /// When it was said.
    pub created_date: DateTime<Utc>,
    /// Address of the lead who said it.
    pub lead_email: Option<String>,
    /// Follow-up questions to offer, as JSON.
    pub follow_up_prompts: Option<String>,
}

impl ChatMessage {
    /// The role of whoever asks.
    pub const USER: &'static str = "userMessage";
    /// The role of the flow that answers.
    pub const API: &'static str = "apiMessage";
}

/// A message and what was thought of it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageWithFeedback {
    /// The message.
    pub message: ChatMessage,
    /// The newest feedback on it, if any.
    pub feedback: Option<Feedback>,
}

/// Numbers about the messages of a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageStatistics {
    /// Messages, each as often as there is feedback on it, and once where there is none: so
    /// clients know the number.
    pub messages: u64,
    /// Sessions they belong to.
    pub sessions: u64,
    /// Feedback on them.
    pub feedback: u64,
    /// Feedback that says an answer was good.
    pub positive_feedback: u64,
}

/// The messages; see [`Store::messages`].
#[derive(Debug)]
pub struct Messages<'a>(pub(crate) &'a Store);

impl Messages<'_> {
    /// One message.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<ChatMessage> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// The messages of a flow and how many there are in all; none for a flow outside the scope.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        filter: &MessageFilter,
        order: Order,
        page: Option<Page>,
    ) -> Result<(Vec<ChatMessage>, u64)> {
        let messages = in_order(select(scope, chatflow_id, filter), order);
        query::list(self.0.reader(), messages, page).await
    }

    /// Like [`Messages::list`], with the newest feedback on each message.
    pub async fn list_with_feedback(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        filter: &MessageFilter,
        order: Order,
        page: Option<Page>,
    ) -> Result<(Vec<MessageWithFeedback>, u64)> {
        let (messages, total) = self.list(scope, chatflow_id, filter, order, page).await?;
        let ids: Vec<&str> = messages.iter().map(|it| it.id.as_str()).collect();
        let mut newest: HashMap<String, Feedback> = HashMap::new();
        for ids in ids.chunks(IDS_PER_QUERY) {
            let rows = feedback::Entity::find()
                .filter(feedback::Column::MessageId.is_in(ids.iter().copied()))
                .order_by_asc(feedback::Column::CreatedDate)
                .order_by_asc(feedback::Column::Id)
                .all(self.0.reader())
                .await
                .map_err(failed)?;
            newest.extend(rows.into_iter().map(|it| (it.message_id.clone(), it.into())));
        }
        let messages = messages.into_iter().map(|message| {
            let feedback = newest.remove(&message.id);
            MessageWithFeedback { message, feedback }
        });
        Ok((messages.collect(), total))
    }

    /// The sessions that messages of a flow belong to, ordered by their last message, and how many
    /// there are in all. `GET /chatmessage` pages over these: find a page of sessions, then list
    /// their messages with [`MessageFilter::session_ids`].
    pub async fn list_sessions(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        filter: &MessageFilter,
        order: Order,
        page: Option<Page>,
    ) -> Result<(Vec<String>, u64)> {
        let last = Func::max(Expr::col(Column::CreatedDate));
        let order: sea_orm::Order = order.into();
        let sessions = select(scope, chatflow_id, filter)
            .filter(Column::SessionId.is_not_null())
            .select_only()
            .column(Column::SessionId)
            .group_by(Column::SessionId)
            .order_by(last, order.clone())
            .order_by(Column::SessionId, order);
        let ids: Vec<String> = query::in_page(sessions, page)
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        let total = match page {
            Some(_) => self.statistics(scope, chatflow_id, filter).await?.sessions,
            None => ids.len() as u64,
        };
        Ok((ids, total))
    }

    /// The chats that messages of a flow belong to, sorted.
    pub async fn chats(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        filter: &MessageFilter,
    ) -> Result<Vec<String>> {
        let chats = select(scope, chatflow_id, filter).select_only().column(Column::ChatId);
        let chats = chats.distinct().order_by(Column::ChatId, sea_orm::Order::Asc);
        chats.into_tuple().all(self.0.reader()).await.map_err(failed)
    }

    /// What a memory remembers: the last `limit` messages of a session (all, if `None`), the
    /// oldest first.
    pub async fn history(
        &self,
        scope: &WorkspaceScope,
        session_id: &str,
        chatflow_id: &str,
        limit: Option<u64>,
    ) -> Result<Vec<ChatMessage>> {
        let messages = select(scope, chatflow_id, &MessageFilter::session(session_id));
        let mut newest = in_order(messages, Order::Descending);
        if let Some(limit) = limit {
            newest = newest.limit(limit);
        }
        let rows = newest.all(self.0.reader()).await.map_err(failed)?;
        Ok(rows.into_iter().rev().map(Into::into).collect())
    }

    /// Numbers about the messages of a flow; all 0 for a flow outside the scope.
    pub async fn statistics(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        filter: &MessageFilter,
    ) -> Result<MessageStatistics> {
        let messages = Entity::find().filter(filter.condition(scope, chatflow_id));
        let counts: Option<(i64, i64)> = messages
            .select_only()
            .column_as(Column::Id.count(), "messages")
            .column_as(Expr::col(Column::SessionId).count_distinct(), "sessions")
            .into_tuple()
            .one(self.0.reader())
            .await
            .map_err(failed)?;
        let ids = Query::select()
            .column(Column::Id)
            .from(Entity)
            .cond_where(filter.condition(scope, chatflow_id))
            .to_owned();
        let feedback =
            feedback::Entity::find().filter(feedback::Column::MessageId.in_subquery(ids));
        let positive = feedback.clone().filter(feedback::Column::Rating.eq(Feedback::THUMBS_UP));
        let (messages, sessions) = counts.unwrap_or_default();
        let opinions: Option<(i64, i64)> = feedback
            .select_only()
            .column_as(feedback::Column::Id.count(), "feedback")
            .column_as(Expr::col(feedback::Column::MessageId).count_distinct(), "rated")
            .into_tuple()
            .one(self.0.reader())
            .await
            .map_err(failed)?;
        let (feedback, rated) = opinions.unwrap_or_default();
        Ok(MessageStatistics {
            messages: (messages + feedback - rated).unsigned_abs(),
            sessions: sessions.unsigned_abs(),
            feedback: feedback.unsigned_abs(),
            positive_feedback: positive.count(self.0.reader()).await.map_err(failed)?,
        })
    }

    /// The last answer of a run of an agentflow.
    pub async fn last_of_execution(
        &self,
        scope: &WorkspaceScope,
        execution_id: &str,
    ) -> Result<Option<ChatMessage>> {
        let said = Entity::find()
            .filter(Entity::in_scope(scope))
            .filter(Column::ExecutionId.eq(execution_id))
            .filter(Column::Role.eq(ChatMessage::API));
        let last = in_order(said, Order::Descending).limit(1);
        Ok(last.one(self.0.reader()).await.map_err(failed)?.map(Into::into))
    }

    /// Adds messages, most often a question and its answer, to flows of the scope: all or nothing.
    /// An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, messages: &[ChatMessage]) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        for message in messages {
            check_length("chat id", &message.chat_id)?;
            check_length("session id", message.session_id.as_deref().unwrap_or_default())?;
        }
        let rows: Vec<_> = messages.iter().map(|it| Model::from(it).into_active_model()).collect();
        for row in &rows {
            query::check_texts(Entity::WHAT, row)?;
        }
        let mut flows: Vec<&str> = messages.iter().map(|it| it.chatflow_id.as_str()).collect();
        flows.dedup();
        if let ([flow], ..=EXCHANGE) = (flows.as_slice(), rows.len()) {
            return self.insert_exchange(scope, flow, &rows).await;
        }
        for flow in flows {
            // A flow that is deleted after this takes the foreign key of its messages with it.
            query::require::<chat_flow::Entity>(self.0.reader(), scope, flow).await?;
        }
        if rows.len() <= IDS_PER_QUERY {
            let insert = Entity::insert_many(rows);
            insert.exec_without_returning(self.0.writer()).await.map_err(failed)?;
            return Ok(());
        }
        // 20 columns each, and PostgreSQL takes 65,535 values in a statement, SQLite 32,766.
        let transaction = self.0.begin().await?;
        for rows in rows.chunks(IDS_PER_QUERY) {
            let insert = Entity::insert_many(rows.to_vec());
            insert.exec_without_returning(&transaction).await.map_err(failed)?;
        }
        commit(transaction).await
    }

    /// Adds messages of one flow, which must be in the scope, by one statement: one transaction, and
    /// one turn of SQLite's writer.
    async fn insert_exchange(
        &self,
        scope: &WorkspaceScope,
        flow: &str,
        rows: &[ActiveModel],
    ) -> Result<()> {
        let row = |row: &ActiveModel| {
            let values = Column::iter().filter_map(|it| row.get(it).into_value()).map(Expr::value);
            Query::select()
                .exprs(values)
                .from(chat_flow::Entity)
                .and_where(chat_flow::Column::Id.eq(flow))
                .and_where(chat_flow::Entity::in_scope(scope))
                .to_owned()
        };
        let Some((first, others)) = rows.split_first() else { return Ok(()) };
        let mut all = row(first);
        for other in others {
            all.union(UnionType::All, row(other));
        }
        let mut insert = Query::insert();
        insert
            .into_table(Entity)
            .columns(Column::iter())
            .select_from(all)
            .map_err(Error::internal)?;
        let inserted = self.0.writer().execute(&insert).await.map_err(failed)?;
        if inserted.rows_affected() == rows.len() as u64 {
            Ok(())
        } else {
            Err(Error::not_found(chat_flow::Entity::WHAT, flow))
        }
    }

    /// Deletes messages of a flow, and the feedback on them; how many messages there were.
    pub async fn delete(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        filter: &MessageFilter,
    ) -> Result<u64> {
        let transaction = self.0.begin().await?;
        // What is forgotten of a conversation is forgotten by the flow as well.
        let sessions = Query::select()
            .column(Column::SessionId)
            .from(Entity)
            .cond_where(filter.condition(scope, chatflow_id))
            .to_owned();
        flow_checkpoint::Entity::delete_many()
            .filter(flow_checkpoint::Column::ChatflowId.eq(chatflow_id))
            .filter(flow_checkpoint::Entity::in_scope(scope))
            .filter(flow_checkpoint::Column::ThreadId.in_subquery(sessions))
            .exec(&transaction)
            .await
            .map_err(failed)?;
        // The foreign key of the feedback cascades.
        let messages = Entity::delete_many().filter(filter.condition(scope, chatflow_id));
        let deleted = messages.exec(&transaction).await.map_err(failed)?.rows_affected;
        query::commit(transaction).await?;
        Ok(deleted)
    }
}

fn select(scope: &WorkspaceScope, chatflow_id: &str, filter: &MessageFilter) -> Select<Entity> {
    Entity::find().filter(filter.condition(scope, chatflow_id))
}

/// By time. Within the same millisecond a question comes before its answer (`userMessage` sorts
/// after `apiMessage`), as the ids of messages are random and say nothing.
fn in_order(messages: Select<Entity>, order: Order) -> Select<Entity> {
    let (time, role) = match order {
        Order::Ascending => (sea_orm::Order::Asc, sea_orm::Order::Desc),
        Order::Descending => (sea_orm::Order::Desc, sea_orm::Order::Asc),
    };
    messages
        .order_by(Column::CreatedDate, time.clone())
        .order_by(Column::Role, role)
        .order_by(Column::Id, time)
}

/// The same limit on every database; SQLite has none of its own.
fn check_length(what: &'static str, text: &str) -> Result<()> {
    let length = text.chars().count();
    if length > ID_LIMIT {
        return Err(Error::invalid(
            what,
            format!("{length} characters are too many; {ID_LIMIT} is the most"),
        ));
    }
    Ok(())
}

fn failed(error: DbErr) -> Error {
    Error::database(Entity::WHAT, error)
}
