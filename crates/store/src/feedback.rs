//! What people thought of answers.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    Error, Order, Page, Result, Store, WorkspaceScope,
    entities::{
        chat_flow, chat_message,
        chat_message_feedback::{ActiveModel, Column, Entity},
    },
    query::{self, Table, change},
};

/// What someone thought of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// Id.
    pub id: String,
    /// The flow that answered.
    pub chatflow_id: String,
    /// The chat.
    pub chat_id: String,
    /// The answer.
    pub message_id: String,
    /// `THUMBS_UP` or `THUMBS_DOWN`.
    pub rating: Option<String>,
    /// In their own words.
    pub content: Option<String>,
    /// When it was given.
    pub created_date: DateTime<Utc>,
}

impl Feedback {
    /// The rating of a good answer.
    pub const THUMBS_UP: &'static str = "THUMBS_UP";
    /// The rating of a bad answer.
    pub const THUMBS_DOWN: &'static str = "THUMBS_DOWN";
}

/// What to change in a feedback. `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::option_option,
    reason = "outside: whether to write; inside: what, as the column may be empty"
)]
pub struct FeedbackPatch {
    /// `THUMBS_UP` or `THUMBS_DOWN`.
    pub rating: Option<Option<String>>,
    /// In their own words.
    pub content: Option<Option<String>>,
}

/// Which feedback a list is about, and in which order.
#[derive(Clone, Debug, Default)]
pub struct FeedbackFilter {
    /// Only of this chat.
    pub chat_id: Option<String>,
    /// Not before this time.
    pub start: Option<DateTime<Utc>>,
    /// Not after this time.
    pub end: Option<DateTime<Utc>>,
    /// By time.
    pub order: Order,
}

/// The feedback; see [`Store::feedback`].
#[derive(Debug)]
pub struct FeedbackRepository<'a>(pub(crate) &'a Store);

impl FeedbackRepository<'_> {
    /// One feedback.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<Feedback> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// One feedback of any workspace, for the route on which anyone can change what they said.
    /// Take the scope for the change from its flow, [`crate::ChatFlows::get_for_anyone`].
    pub async fn get_for_anyone(&self, id: &str) -> Result<Feedback> {
        Entity::find_by_id(id)
            .one(self.0.reader())
            .await
            .map_err(|error| Error::database(Entity::WHAT, error))?
            .map(Into::into)
            .ok_or_else(|| Error::not_found(Entity::WHAT, id))
    }

    /// The feedback on a flow and how much there is in all; none for a flow outside the scope.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        filter: &FeedbackFilter,
        page: Option<Page>,
    ) -> Result<(Vec<Feedback>, u64)> {
        let mut feedback = Entity::find()
            .filter(Column::ChatflowId.eq(chatflow_id))
            .filter(Entity::in_scope(scope))
            .filter(query::between(Column::CreatedDate, filter.start, filter.end));
        if let Some(chat_id) = &filter.chat_id {
            feedback = feedback.filter(Column::ChatId.eq(chat_id));
        }
        query::list(
            self.0.reader(),
            query::by_time(feedback, Column::CreatedDate, filter.order),
            page,
        )
        .await
    }

    /// Adds a feedback to a message of a flow of the scope. An id that exists already is a
    /// conflict; a message that is not there, or not of this flow, is not found.
    pub async fn insert(&self, scope: &WorkspaceScope, feedback: &Feedback) -> Result<()> {
        let transaction = self.0.begin().await?;
        query::require::<chat_flow::Entity>(&transaction, scope, &feedback.chatflow_id).await?;
        let message =
            query::get::<chat_message::Entity>(&transaction, scope, &feedback.message_id).await?;
        if message.chatflow_id != feedback.chatflow_id {
            return Err(Error::not_found(chat_message::Entity::WHAT, &feedback.message_id));
        }
        query::insert::<Entity>(&transaction, Entity::WHAT, feedback.into()).await?;
        query::commit(transaction).await
    }

    /// Changes a feedback and gives it back.
    pub async fn update(
        &self,
        scope: &WorkspaceScope,
        id: &str,
        patch: FeedbackPatch,
    ) -> Result<Feedback> {
        let row = ActiveModel {
            rating: change(patch.rating),
            content: change(patch.content),
            ..Default::default()
        };
        Ok(query::update(self.0, scope, id, query::changes::<Entity>(Entity::WHAT, row)?)
            .await?
            .into())
    }

    /// Deletes a feedback; how many there were, 0 or 1.
    pub async fn delete(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, &[id]).await
    }
}
