//! When flows run by themselves, and when they did.

use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, sea_query::ColumnDef};

use super::columns::{Schema, belongs_to, id, index, key, unique};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0011_schedules"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        record(&schema).await?;
        trigger_log(&schema).await
    }
}

async fn record(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("schedule_record")
        .col(id("id").primary_key())
        .col(key("triggerType"))
        .col(id("targetId"))
        .col(key("nodeId").null())
        .col(schema.text("cronExpression"))
        .col(key("timezone"))
        .col(ColumnDef::new("enabled").boolean().not_null())
        .col(ColumnDef::new("switchedOff").boolean().not_null())
        .col(key("scheduleInputMode"))
        .col(schema.text("defaultInput").null())
        .col(schema.text("defaultForm").null())
        .col(schema.time("lastRunAt").null())
        .col(schema.time("nextRunAt").null())
        .col(schema.time("endDate").null())
        .col(id("workspaceId"))
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .foreign_key(&mut belongs_to("schedule_record", "targetId", "chat_flow"))
        .foreign_key(&mut belongs_to("schedule_record", "workspaceId", "workspace"))
        .to_owned();
    let indexes = vec![
        unique("schedule_record", &["targetId"]),
        index("schedule_record", &["enabled", "nextRunAt"]),
    ];
    schema.create(table, indexes).await
}

/// The index that is unique makes a row the claim of a firing: of several servers, one writes it.
async fn trigger_log(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("schedule_trigger_log")
        .col(id("id").primary_key())
        .col(id("scheduleRecordId"))
        .col(key("triggerType"))
        .col(id("targetId"))
        .col(id("executionId").null())
        .col(key("status"))
        .col(schema.text("error").null())
        .col(ColumnDef::new("elapsedTimeMs").big_integer().null())
        .col(schema.time("scheduledAt"))
        .col(id("workspaceId"))
        .col(schema.time("createdDate"))
        .foreign_key(&mut belongs_to("schedule_trigger_log", "targetId", "chat_flow"))
        .foreign_key(&mut belongs_to("schedule_trigger_log", "workspaceId", "workspace"))
        .to_owned();
    let indexes = vec![
        unique("schedule_trigger_log", &["targetId", "scheduledAt"]),
        index("schedule_trigger_log", &["status", "createdDate"]),
    ];
    schema.create(table, indexes).await
}
