//! Drafts of flows: what is being worked on and is not live yet, one for each flow.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    ChatFlow, ChatFlowPatch, Error, FlowVersion, Result, Store, VersionStamp, WorkspaceScope,
    chatflows,
    connection::Transaction,
    entities::chat_flow_draft::{Column, Entity, Model},
    query::{self, Table},
    versions,
};

/// The draft of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowDraft {
    /// The flow.
    pub chatflow_id: String,
    /// Nodes and edges, as JSON.
    pub flow_data: String,
    /// Raised by one with each save. A new draft starts with its time in milliseconds, so that one
    /// that is thrown away and begun again never repeats a revision.
    pub revision: i64,
    /// The same for caches of what was built from it: also raised where a credential or a tool
    /// that it names has changed.
    pub generation: i64,
    /// The version that was live when it was begun.
    pub base_version: Option<i32>,
    /// Id of the user who saved it last.
    pub updated_by: Option<String>,
    /// When it was begun.
    pub created_date: DateTime<Utc>,
    /// When it was last saved.
    pub updated_date: DateTime<Utc>,
}

impl FlowDraft {
    /// The revision of a draft that is not there.
    pub const NONE: i64 = 0;
}

/// A change of a draft.
#[derive(Clone, Debug)]
pub struct DraftChange {
    /// Nodes and edges, as JSON.
    pub flow_data: String,
    /// The revision that its author saw last; [`FlowDraft::NONE`] where there was no draft.
    pub seen: i64,
    /// The version that is live, for a draft that is begun.
    pub base_version: Option<i32>,
    /// Id of the user.
    pub by: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// How a change ended that says which revision its author saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It was made.
    Done(T),
    /// Nothing was changed: the draft is another one by now, or there is none.
    Stale(Option<FlowDraft>),
}

/// The drafts; see [`Store::drafts`].
#[derive(Debug)]
pub struct FlowDrafts<'a>(pub(crate) &'a Store);

impl FlowDrafts<'_> {
    /// The draft of a flow, where it has one.
    pub async fn find(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
    ) -> Result<Option<FlowDraft>> {
        let found = Entity::find_by_id(chatflow_id)
            .filter(Entity::in_scope(scope))
            .one(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(found.map(Into::into))
    }

    /// Which of these flows have a draft, each with the draft's revision.
    pub async fn of_flows(
        &self,
        scope: &WorkspaceScope,
        ids: &[&str],
    ) -> Result<HashMap<String, i64>> {
        let found: Vec<(String, i64)> = Entity::find()
            .select_only()
            .columns([Column::ChatflowId, Column::Revision])
            .filter(Column::ChatflowId.is_in(ids.iter().copied()))
            .filter(Entity::in_scope(scope))
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(found.into_iter().collect())
    }

    /// The nodes and edges of these flows' drafts, as JSON, by id of the flow.
    pub async fn data_of(
        &self,
        scope: &WorkspaceScope,
        ids: &[&str],
    ) -> Result<Vec<(String, String)>> {
        Entity::find()
            .select_only()
            .columns([Column::ChatflowId, Column::FlowData])
            .filter(Column::ChatflowId.is_in(ids.iter().copied()))
            .filter(Entity::in_scope(scope))
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)
    }

    /// Flows whose drafts mention `text`, such as the id of a credential.
    pub async fn mentioning(&self, scope: &WorkspaceScope, text: &str) -> Result<HashSet<String>> {
        let found: Vec<String> = Entity::find()
            .select_only()
            .column(Column::ChatflowId)
            .filter(query::holds(Column::FlowData, text))
            .filter(Entity::in_scope(scope))
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(found.into_iter().collect())
    }

    /// Saves the draft of a flow of the scope, unless somebody else did so in between. The same
    /// nodes and edges once more are no change and never stale: their author may have missed the
    /// first answer.
    pub async fn save(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        change: DraftChange,
    ) -> Result<Outcome<FlowDraft>> {
        let transaction = self.0.begin().await?;
        chatflows::lock(&transaction, scope, chatflow_id).await?;
        let there = in_transaction(&transaction, chatflow_id).await?;
        if let Some(there) = &there
            && there.flow_data == change.flow_data
        {
            return Ok(Outcome::Done(there.clone()));
        }
        if there.as_ref().map_or(FlowDraft::NONE, |it| it.revision) != change.seen {
            return Ok(Outcome::Stale(there));
        }
        let saved = match there {
            None => {
                let draft = FlowDraft {
                    chatflow_id: chatflow_id.to_owned(),
                    flow_data: change.flow_data,
                    revision: change.at.timestamp_millis(),
                    generation: change.at.timestamp_millis(),
                    base_version: change.base_version,
                    updated_by: change.by,
                    created_date: change.at,
                    updated_date: change.at,
                };
                query::insert::<Entity>(&transaction, Entity::WHAT, (&draft).into()).await?;
                draft
            }
            Some(there) => {
                let draft = FlowDraft {
                    flow_data: change.flow_data,
                    revision: there.revision + 1,
                    generation: there.generation + 1,
                    updated_by: change.by,
                    updated_date: change.at,
                    ..there
                };
                let row = Model::from(&draft).into_active_model().reset_all();
                query::check_texts(Entity::WHAT, &row)?;
                Entity::update(row).exec(&transaction).await.map_err(failed)?;
                draft
            }
        };
        query::commit(transaction).await?;
        Ok(Outcome::Done(saved))
    }

    /// Throws the draft of a flow away; how many there were, 0 or 1. With `seen`, only if nobody
    /// saved it since that revision.
    pub async fn delete(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        seen: Option<i64>,
    ) -> Result<Outcome<u64>> {
        let transaction = self.0.begin().await?;
        chatflows::lock(&transaction, scope, chatflow_id).await?;
        let there = in_transaction(&transaction, chatflow_id).await?;
        if let (Some(seen), Some(there)) = (seen, &there)
            && there.revision != seen
        {
            return Ok(Outcome::Stale(Some(there.clone())));
        }
        let deleted = Entity::delete_by_id(chatflow_id).exec(&transaction).await.map_err(failed)?;
        query::commit(transaction).await?;
        Ok(Outcome::Done(deleted.rows_affected))
    }

    /// Makes the draft live as a new version, all or nothing; the draft is gone then.
    pub async fn publish(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        seen: i64,
        stamp: &VersionStamp,
    ) -> Result<Outcome<(ChatFlow, FlowVersion)>> {
        let transaction = self.0.begin().await?;
        let flow = chatflows::lock(&transaction, scope, chatflow_id).await?;
        let there = in_transaction(&transaction, chatflow_id).await?;
        let draft = match there {
            Some(there) if there.revision == seen => there,
            other => return Ok(Outcome::Stale(other)),
        };
        let data = &draft.flow_data;
        let kind = FlowVersion::PUBLISH;
        let version = versions::record(&transaction, scope, &flow, data, kind, stamp).await?;
        let patch = ChatFlowPatch {
            flow_data: Some(draft.flow_data),
            updated_date: Some(stamp.at),
            ..ChatFlowPatch::default()
        };
        let flow = chatflows::write(&transaction, scope, chatflow_id, patch).await?;
        Entity::delete_by_id(chatflow_id).exec(&transaction).await.map_err(failed)?;
        query::commit(transaction).await?;
        Ok(Outcome::Done((flow, version)))
    }

    /// Raises the generation of every draft that mentions `id` in its nodes.
    pub(crate) async fn raise_generations(&self, scope: &WorkspaceScope, id: &str) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Generation, Expr::col(Column::Generation).add(1))
            .filter(Entity::in_scope(scope))
            .filter(query::holds(Column::FlowData, id))
            .exec(self.0.writer())
            .await
            .map_err(failed)?;
        Ok(())
    }
}

async fn in_transaction(transaction: &Transaction, chatflow_id: &str) -> Result<Option<FlowDraft>> {
    let found = Entity::find_by_id(chatflow_id).one(transaction).await.map_err(failed)?;
    Ok(found.map(Into::into))
}

fn failed(error: DbErr) -> Error {
    Error::database(Entity::WHAT, error)
}
