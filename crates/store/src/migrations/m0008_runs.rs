//! What flows did, call by call.

use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, sea_query::ColumnDef};

use super::columns::{Schema, belongs_to, id, index, key};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0008_runs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        let table = schema
            .table("flow_run")
            .col(id("id").primary_key())
            .col(id("workspaceId"))
            .col(id("chatflowid"))
            .col(ColumnDef::new("version").integer().null())
            .col(ColumnDef::new("draft").boolean().not_null())
            .col(key("chatId"))
            .col(key("sessionId"))
            .col(key("chatType"))
            .col(key("state"))
            .col(schema.time("startedDate"))
            .col(ColumnDef::new("milliseconds").big_integer().not_null())
            .col(ColumnDef::new("inputTokens").big_integer().null())
            .col(ColumnDef::new("outputTokens").big_integer().null())
            .col(ColumnDef::new("cost").double().null())
            .col(schema.text("question"))
            .col(schema.text("error").null())
            .col(key("errorNodeId").null())
            .col(schema.text("errorNodeLabel").null())
            .col(schema.text("errorRow").null())
            .col(schema.text("spans"))
            .col(ColumnDef::new("spansLeftOut").integer().not_null())
            .foreign_key(&mut belongs_to("flow_run", "workspaceId", "workspace"))
            .foreign_key(&mut belongs_to("flow_run", "chatflowid", "chat_flow"))
            .to_owned();
        let indexes = vec![
            index("flow_run", &["workspaceId", "startedDate"]),
            index("flow_run", &["chatflowid", "startedDate"]),
            index("flow_run", &["startedDate"]),
        ];
        schema.create(table, indexes).await
    }
}
