//! Drafts of flows, and what was live in them before.

use sea_orm::DbErr;
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    sea_query::{ColumnDef, Index},
};

use super::columns::{Schema, belongs_to, id, key};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0007_drafts_and_versions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        draft(&schema).await?;
        version(&schema).await
    }
}

async fn draft(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("chat_flow_draft")
        .col(id("chatflowid").primary_key())
        .col(schema.text("flowData"))
        .col(ColumnDef::new("revision").big_integer().not_null())
        .col(ColumnDef::new("generation").big_integer().not_null())
        .col(ColumnDef::new("baseVersion").integer().null())
        .col(id("updatedBy").null())
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .foreign_key(&mut belongs_to("chat_flow_draft", "chatflowid", "chat_flow"))
        .to_owned();
    schema.create(table, Vec::new()).await
}

async fn version(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("chat_flow_version")
        .col(id("chatflowid"))
        .col(ColumnDef::new("number").integer().not_null())
        .col(schema.text("flowData"))
        .col(schema.text("note").null())
        .col(key("kind"))
        .col(id("createdBy").null())
        .col(schema.time("createdDate"))
        .primary_key(Index::create().col("chatflowid").col("number"))
        .foreign_key(&mut belongs_to("chat_flow_version", "chatflowid", "chat_flow"))
        .to_owned();
    schema.create(table, Vec::new()).await
}
