//! Which messages of a flow a call is about.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Query, SelectStatement},
};

use crate::{
    WorkspaceScope,
    entities::{
        chat_message::{Column, Entity},
        chat_message_feedback,
    },
    query::{Table, between},
};

/// Which messages of a flow a call is about: those for which everything holds that is set.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// One of these kinds of chat (`INTERNAL`, `EXTERNAL`, …); any if there is none.
    pub chat_types: Vec<String>,
    /// This chat.
    pub chat_id: Option<String>,
    /// This kind of memory.
    pub memory_type: Option<String>,
    /// One of these sessions; any if there is none.
    pub session_ids: Vec<String>,
    /// This message.
    pub message_id: Option<String>,
    /// Not before this time.
    pub start: Option<DateTime<Utc>>,
    /// Not after this time.
    pub end: Option<DateTime<Utc>>,
    /// Someone gave it one of these ratings (`THUMBS_UP`, `THUMBS_DOWN`); any or no rating if
    /// there is none.
    pub ratings: Vec<String>,
}

impl MessageFilter {
    /// The messages of one session.
    pub fn session(session_id: impl Into<String>) -> Self {
        Self { session_ids: vec![session_id.into()], ..Self::default() }
    }

    /// Holds for the messages of the flow that the filter is about, if the flow is in the scope.
    pub(crate) fn condition(&self, scope: &WorkspaceScope, chatflow_id: &str) -> Condition {
        let mut condition = Condition::all()
            .add(Column::ChatflowId.eq(chatflow_id))
            .add(Entity::in_scope(scope))
            .add(between(Column::CreatedDate, self.start, self.end))
            .add_option(self.chat_id.as_ref().map(|it| Column::ChatId.eq(it)))
            .add_option(self.memory_type.as_ref().map(|it| Column::MemoryType.eq(it)))
            .add_option(self.message_id.as_ref().map(|it| Column::Id.eq(it)));
        if !self.chat_types.is_empty() {
            condition = condition.add(Column::ChatType.is_in(&self.chat_types));
        }
        if !self.session_ids.is_empty() {
            condition = condition.add(Column::SessionId.is_in(&self.session_ids));
        }
        if !self.ratings.is_empty() {
            condition = condition.add(Column::Id.in_subquery(self.rated(chatflow_id)));
        }
        condition
    }

    /// The ids of the messages of the flow that have one of the ratings.
    fn rated(&self, chatflow_id: &str) -> SelectStatement {
        Query::select()
            .column(chat_message_feedback::Column::MessageId)
            .from(chat_message_feedback::Entity)
            .and_where(chat_message_feedback::Column::ChatflowId.eq(chatflow_id))
            .and_where(chat_message_feedback::Column::Rating.is_in(&self.ratings))
            .to_owned()
    }
}
