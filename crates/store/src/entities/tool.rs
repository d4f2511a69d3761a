//! The table of custom tools.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tool", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub description: String,
    pub color: String,
    pub icon_src: Option<String>,
    pub schema: Option<String>,
    pub func: Option<String>,
    pub created_date: DateTimeUtc,
    pub updated_date: DateTimeUtc,
    pub workspace_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::tools::Tool {
        id,
        name,
        description,
        color,
        icon_src,
        schema,
        func,
        created_date,
        updated_date,
        workspace_id
    }
);
