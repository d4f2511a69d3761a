//! How conversations of the first agentflows stand.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    Error, Result, Store, WorkspaceScope,
    entities::flow_checkpoint::{Column, Entity},
    query::{self, Table},
};

/// How a conversation stood after a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowCheckpoint {
    /// Id; later ones sort after earlier ones.
    pub id: String,
    /// The flow.
    pub chatflow_id: String,
    /// The conversation.
    pub thread_id: String,
    /// The checkpoint before it.
    pub parent_id: Option<String>,
    /// The state, as JSON.
    pub checkpoint: String,
    /// What is known of it, as JSON.
    pub metadata: String,
    /// When it was kept.
    pub created_date: DateTime<Utc>,
}

/// Checkpoints; see [`Store::flow_checkpoints`].
#[derive(Debug)]
pub struct FlowCheckpoints<'a>(pub(crate) &'a Store);

impl FlowCheckpoints<'_> {
    /// The newest of a conversation with a flow of the scope.
    pub async fn newest(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        thread_id: &str,
    ) -> Result<Option<FlowCheckpoint>> {
        let found = Entity::find()
            .filter(Column::ChatflowId.eq(chatflow_id))
            .filter(Column::ThreadId.eq(thread_id))
            .filter(Entity::in_scope(scope))
            .order_by_desc(Column::Id)
            .one(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(found.map(Into::into))
    }

    /// Keeps one for a flow of the scope. An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, kept: &FlowCheckpoint) -> Result<()> {
        query::insert_for_flow::<Entity>(self.0, scope, &kept.chatflow_id, kept.into()).await
    }

    /// Deletes checkpoints; how many of the ids there were.
    pub async fn delete(&self, scope: &WorkspaceScope, ids: &[&str]) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, ids).await
    }

    /// Deletes those of a conversation that are older than `id`; how many there were.
    pub async fn delete_before(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        thread_id: &str,
        id: &str,
    ) -> Result<u64> {
        let deleted = Entity::delete_many()
            .filter(Column::ChatflowId.eq(chatflow_id))
            .filter(Column::ThreadId.eq(thread_id))
            .filter(Column::Id.lt(id))
            .filter(Entity::in_scope(scope))
            .exec(self.0.writer())
            .await
            .map_err(failed)?;
        Ok(deleted.rows_affected)
    }
}

fn failed(error: sea_orm::DbErr) -> Error {
    Error::database("checkpoint", error)
}
