//! The table of schedules: when flows run by themselves.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "schedule_record", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub trigger_type: String,
    pub target_id: String,
    pub node_id: Option<String>,
    pub cron_expression: String,
    pub timezone: String,
    pub enabled: bool,
    pub switched_off: bool,
    pub schedule_input_mode: String,
    pub default_input: Option<String>,
    pub default_form: Option<String>,
    pub last_run_at: Option<DateTimeUtc>,
    pub next_run_at: Option<DateTimeUtc>,
    pub end_date: Option<DateTimeUtc>,
    pub workspace_id: String,
    pub created_date: DateTimeUtc,
    pub updated_date: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::schedules::Schedule {
        id,
        trigger_type,
        target_id,
        node_id,
        cron_expression,
        timezone,
        enabled,
        switched_off,
        schedule_input_mode,
        default_input,
        default_form,
        last_run_at,
        next_run_at,
        end_date,
        workspace_id,
        created_date,
        updated_date
    }
);
