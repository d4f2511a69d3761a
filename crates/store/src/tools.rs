//! Custom tools: functions in JavaScript that agents can call.

use chrono::{DateTime, Utc};
use sea_orm::{EntityTrait, QueryFilter};

use crate::{
    Order, Page, Result, Store, WorkspaceScope,
    entities::tool::{ActiveModel, Column, Entity},
    query::{self, Table, change},
};

/// A custom tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Id.
    pub id: String,
    /// Name that models call it by.
    pub name: String,
    /// What it is good for, told to models.
    pub description: String,
    /// Colour of its card, as CSS.
    pub color: String,
    /// Address of its picture.
    pub icon_src: Option<String>,
    /// Its arguments, as JSON.
    pub schema: Option<String>,
    /// Its JavaScript.
    pub func: Option<String>,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last saved.
    pub updated_date: DateTime<Utc>,
    /// The workspace it belongs to.
    pub workspace_id: String,
}

/// What to change in a tool. `None` leaves a field as it is; in a field that may be empty,
/// `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::option_option,
    reason = "outside: whether to write; inside: what, as the column may be empty"
)]
pub struct ToolPatch {
    /// Name that models call it by.
    pub name: Option<String>,
    /// What it is good for, told to models.
    pub description: Option<String>,
    /// Colour of its card, as CSS.
    pub color: Option<String>,
    /// Address of its picture.
    pub icon_src: Option<Option<String>>,
    /// Its arguments, as JSON.
    pub schema: Option<Option<String>>,
    /// Its JavaScript.
    pub func: Option<Option<String>>,
    /// The time of this change.
    pub updated_date: Option<DateTime<Utc>>,
}

/// The custom tools; see [`Store::tools`].
#[derive(Debug)]
pub struct Tools<'a>(pub(crate) &'a Store);

impl Tools<'_> {
    /// One tool.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<Tool> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// Tools, the last saved first, and how many there are in all.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        page: Option<Page>,
    ) -> Result<(Vec<Tool>, u64)> {
        let tools = Entity::find().filter(Entity::in_scope(scope));
        query::list(
            self.0.reader(),
            query::by_time(tools, Column::UpdatedDate, Order::Descending),
            page,
        )
        .await
    }

    /// Adds a tool. An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, tool: &Tool) -> Result<()> {
        query::insert_in_scope::<Entity>(self.0.writer(), scope, &tool.workspace_id, tool.into())
            .await
    }

    /// Changes a tool and gives it back.
    pub async fn update(&self, scope: &WorkspaceScope, id: &str, patch: ToolPatch) -> Result<Tool> {
        let row = ActiveModel {
            name: change(patch.name),
            description: change(patch.description),
            color: change(patch.color),
            icon_src: change(patch.icon_src),
            schema: change(patch.schema),
            func: change(patch.func),
            updated_date: change(patch.updated_date),
            ..Default::default()
        };
        Ok(query::update(self.0, scope, id, query::changes::<Entity>(Entity::WHAT, row)?)
            .await?
            .into())
    }

    /// Deletes a tool; how many there were, 0 or 1.
    pub async fn delete(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, &[id]).await
    }
}
