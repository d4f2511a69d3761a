//! The table of variables.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "variable", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub value: Option<String>,
    #[sea_orm(column_name = "type")]
    pub variable_type: String,
    pub created_date: DateTimeUtc,
    pub updated_date: DateTimeUtc,
    pub workspace_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::variables::Variable {
        id,
        name,
        value,
        variable_type,
        created_date,
        updated_date,
        workspace_id
    }
);
