//! Assistants, templates that users saved, and MCP servers.

use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, sea_query::ColumnDef};

use super::columns::{Schema, belongs_to, id, index};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0006_assistants_and_templates"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        assistant(&schema).await?;
        custom_template(&schema).await?;
        custom_mcp_server(&schema).await
    }
}

async fn assistant(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("assistant")
        .col(id("id").primary_key())
        .col(schema.text("details"))
        .col(schema.text("credential"))
        .col(schema.text("iconSrc").null())
        .col(schema.text("type").null())
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .col(id("workspaceId"))
        .foreign_key(&mut belongs_to("assistant", "workspaceId", "workspace"))
        .to_owned();
    schema.create(table, vec![index("assistant", &["workspaceId"])]).await
}

async fn custom_template(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("custom_template")
        .col(id("id").primary_key())
        .col(schema.text("name"))
        .col(schema.text("flowData"))
        .col(schema.text("description").null())
        .col(schema.text("badge").null())
        .col(schema.text("framework").null())
        .col(schema.text("usecases").null())
        .col(schema.text("type").null())
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .col(id("workspaceId"))
        .foreign_key(&mut belongs_to("custom_template", "workspaceId", "workspace"))
        .to_owned();
    schema.create(table, vec![index("custom_template", &["workspaceId"])]).await
}

async fn custom_mcp_server(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("custom_mcp_server")
        .col(id("id").primary_key())
        .col(schema.text("name"))
        .col(schema.text("serverUrl"))
        .col(schema.text("iconSrc").null())
        .col(schema.text("color").null())
        .col(schema.text("authType"))
        .col(schema.text("authConfig").null())
        .col(schema.text("tools").null())
        .col(ColumnDef::new("toolCount").integer().not_null())
        .col(schema.text("status"))
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .col(id("workspaceId"))
        .foreign_key(&mut belongs_to("custom_mcp_server", "workspaceId", "workspace"))
        .to_owned();
    schema.create(table, vec![index("custom_mcp_server", &["workspaceId"])]).await
}
