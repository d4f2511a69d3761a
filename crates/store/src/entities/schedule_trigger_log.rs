//! The table of firings: when schedules were due, and what came of it.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "schedule_trigger_log", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub schedule_record_id: String,
    pub trigger_type: String,
    pub target_id: String,
    pub execution_id: Option<String>,
    pub status: String,
    pub error: Option<String>,
    pub elapsed_time_ms: Option<i64>,
    pub scheduled_at: DateTimeUtc,
    pub workspace_id: String,
    pub created_date: DateTimeUtc,
    pub by_hand: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::schedules::Firing {
        id,
        schedule_record_id,
        trigger_type,
        target_id,
        execution_id,
        status,
        error,
        elapsed_time_ms,
        scheduled_at,
        workspace_id,
        created_date,
        by_hand
    }
);
