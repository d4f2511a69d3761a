//! Credentials, API keys, tools and variables.

use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::columns::{Schema, belongs_to, id, index, key, unique};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0004_workspace_things"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        credential(&schema).await?;
        api_key(&schema).await?;
        tool(&schema).await?;
        variable(&schema).await
    }
}

async fn credential(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("credential")
        .col(id("id").primary_key())
        .col(schema.text("name"))
        .col(schema.text("credentialName"))
        .col(schema.text("encryptedData"))
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .col(id("workspaceId"))
        .foreign_key(&mut belongs_to("credential", "workspaceId", "workspace"))
        .to_owned();
    schema.create(table, vec![index("credential", &["workspaceId"])]).await
}

async fn api_key(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("apikey")
        .col(id("id").primary_key())
        .col(key("keyHash"))
        .col(schema.text("keyHint"))
        .col(schema.text("keyName"))
        .col(schema.text("permissions"))
        .col(schema.time("updatedDate"))
        .col(id("workspaceId"))
        .foreign_key(&mut belongs_to("apikey", "workspaceId", "workspace"))
        .to_owned();
    schema
        .create(table, vec![unique("apikey", &["keyHash"]), index("apikey", &["workspaceId"])])
        .await
}

async fn tool(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("tool")
        .col(id("id").primary_key())
        .col(schema.text("name"))
        .col(schema.text("description"))
        .col(schema.text("color"))
        .col(schema.text("iconSrc").null())
        .col(schema.text("schema").null())
        .col(schema.text("func").null())
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .col(id("workspaceId"))
        .foreign_key(&mut belongs_to("tool", "workspaceId", "workspace"))
        .to_owned();
    schema.create(table, vec![index("tool", &["workspaceId"])]).await
}

async fn variable(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("variable")
        .col(id("id").primary_key())
        .col(schema.text("name"))
        .col(schema.text("value").null())
        .col(schema.text("type"))
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .col(id("workspaceId"))
        .foreign_key(&mut belongs_to("variable", "workspaceId", "workspace"))
        .to_owned();
    schema.create(table, vec![index("variable", &["workspaceId"])]).await
}
