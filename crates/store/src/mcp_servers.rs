//! MCP servers that users registered: where they are, how they are called, which tools they offer.

use chrono::{DateTime, Utc};
use sea_orm::{EntityTrait, QueryFilter};

use crate::{
    Order, Page, Result, Store, WorkspaceScope,
    entities::custom_mcp_server::{ActiveModel, Column, Entity},
    query::{self, Table, change},
};

/// An MCP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomMcpServer {
    /// Id.
    pub id: String,
    /// Name given by the user.
    pub name: String,
    /// Its whole address; it may hold a token.
    pub server_url: String,
    /// Address of its picture.
    pub icon_src: Option<String>,
    /// Colour of its card, as CSS.
    pub color: Option<String>,
    /// `NONE` or `CUSTOM_HEADERS`.
    pub auth_type: String,
    /// The headers it is called with, sealed.
    pub auth_config: Option<String>,
    /// The tools it told of when it was last asked, as the JSON of a list.
    pub tools: Option<String>,
    /// How many those are.
    pub tool_count: i32,
    /// `PENDING`, `AUTHORIZED` or `ERROR`.
    pub status: String,
    /// When it was registered.
    pub created_date: DateTime<Utc>,
    /// When it was last saved.
    pub updated_date: DateTime<Utc>,
    /// The workspace it belongs to.
    pub workspace_id: String,
}

impl CustomMcpServer {
    /// It was never asked.
    pub const PENDING: &'static str = "PENDING";
    /// It told its tools.
    pub const AUTHORIZED: &'static str = "AUTHORIZED";
    /// It could not be asked.
    pub const ERROR: &'static str = "ERROR";
}

/// What to change in an MCP server. `None` leaves a field as it is; in a field that may be empty,
/// `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::option_option,
    reason = "outside: whether to write; inside: what, as the column may be empty"
)]
pub struct CustomMcpServerPatch {
    /// Name given by the user.
    pub name: Option<String>,
    /// Its whole address.
    pub server_url: Option<String>,
    /// Address of its picture.
    pub icon_src: Option<Option<String>>,
    /// Colour of its card, as CSS.
    pub color: Option<Option<String>>,
    /// `NONE` or `CUSTOM_HEADERS`.
    pub auth_type: Option<String>,
    /// The headers it is called with, sealed.
    pub auth_config: Option<Option<String>>,
    /// The tools it told of, as the JSON of a list.
    pub tools: Option<Option<String>>,
    /// How many those are.
    pub tool_count: Option<i32>,
    /// `PENDING`, `AUTHORIZED` or `ERROR`.
    pub status: Option<String>,
    /// The time of this change.
    pub updated_date: Option<DateTime<Utc>>,
}

/// The MCP servers; see [`Store::mcp_servers`].
#[derive(Debug)]
pub struct CustomMcpServers<'a>(pub(crate) &'a Store);

impl CustomMcpServers<'_> {
    /// One server.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<CustomMcpServer> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// Servers, the last saved first, and how many there are in all.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        page: Option<Page>,
    ) -> Result<(Vec<CustomMcpServer>, u64)> {
        let servers = Entity::find().filter(Entity::in_scope(scope));
        query::list(
            self.0.reader(),
            query::by_time(servers, Column::UpdatedDate, Order::Descending),
            page,
        )
        .await
    }

    /// Adds a server. An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, server: &CustomMcpServer) -> Result<()> {
        query::insert_in_scope::<Entity>(
            self.0.writer(),
            scope,
            &server.workspace_id,
            server.into(),
        )
        .await
    }

    /// Changes a server and gives it back.
    pub async fn update(
        &self,
        scope: &WorkspaceScope,
        id: &str,
        patch: CustomMcpServerPatch,
    ) -> Result<CustomMcpServer> {
        let row = ActiveModel {
            name: change(patch.name),
            server_url: change(patch.server_url),
            icon_src: change(patch.icon_src),
            color: change(patch.color),
            auth_type: change(patch.auth_type),
            auth_config: change(patch.auth_config),
            tools: change(patch.tools),
            tool_count: change(patch.tool_count),
            status: change(patch.status),
            updated_date: change(patch.updated_date),
            ..Default::default()
        };
        Ok(query::update(self.0, scope, id, query::changes::<Entity>(Entity::WHAT, row)?)
            .await?
            .into())
    }

    /// Deletes a server; how many there were, 0 or 1.
    pub async fn delete(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, &[id]).await
    }
}
