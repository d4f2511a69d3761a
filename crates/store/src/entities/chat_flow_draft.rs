//! The table of drafts: what is being worked on in flows and is not live yet.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chat_flow_draft", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_name = "chatflowid")]
    pub chatflow_id: String,
    pub flow_data: String,
    pub revision: i64,
    pub generation: i64,
    pub base_version: Option<i32>,
    pub updated_by: Option<String>,
    pub created_date: DateTimeUtc,
    pub updated_date: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::drafts::FlowDraft {
        chatflow_id,
        flow_data,
        revision,
        generation,
        base_version,
        updated_by,
        created_date,
        updated_date
    }
);
