//! Versions of flows: everything that was live, numbered, as far back as it is kept.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, DbErr, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, sea_query::Query,
};

use serde::{Deserialize, de::IgnoredAny};

use crate::{
    ChatFlow, Error, Page, Result, Store, WorkspaceScope,
    connection::Transaction,
    entities::{
        chat_flow,
        chat_flow_version::{Column, Entity},
    },
    query::{self, Table},
};

/// What was live in a flow at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowVersion {
    /// The flow.
    pub chatflow_id: String,
    /// Counted from 1 within the flow.
    pub number: i32,
    /// Nodes and edges, as JSON.
    pub flow_data: String,
    /// What its author says of it.
    pub note: Option<String>,
    /// How it came to be: [`FlowVersion::FIRST`], [`FlowVersion::SAVE`] or
    /// [`FlowVersion::PUBLISH`].
    pub kind: String,
    /// Id of the user who made it; none for an API key, and where nobody wrote it down.
    pub created_by: Option<String>,
    /// When it became live.
    pub created_date: DateTime<Utc>,
}

impl FlowVersion {
    /// What was live before versions were kept.
    pub const FIRST: &'static str = "first";
    /// Saved at once, without a draft.
    pub const SAVE: &'static str = "save";
    /// A draft that was published.
    pub const PUBLISH: &'static str = "publish";
}

/// A version without its nodes and edges.
#[derive(Clone, Debug, PartialEq, Eq, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct FlowVersionSummary {
    /// The flow.
    pub chatflow_id: String,
    /// Counted from 1 within the flow.
    pub number: i32,
    /// What its author says of it.
    pub note: Option<String>,
    /// How it came to be.
    pub kind: String,
    /// Id of the user who made it, where it was one.
    pub created_by: Option<String>,
    /// When it became live.
    pub created_date: DateTime<Utc>,
}

/// Who makes a version, and how many are kept.
#[derive(Clone, Debug)]
pub struct VersionStamp {
    /// Id of the user, where it is one.
    pub by: Option<String>,
    /// What they say of it.
    pub note: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// How many versions of the flow are kept; older ones go. At least the new one stays.
    pub keep: u32,
}

/// The versions; see [`Store::versions`].
#[derive(Debug)]
pub struct FlowVersions<'a>(pub(crate) &'a Store);

impl FlowVersions<'_> {
    /// The versions of a flow, the newest first, and how many there are in all; none for a flow
    /// outside the scope.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        page: Option<Page>,
    ) -> Result<(Vec<FlowVersionSummary>, u64)> {
        let versions = of_flow(scope, chatflow_id).order_by_desc(Column::Number);
        query::list_partial(self.0.reader(), versions, page).await
    }

    /// Which of these flows have versions.
    pub async fn of_flows(&self, scope: &WorkspaceScope, ids: &[&str]) -> Result<HashSet<String>> {
        let found: Vec<String> = Entity::find()
            .select_only()
            .column(Column::ChatflowId)
            .distinct()
            .filter(Column::ChatflowId.is_in(ids.iter().copied()))
            .filter(Entity::in_scope(scope))
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(found.into_iter().collect())
    }

    /// One version of a flow.
    pub async fn get(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
        number: i32,
    ) -> Result<FlowVersion> {
        let found = of_flow(scope, chatflow_id)
            .filter(Column::Number.eq(number))
            .one(self.0.reader())
            .await
            .map_err(failed)?;
        found.map(Into::into).ok_or_else(|| Error::not_found(Entity::WHAT, &number.to_string()))
    }

    /// The number of the version that is live in a flow: the newest that is the same as what the
    /// flow holds. None where what is live was never numbered.
    pub async fn live_number(
        &self,
        scope: &WorkspaceScope,
        chatflow_id: &str,
    ) -> Result<Option<i32>> {
        let live = Query::select()
            .column(chat_flow::Column::FlowData)
            .from(chat_flow::Entity)
            .and_where(chat_flow::Column::Id.eq(chatflow_id))
            .to_owned();
        of_flow(scope, chatflow_id)
            .filter(Column::FlowData.in_subquery(live))
            .order_by_desc(Column::Number)
            .select_only()
            .column(Column::Number)
            .into_tuple()
            .one(self.0.reader())
            .await
            .map_err(failed)
    }
}

/// Writes down what `flow` is about to hold instead of what it holds, and forgets what is too old.
/// The row of the flow must be locked.
pub(crate) async fn record(
    transaction: &Transaction,
    scope: &WorkspaceScope,
    flow: &ChatFlow,
    flow_data: &str,
    kind: &str,
    stamp: &VersionStamp,
) -> Result<FlowVersion> {
    let newest = of_flow(scope, &flow.id)
        .order_by_desc(Column::Number)
        .one(transaction)
        .await
        .map_err(failed)?;
    let mut number = newest.as_ref().map_or(0, |it| it.number);
    // What became live on another way, such as an import, gets its number now: nothing is lost. Of a
    // flow that has nothing in it yet there is nothing to lose.
    let is_known = match &newest {
        Some(newest) => newest.flow_data == flow.flow_data,
        None => is_empty(&flow.flow_data),
    };
    if !is_known {
        number += 1;
        let known = if newest.is_some() { FlowVersion::SAVE } else { FlowVersion::FIRST };
        let before = FlowVersion {
            chatflow_id: flow.id.clone(),
            number,
            flow_data: flow.flow_data.clone(),
            note: None,
            kind: known.to_owned(),
            created_by: None,
            created_date: flow.updated_date,
        };
        query::insert::<Entity>(transaction, Entity::WHAT, (&before).into()).await?;
    }
    let version = FlowVersion {
        chatflow_id: flow.id.clone(),
        number: number + 1,
        flow_data: flow_data.to_owned(),
        note: stamp.note.clone(),
        kind: kind.to_owned(),
        created_by: stamp.by.clone(),
        created_date: stamp.at,
    };
    query::insert::<Entity>(transaction, Entity::WHAT, (&version).into()).await?;
    let kept = i32::try_from(stamp.keep.max(1)).unwrap_or(i32::MAX);
    Entity::delete_many()
        .filter(Column::ChatflowId.eq(&flow.id))
        .filter(Column::Number.lte(version.number - kept))
        .exec(transaction)
        .await
        .map_err(failed)?;
    Ok(version)
}

/// Whether the text of a flow is that of one without nodes. What cannot be read is not.
fn is_empty(flow_data: &str) -> bool {
    #[derive(Deserialize)]
    struct Nodes {
        #[serde(default)]
        nodes: Vec<IgnoredAny>,
    }
    let flow: std::result::Result<Nodes, _> = serde_json::from_str(flow_data);
    flow_data.trim().is_empty() || flow.is_ok_and(|it| it.nodes.is_empty())
}

fn of_flow(scope: &WorkspaceScope, chatflow_id: &str) -> Select<Entity> {
    Entity::find().filter(Column::ChatflowId.eq(chatflow_id)).filter(Entity::in_scope(scope))
}

fn failed(error: DbErr) -> Error {
    Error::database(Entity::WHAT, error)
}
