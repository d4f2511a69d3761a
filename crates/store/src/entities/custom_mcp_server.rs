//! The table of MCP servers that users registered.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "custom_mcp_server", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub server_url: String,
    pub icon_src: Option<String>,
    pub color: Option<String>,
    pub auth_type: String,
    pub auth_config: Option<String>,
    pub tools: Option<String>,
    pub tool_count: i32,
    pub status: String,
    pub created_date: DateTimeUtc,
    pub updated_date: DateTimeUtc,
    pub workspace_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::mcp_servers::CustomMcpServer {
        id,
        name,
        server_url,
        icon_src,
        color,
        auth_type,
        auth_config,
        tools,
        tool_count,
        status,
        created_date,
        updated_date,
        workspace_id
    }
);
