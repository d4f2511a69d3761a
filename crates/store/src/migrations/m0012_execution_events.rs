//! What runs of agentflows told, so that a stream that was cut goes on.

use sea_orm::DbErr;
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    sea_query::{ColumnDef, Index},
};

use super::columns::{Schema, belongs_to, id};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0012_execution_events"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        let table = schema
            .table("execution_event")
            .col(id("executionId"))
            .col(ColumnDef::new("last").integer().not_null())
            .col(schema.text("events"))
            .primary_key(Index::create().col("executionId").col("last"))
            .foreign_key(&mut belongs_to("execution_event", "executionId", "execution"))
            .to_owned();
        schema.create(table, Vec::new()).await
    }
}
