//! Flows, and what they wrote to vector stores.

use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, sea_query::ColumnDef};

use super::columns::{Schema, belongs_to, id, index, key};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0002_flows"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        chat_flow(&schema).await?;
        upsert_history(&schema).await
    }
}

async fn chat_flow(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("chat_flow")
        .col(id("id").primary_key())
        .col(schema.text("name"))
        .col(schema.text("flowData"))
        .col(ColumnDef::new("deployed").boolean().null())
        .col(ColumnDef::new("isPublic").boolean().null())
        .col(id("apikeyid").null())
        .col(schema.text("chatbotConfig").null())
        .col(schema.text("apiConfig").null())
        .col(schema.text("analytic").null())
        .col(schema.text("speechToText").null())
        .col(schema.text("textToSpeech").null())
        .col(schema.text("followUpPrompts").null())
        .col(schema.text("category").null())
        .col(key("type").null())
        .col(schema.text("mcpServerConfig").null())
        .col(schema.text("webhookSecret").null())
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .col(id("workspaceId"))
        .col(ColumnDef::new("revision").big_integer().not_null())
        .foreign_key(&mut belongs_to("chat_flow", "workspaceId", "workspace"))
        .to_owned();
    schema.create(table, vec![index("chat_flow", &["workspaceId", "updatedDate"])]).await
}

async fn upsert_history(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("upsert_history")
        .col(id("id").primary_key())
        .col(id("chatflowid"))
        .col(schema.text("result"))
        .col(schema.text("flowData"))
        .col(schema.time("date"))
        .foreign_key(&mut belongs_to("upsert_history", "chatflowid", "chat_flow"))
        .to_owned();
    schema.create(table, vec![index("upsert_history", &["chatflowid", "date"])]).await
}
