//! The table of passwords that may be set anew.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_reset", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: String,
    pub token_hash: String,
    pub created_date: DateTimeUtc,
    pub expires_date: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::password_resets::PasswordReset { user_id, token_hash, created_date, expires_date }
);
