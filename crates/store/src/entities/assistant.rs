//! The table of assistants.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assistant", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub details: String,
    pub credential: String,
    pub icon_src: Option<String>,
    #[sea_orm(column_name = "type")]
    pub kind: Option<String>,
    pub created_date: DateTimeUtc,
    pub updated_date: DateTimeUtc,
    pub workspace_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::assistants::Assistant {
        id,
        details,
        credential,
        icon_src,
        kind,
        created_date,
        updated_date,
        workspace_id
    }
);
