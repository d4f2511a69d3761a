//! Leads: people who left their address in a chat.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    Order, Page, Result, Store, WorkspaceScope,
    entities::lead::{Column, Entity},
    query::{self, Table},
};

/// A lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// The flow that was being talked to.
    pub chatflow_id: String,
    /// The chat.
    pub chat_id: String,
    /// When it was made.
    pub created_date: DateTime<Utc>,
}

/// The leads; see [`Store::leads`].
#[derive(Debug)]
pub struct Leads<'a>(pub(crate) &'a Store);

impl Leads<'_> {
    /// One lead.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<Lead> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// The leads of a flow, the oldest first, and how many there are in all; none for a flow
    /// outside the scope.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        page: Option<Page>,
    ) -> Result<(Vec<Lead>, u64)> {
        let leads = Entity::find()
            .filter(Column::ChatflowId.eq(chatflow_id))
            .filter(Entity::in_scope(scope));
        query::list(
            self.0.reader(),
            query::by_time(leads, Column::CreatedDate, Order::Ascending),
            page,
        )
        .await
    }

    /// Adds a lead to a flow of the scope. An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, lead: &Lead) -> Result<()> {
        query::insert_for_flow::<Entity>(self.0, scope, &lead.chatflow_id, lead.into()).await
    }

    /// Deletes a lead; how many there were, 0 or 1.
    pub async fn delete(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, &[id]).await
    }
}
