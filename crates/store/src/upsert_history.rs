//! What flows wrote to vector stores, and when.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    Order, Page, Result, Store, WorkspaceScope,
    entities::upsert_history::{Column, Entity},
    query::{self, Table},
};

/// One upsert of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpsertHistory {
    /// Id.
    pub id: String,
    /// The flow.
    pub chatflow_id: String,
    /// How many documents were added, updated, skipped and deleted, as JSON.
    pub result: String,
    /// The nodes and their inputs at that time, as JSON.
    pub flow_data: String,
    /// When it happened.
    pub date: DateTime<Utc>,
}

/// Which upserts a list is about, and in which order.
#[derive(Clone, Debug, Default)]
pub struct UpsertHistoryFilter {
    /// Not before this time.
    pub start: Option<DateTime<Utc>>,
    /// Not after this time.
    pub end: Option<DateTime<Utc>>,
    /// By time.
    pub order: Order,
}

/// The history of upserts; see [`Store::upsert_history`].
#[derive(Debug)]
pub struct UpsertHistoryRepository<'a>(pub(crate) &'a Store);

impl UpsertHistoryRepository<'_> {
    /// One entry.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<UpsertHistory> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// The entries of a flow and how many there are in all; none for a flow outside the scope.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        filter: &UpsertHistoryFilter,
        page: Option<Page>,
    ) -> Result<(Vec<UpsertHistory>, u64)> {
        let entries = Entity::find()
            .filter(Column::ChatflowId.eq(chatflow_id))
            .filter(Entity::in_scope(scope))
            .filter(query::between(Column::Date, filter.start, filter.end));
        query::list(self.0.reader(), query::by_time(entries, Column::Date, filter.order), page)
            .await
    }

    /// Adds an entry to a flow of the scope. An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, entry: &UpsertHistory) -> Result<()> {
        query::insert_for_flow::<Entity>(self.0, scope, &entry.chatflow_id, entry.into()).await
    }

    /// Deletes entries; how many of the ids there were.
    pub async fn delete(&self, scope: &WorkspaceScope, ids: &[&str]) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, ids).await
    }
}
