//! How conversations of the first agentflows stand.

use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::columns::{Schema, belongs_to, id, index, key};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0013_flow_checkpoints"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        let table = schema
            .table("flow_checkpoint")
            .col(id("id").primary_key())
            .col(id("chatflowid"))
            .col(key("threadId"))
            .col(id("parentId").null())
            .col(schema.text("checkpoint"))
            .col(schema.text("metadata"))
            .col(schema.time("createdDate"))
            .foreign_key(&mut belongs_to("flow_checkpoint", "chatflowid", "chat_flow"))
            .to_owned();
        let indexes = vec![index("flow_checkpoint", &["chatflowid", "threadId"])];
        schema.create(table, indexes).await
    }
}
