//! The table of sign-ins that can be refreshed.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub user_id: String,
    pub refresh_hash: String,
    pub workspace_id: String,
    pub created_date: DateTimeUtc,
    pub refreshed_date: DateTimeUtc,
    pub expires_date: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::sessions::Session {
        id,
        user_id,
        refresh_hash,
        workspace_id,
        created_date,
        refreshed_date,
        expires_date
    }
);
