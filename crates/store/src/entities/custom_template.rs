//! The table of templates that users saved.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "custom_template", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub flow_data: String,
    pub description: Option<String>,
    pub badge: Option<String>,
    pub framework: Option<String>,
    pub usecases: Option<String>,
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
    crate::templates::CustomTemplate {
        id,
        name,
        flow_data,
        description,
        badge,
        framework,
        usecases,
        kind,
        created_date,
        updated_date,
        workspace_id
    }
);
