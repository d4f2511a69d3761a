//! Flows: what people draw on the canvas.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
    sea_query::{Expr, ExprTrait, Func},
};

use crate::{
    Error, FlowVersion, Order, Page, Result, Store, VersionStamp, WorkspaceScope,
    connection::Transaction,
    entities::chat_flow::{ActiveModel, Column, Entity},
    query::{self, Table, change},
    versions,
};

/// A flow with its settings. Fields that hold JSON are kept as the text that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatFlow {
    /// Id.
    pub id: String,
    /// Title.
    pub name: String,
    /// Nodes and edges, as JSON.
    pub flow_data: String,
    /// Whether it is switched on for callers from outside.
    pub deployed: Option<bool>,
    /// Whether anyone may see it, without signing in.
    pub is_public: Option<bool>,
    /// The API key that a caller must show, if any. It may be gone: then nobody has it.
    pub api_key_id: Option<String>,
    /// Settings of the chat window, as JSON.
    pub chatbot_config: Option<String>,
    /// What a caller may override, as JSON.
    pub api_config: Option<String>,
    /// Analytics providers, as JSON.
    pub analytic: Option<String>,
    /// Speech-to-text settings, as JSON.
    pub speech_to_text: Option<String>,
    /// Text-to-speech settings, as JSON.
    pub text_to_speech: Option<String>,
    /// Settings of the follow-up questions, as JSON.
    pub follow_up_prompts: Option<String>,
    /// Categories, separated by semicolons.
    pub category: Option<String>,
    /// `CHATFLOW`, `AGENTFLOW`, `MULTIAGENT` or `ASSISTANT`.
    pub flow_type: Option<String>,
    /// How the flow is offered as an MCP server, as JSON.
    pub mcp_server_config: Option<String>,
    /// What a webhook's caller signs with. Never for clients.
    pub webhook_secret: Option<String>,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last saved.
    pub updated_date: DateTime<Utc>,
    /// The workspace it belongs to.
    pub workspace_id: String,
    /// Raised by one with each update, so that a cache can tell whether it is up to date. Start a
    /// new flow with its creation time in milliseconds: an id that is deleted and made again (by
    /// an import, say) then never repeats a revision.
    pub revision: i64,
}

/// A flow without what makes it large.
#[derive(Clone, Debug, PartialEq, Eq, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct ChatFlowSummary {
    /// Id.
    pub id: String,
    /// Title.
    pub name: String,
    /// Whether it is switched on for callers from outside.
    pub deployed: Option<bool>,
    /// Whether anyone may see it, without signing in.
    pub is_public: Option<bool>,
    /// The API key that a caller must show, if any.
    pub api_key_id: Option<String>,
    /// Categories, separated by semicolons.
    pub category: Option<String>,
    /// `CHATFLOW`, `AGENTFLOW`, `MULTIAGENT` or `ASSISTANT`.
    pub flow_type: Option<String>,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last saved.
    pub updated_date: DateTime<Utc>,
    /// The workspace it belongs to.
    pub workspace_id: String,
    /// Raised by one with each update.
    pub revision: i64,
}

/// What to change in a flow. `None` leaves a field as it is; in a field that may be empty,
/// `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::option_option,
    reason = "outside: whether to write; inside: what, as the column may be empty"
)]
pub struct ChatFlowPatch {
    /// Title.
    pub name: Option<String>,
    /// Nodes and edges, as JSON.
    pub flow_data: Option<String>,
    /// Whether it is switched on for callers from outside.
    pub deployed: Option<Option<bool>>,
    /// Whether anyone may see it, without signing in.
    pub is_public: Option<Option<bool>>,
    /// The API key that a caller must show.
    pub api_key_id: Option<Option<String>>,
    /// Settings of the chat window, as JSON.
    pub chatbot_config: Option<Option<String>>,
    /// What a caller may override, as JSON.
    pub api_config: Option<Option<String>>,
    /// Analytics providers, as JSON.
    pub analytic: Option<Option<String>>,
    /// Speech-to-text settings, as JSON.
    pub speech_to_text: Option<Option<String>>,
    /// Text-to-speech settings, as JSON.
    pub text_to_speech: Option<Option<String>>,
    /// Settings of the follow-up questions, as JSON.
    pub follow_up_prompts: Option<Option<String>>,
    /// Categories, separated by semicolons.
    pub category: Option<Option<String>>,
    /// `CHATFLOW`, `AGENTFLOW`, `MULTIAGENT` or `ASSISTANT`.
    pub flow_type: Option<Option<String>>,
    /// How the flow is offered as an MCP server, as JSON.
    pub mcp_server_config: Option<Option<String>>,
    /// What a webhook's caller signs with.
    pub webhook_secret: Option<Option<String>>,
    /// The time of this change.
    pub updated_date: Option<DateTime<Utc>>,
}

/// Which flows a list is about.
#[derive(Clone, Debug, Default)]
pub struct ChatFlowFilter {
    /// Only flows of this type.
    pub flow_type: Option<String>,
    /// Only flows of one of these types; of any, where there is none.
    pub flow_types: Vec<String>,
    /// Only flows that ask for this API key.
    pub api_key_id: Option<String>,
    /// Only flows with this in their name, their categories or their id, whatever its case.
    pub search: Option<String>,
    /// Only flows of this category.
    pub category: Option<String>,
    /// In which order.
    pub sort: ChatFlowSort,
}

/// In which order flows are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatFlowSort {
    /// By what.
    pub by: ChatFlowSortKey,
    /// In which direction.
    pub order: Order,
}

impl Default for ChatFlowSort {
    /// The last saved first.
    fn default() -> Self {
        Self { by: ChatFlowSortKey::Updated, order: Order::Descending }
    }
}

/// What flows are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatFlowSortKey {
    /// Title, whatever its case.
    Name,
    /// When it was made.
    Created,
    /// When it was last saved.
    Updated,
}

/// The flows; see [`Store::chatflows`].
#[derive(Debug)]
pub struct ChatFlows<'a>(pub(crate) &'a Store);

impl ChatFlows<'_> {
    /// One flow.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<ChatFlow> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// One flow of any workspace, for the routes that are open to everyone. The caller decides
    /// what of it may be shown, and takes the scope for everything else from its `workspace_id`.
    pub async fn get_for_anyone(&self, id: &str) -> Result<ChatFlow> {
        Entity::find_by_id(id)
            .one(self.0.reader())
            .await
            .map_err(failed)?
            .map(Into::into)
            .ok_or_else(|| Error::not_found(Entity::WHAT, id))
    }

    /// The revision of a flow of any workspace, or `None` if it is gone: one small query, by which
    /// a cache finds out whether what it holds is up to date. It gives away nothing of the flow.
    pub async fn revision(&self, id: &str) -> Result<Option<i64>> {
        Entity::find_by_id(id)
            .select_only()
            .column(Column::Revision)
            .into_tuple()
            .one(self.0.reader())
            .await
            .map_err(failed)
    }

    /// Flows with everything, and how many there are in all.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        filter: &ChatFlowFilter,
        page: Option<Page>,
    ) -> Result<(Vec<ChatFlow>, u64)> {
        query::list(self.0.reader(), select(scope, filter), page).await
    }

    /// Flows without what makes them large, and how many there are in all.
    pub async fn list_summaries(
        &self,
        scope: &WorkspaceScope,
        filter: &ChatFlowFilter,
        page: Option<Page>,
    ) -> Result<(Vec<ChatFlowSummary>, u64)> {
        query::list_partial(self.0.reader(), select(scope, filter), page).await
    }

    /// The categories of each flow of this type, or of all, as they are saved.
    pub async fn list_categories(
        &self,
        scope: &WorkspaceScope,
        flow_type: Option<&str>,
    ) -> Result<Vec<String>> {
        let mut flows = Entity::find()
            .select_only()
            .column(Column::Category)
            .filter(Entity::in_scope(scope))
            .filter(Column::Category.is_not_null());
        if let Some(flow_type) = flow_type {
            flows = flows.filter(Column::FlowType.eq(flow_type));
        }
        flows.into_tuple().all(self.0.reader()).await.map_err(failed)
    }

    /// Id, title and type of the flows that mention `text` in their nodes or settings, such as the
    /// id of a credential, by title.
    pub async fn mentioning(
        &self,
        scope: &WorkspaceScope,
        text: &str,
    ) -> Result<Vec<(String, String, Option<String>)>> {
        let places = [
            Column::FlowData,
            Column::ChatbotConfig,
            Column::Analytic,
            Column::SpeechToText,
            Column::TextToSpeech,
            Column::FollowUpPrompts,
        ];
        let found = places.map(|column| query::holds(column, text));
        Entity::find()
            .select_only()
            .columns([Column::Id, Column::Name, Column::FlowType])
            .filter(found.into_iter().fold(Condition::any(), Condition::add))
            .filter(Entity::in_scope(scope))
            .order_by(Column::Name, sea_orm::Order::Asc)
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)
    }

    /// Id, title and type of flows, by id.
    pub async fn names_of(
        &self,
        scope: &WorkspaceScope,
        ids: &[&str],
    ) -> Result<Vec<(String, String, Option<String>)>> {
        Entity::find()
            .select_only()
            .columns([Column::Id, Column::Name, Column::FlowType])
            .filter(Column::Id.is_in(ids.iter().copied()))
            .filter(Entity::in_scope(scope))
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)
    }

    /// The nodes and edges of flows, as JSON, by id.
    pub async fn data_of(
        &self,
        scope: &WorkspaceScope,
        ids: &[&str],
    ) -> Result<Vec<(String, String)>> {
        Entity::find()
            .select_only()
            .columns([Column::Id, Column::FlowData])
            .filter(Column::Id.is_in(ids.iter().copied()))
            .filter(Entity::in_scope(scope))
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)
    }

    /// Adds a flow. An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, flow: &ChatFlow) -> Result<()> {
        query::insert_in_scope::<Entity>(self.0.writer(), scope, &flow.workspace_id, flow.into())
            .await
    }

    /// Changes a flow, raises its revision, and gives it back.
    pub async fn update(
        &self,
        scope: &WorkspaceScope,
        id: &str,
        patch: ChatFlowPatch,
    ) -> Result<ChatFlow> {
        let transaction = self.0.begin().await?;
        let flow = write(&transaction, scope, id, patch).await?;
        query::commit(transaction).await?;
        Ok(flow)
    }

    /// The same, and writes down as a version what it puts into the place of other nodes and
    /// edges: all or nothing.
    pub async fn update_with_version(
        &self,
        scope: &WorkspaceScope,
        id: &str,
        patch: ChatFlowPatch,
        stamp: &VersionStamp,
    ) -> Result<ChatFlow> {
        let transaction = self.0.begin().await?;
        let before = lock(&transaction, scope, id).await?;
        if let Some(data) = patch.flow_data.as_ref().filter(|it| **it != before.flow_data) {
            let kind = FlowVersion::SAVE;
            versions::record(&transaction, scope, &before, data, kind, stamp).await?;
        }
        let flow = write(&transaction, scope, id, patch).await?;
        query::commit(transaction).await?;
        Ok(flow)
    }

    /// Raises the revision of every flow that mentions `id` in its nodes, such as the id of a
    /// credential or a tool that has changed; how many there were.
    pub async fn raise_revisions(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        let raised = Entity::update_many()
            .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
            .filter(Entity::in_scope(scope))
            .filter(query::holds(Column::FlowData, id))
            .exec(self.0.writer())
            .await
            .map_err(failed)?;
        self.0.drafts().raise_generations(scope, id).await?;
        Ok(raised.rows_affected)
    }

    /// Deletes a flow with its messages, feedback, leads and upsert history, all or nothing; how
    /// many flows there were, 0 or 1.
    pub async fn delete(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        // One statement, thus one transaction: the foreign keys of the other tables cascade.
        query::delete::<Entity>(self.0, scope, &[id]).await
    }
}

/// A flow of the scope, whose row nobody else changes until the transaction ends.
pub(crate) async fn lock(
    transaction: &Transaction,
    scope: &WorkspaceScope,
    id: &str,
) -> Result<ChatFlow> {
    let found = Entity::find_by_id(id)
        .filter(Entity::in_scope(scope))
        .lock_exclusive()
        .one(transaction)
        .await
        .map_err(failed)?;
    found.map(Into::into).ok_or_else(|| Error::not_found(Entity::WHAT, id))
}

/// Changes a flow, raises its revision, and gives it back.
pub(crate) async fn write(
    transaction: &Transaction,
    scope: &WorkspaceScope,
    id: &str,
    patch: ChatFlowPatch,
) -> Result<ChatFlow> {
    let row = ActiveModel {
        name: change(patch.name),
        flow_data: change(patch.flow_data),
        deployed: change(patch.deployed),
        is_public: change(patch.is_public),
        api_key_id: change(patch.api_key_id),
        chatbot_config: change(patch.chatbot_config),
        api_config: change(patch.api_config),
        analytic: change(patch.analytic),
        speech_to_text: change(patch.speech_to_text),
        text_to_speech: change(patch.text_to_speech),
        follow_up_prompts: change(patch.follow_up_prompts),
        category: change(patch.category),
        flow_type: change(patch.flow_type),
        mcp_server_config: change(patch.mcp_server_config),
        webhook_secret: change(patch.webhook_secret),
        updated_date: change(patch.updated_date),
        ..Default::default()
    };
    query::changes::<Entity>(Entity::WHAT, row)?
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(Column::Id.eq(id))
        .filter(Entity::in_scope(scope))
        .exec(transaction)
        .await
        .map_err(failed)?;
    Ok(query::get::<Entity>(transaction, scope, id).await?.into())
}

fn select(scope: &WorkspaceScope, filter: &ChatFlowFilter) -> Select<Entity> {
    let mut flows = Entity::find().filter(Entity::in_scope(scope));
    if let Some(flow_type) = &filter.flow_type {
        flows = flows.filter(Column::FlowType.eq(flow_type));
    }
    if !filter.flow_types.is_empty() {
        flows = flows.filter(Column::FlowType.is_in(&filter.flow_types));
    }
    if let Some(api_key_id) = &filter.api_key_id {
        flows = flows.filter(Column::ApiKeyId.eq(api_key_id));
    }
    if let Some(search) = &filter.search {
        let found = [Column::Name, Column::Category, Column::Id]
            .map(|column| query::holds_in_any_case(column, search));
        flows = flows.filter(found.into_iter().fold(Condition::any(), Condition::add));
    }
    if let Some(category) = &filter.category {
        flows = flows.filter(is_among(Column::Category, category));
    }
    match filter.sort.by {
        ChatFlowSortKey::Updated => query::by_time(flows, Column::UpdatedDate, filter.sort.order),
        ChatFlowSortKey::Created => query::by_time(flows, Column::CreatedDate, filter.sort.order),
        ChatFlowSortKey::Name => {
            let order: sea_orm::Order = filter.sort.order.into();
            let name = Func::lower(Expr::col(Column::Name));
            flows.order_by(name, order.clone()).order_by(Column::Id, order)
        }
    }
}

/// Holds where `part` is one of the texts that `column` lists with semicolons between.
fn is_among(column: Column, part: &str) -> Condition {
    Condition::any()
        .add(column.eq(part))
        .add(column.like(query::pattern("", &format!("{part};"), "%")))
        .add(column.like(query::pattern("%", &format!(";{part}"), "")))
        .add(column.like(query::pattern("%", &format!(";{part};"), "%")))
}

fn failed(error: sea_orm::DbErr) -> Error {
    Error::database(Entity::WHAT, error)
}
