//! The table of credentials, encrypted.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub credential_name: String,
    pub encrypted_data: String,
    pub created_date: DateTimeUtc,
    pub updated_date: DateTimeUtc,
    pub workspace_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::credentials::Credential {
        id,
        name,
        credential_name,
        encrypted_data,
        created_date,
        updated_date,
        workspace_id
    }
);
