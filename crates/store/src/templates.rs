//! Templates: flows and tools that users saved to start others from.

use chrono::{DateTime, Utc};
use sea_orm::{EntityTrait, QueryFilter};

use crate::{
    Order, Page, Result, Store, WorkspaceScope,
    entities::custom_template::{Column, Entity},
    query::{self, Table},
};

/// A template that a user saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomTemplate {
    /// Id.
    pub id: String,
    /// Title.
    pub name: String,
    /// The flow's nodes and edges, or the tool, as JSON.
    pub flow_data: String,
    /// What it is good for.
    pub description: Option<String>,
    /// A word on its card.
    pub badge: Option<String>,
    /// The framework its nodes belong to.
    pub framework: Option<String>,
    /// What it is used for, as the JSON of a list.
    pub usecases: Option<String>,
    /// `Chatflow`, `Agentflow`, `AgentflowV2` or `Tool`.
    pub kind: Option<String>,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last saved.
    pub updated_date: DateTime<Utc>,
    /// The workspace it belongs to.
    pub workspace_id: String,
}

/// The templates; see [`Store::templates`].
#[derive(Debug)]
pub struct CustomTemplates<'a>(pub(crate) &'a Store);

impl CustomTemplates<'_> {
    /// One template.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<CustomTemplate> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// Templates, the oldest first, and how many there are in all.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        page: Option<Page>,
    ) -> Result<(Vec<CustomTemplate>, u64)> {
        let templates = Entity::find().filter(Entity::in_scope(scope));
        query::list(
            self.0.reader(),
            query::by_time(templates, Column::CreatedDate, Order::Ascending),
            page,
        )
        .await
    }

    /// Adds a template. An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, template: &CustomTemplate) -> Result<()> {
        query::insert_in_scope::<Entity>(
            self.0.writer(),
            scope,
            &template.workspace_id,
            template.into(),
        )
        .await
    }

    /// Deletes a template; how many there were, 0 or 1.
    pub async fn delete(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, &[id]).await
    }
}
