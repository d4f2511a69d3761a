//! The table of versions: what was live in flows, one after the other.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chat_flow_version", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_name = "chatflowid")]
    pub chatflow_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub flow_data: String,
    pub note: Option<String>,
    pub kind: String,
    pub created_by: Option<String>,
    pub created_date: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::versions::FlowVersion {
        chatflow_id,
        number,
        flow_data,
        note,
        kind,
        created_by,
        created_date
    }
);
