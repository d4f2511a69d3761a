//! Users, workspaces, sign-ins, and facts about the installation.

use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, sea_query::Index};

use super::columns::{Schema, belongs_to, id, index, key, unique};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0001_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        setting(&schema).await?;
        user(&schema).await?;
        organization(&schema).await?;
        workspace(&schema).await?;
        workspace_user(&schema).await?;
        session(&schema).await
    }
}

async fn setting(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table =
        schema.table("setting").col(key("key").primary_key()).col(schema.text("value")).to_owned();
    schema.create(table, vec![]).await
}

async fn user(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("user")
        .col(id("id").primary_key())
        .col(schema.text("name"))
        .col(key("email"))
        .col(schema.text("credential").null())
        .col(schema.text("status"))
        .col(id("createdBy").null())
        .col(id("updatedBy").null())
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .to_owned();
    schema.create(table, vec![unique("user", &["email"])]).await
}

async fn organization(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("organization")
        .col(id("id").primary_key())
        .col(schema.text("name"))
        .col(id("createdBy").null())
        .col(id("updatedBy").null())
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .to_owned();
    schema.create(table, vec![]).await
}

async fn workspace(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("workspace")
        .col(id("id").primary_key())
        .col(schema.text("name"))
        .col(schema.text("description").null())
        .col(id("organizationId"))
        .col(id("createdBy").null())
        .col(id("updatedBy").null())
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .foreign_key(&mut belongs_to("workspace", "organizationId", "organization"))
        .to_owned();
    schema.create(table, vec![]).await
}

async fn workspace_user(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("workspace_user")
        .col(id("workspaceId"))
        .col(id("userId"))
        .col(id("roleId"))
        .col(schema.text("status"))
        .col(schema.time("lastLogin").null())
        .col(id("createdBy").null())
        .col(id("updatedBy").null())
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .primary_key(Index::create().col("workspaceId").col("userId"))
        .foreign_key(&mut belongs_to("workspace_user", "workspaceId", "workspace"))
        .foreign_key(&mut belongs_to("workspace_user", "userId", "user"))
        .to_owned();
    schema.create(table, vec![index("workspace_user", &["userId"])]).await
}

async fn session(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("session")
        .col(id("id").primary_key())
        .col(id("userId"))
        .col(key("refreshHash"))
        .col(id("workspaceId"))
        .col(schema.time("createdDate"))
        .col(schema.time("refreshedDate"))
        .col(schema.time("expiresDate"))
        .foreign_key(&mut belongs_to("session", "userId", "user"))
        .foreign_key(&mut belongs_to("session", "workspaceId", "workspace"))
        .to_owned();
    schema
        .create(table, vec![unique("session", &["refreshHash"]), index("session", &["userId"])])
        .await
}
