//! Assistants: a model with instructions, tools and knowledge, kept as one JSON text.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    Order, Page, Result, Store, WorkspaceScope,
    entities::assistant::{ActiveModel, Column, Entity},
    query::{self, Table, change},
};

/// An assistant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assistant {
    /// Id.
    pub id: String,
    /// Name, instructions, model and tools, as JSON.
    pub details: String,
    /// The credential its vendor is called with; means nothing for custom ones.
    pub credential: String,
    /// Address of its picture.
    pub icon_src: Option<String>,
    /// `CUSTOM`, `OPENAI` or `AZURE`.
    pub kind: Option<String>,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last saved.
    pub updated_date: DateTime<Utc>,
    /// The workspace it belongs to.
    pub workspace_id: String,
}

/// What to change in an assistant. `None` leaves a field as it is; in a field that may be empty,
/// `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::option_option,
    reason = "outside: whether to write; inside: what, as the column may be empty"
)]
pub struct AssistantPatch {
    /// Name, instructions, model and tools, as JSON.
    pub details: Option<String>,
    /// The credential its vendor is called with.
    pub credential: Option<String>,
    /// Address of its picture.
    pub icon_src: Option<Option<String>>,
    /// The time of this change.
    pub updated_date: Option<DateTime<Utc>>,
}

/// The assistants; see [`Store::assistants`].
#[derive(Debug)]
pub struct Assistants<'a>(pub(crate) &'a Store);

impl Assistants<'_> {
    /// One assistant.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<Assistant> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// Assistants, of one kind where it is given, the last saved first, and how many there are in
    /// all.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        kind: Option<&str>,
        page: Option<Page>,
    ) -> Result<(Vec<Assistant>, u64)> {
        let mut assistants = Entity::find().filter(Entity::in_scope(scope));
        if let Some(kind) = kind {
            assistants = assistants.filter(Column::Kind.eq(kind));
        }
        query::list(
            self.0.reader(),
            query::by_time(assistants, Column::UpdatedDate, Order::Descending),
            page,
        )
        .await
    }

    /// Adds an assistant. An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, assistant: &Assistant) -> Result<()> {
        query::insert_in_scope::<Entity>(
            self.0.writer(),
            scope,
            &assistant.workspace_id,
            assistant.into(),
        )
        .await
    }

    /// Changes an assistant and gives it back.
    pub async fn update(
        &self,
        scope: &WorkspaceScope,
        id: &str,
        patch: AssistantPatch,
    ) -> Result<Assistant> {
        let row = ActiveModel {
            details: change(patch.details),
            credential: change(patch.credential),
            icon_src: change(patch.icon_src),
            updated_date: change(patch.updated_date),
            ..Default::default()
        };
        Ok(query::update(self.0, scope, id, query::changes::<Entity>(Entity::WHAT, row)?)
            .await?
            .into())
    }

    /// Deletes an assistant; how many there were, 0 or 1.
    pub async fn delete(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, &[id]).await
    }
}
