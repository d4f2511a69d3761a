//! Passwords that may be set anew.

use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::columns::{Schema, belongs_to, id, key, unique};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0005_password_resets"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        let table = schema
            .table("password_reset")
            .col(id("userId").primary_key())
            .col(key("tokenHash"))
            .col(schema.time("createdDate"))
            .col(schema.time("expiresDate"))
            .foreign_key(&mut belongs_to("password_reset", "userId", "user"))
            .to_owned();
        schema.create(table, vec![unique("password_reset", &["tokenHash"])]).await
    }
}
