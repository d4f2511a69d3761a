//! Runs of agentflows, turn by turn.

use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, sea_query::ColumnDef};

use super::columns::{Schema, belongs_to, id, index, key, unique};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0010_executions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        execution(&schema).await?;
        execution_turn(&schema).await
    }
}

async fn execution(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("execution")
        .col(id("id").primary_key())
        .col(key("state"))
        .col(id("agentflowId"))
        .col(key("sessionId"))
        .col(schema.text("action").null())
        .col(ColumnDef::new("isPublic").boolean().null())
        .col(schema.text("request"))
        .col(schema.text("progress"))
        .col(key("requestKey").null())
        .col(key("owner").null())
        .col(schema.time("leaseDate").null())
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .col(schema.time("stoppedDate").null())
        .col(id("workspaceId"))
        .foreign_key(&mut belongs_to("execution", "workspaceId", "workspace"))
        .to_owned();
    let indexes = vec![
        index("execution", &["workspaceId", "updatedDate"]),
        index("execution", &["agentflowId", "sessionId"]),
        index("execution", &["state"]),
        unique("execution", &["agentflowId", "requestKey"]),
    ];
    schema.create(table, indexes).await
}

async fn execution_turn(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("execution_turn")
        .col(id("executionId"))
        .col(ColumnDef::new("place").integer().not_null())
        .col(schema.text("record"))
        .primary_key(sea_orm_migration::sea_query::Index::create().col("executionId").col("place"))
        .foreign_key(&mut belongs_to("execution_turn", "executionId", "execution"))
        .to_owned();
    schema.create(table, Vec::new()).await
}
