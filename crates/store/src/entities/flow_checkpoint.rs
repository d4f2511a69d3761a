//! The table of how conversations of the first agentflows stand.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "flow_checkpoint", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    #[sea_orm(column_name = "chatflowid")]
    pub chatflow_id: String,
    pub thread_id: String,
    pub parent_id: Option<String>,
    pub checkpoint: String,
    pub metadata: String,
    pub created_date: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::flow_checkpoints::FlowCheckpoint {
        id,
        chatflow_id,
        thread_id,
        parent_id,
        checkpoint,
        metadata,
        created_date
    }
);
