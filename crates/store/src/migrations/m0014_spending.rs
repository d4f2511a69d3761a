//! Where runs stood before each turn, who asked for them, and what they spent.

use sea_orm::DbErr;
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    sea_query::{ColumnDef, Table},
};

use super::columns::{Schema, id};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0014_spending"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        let depth = || ColumnDef::new("depth").integer().not_null().default(0).to_owned();
        let key = || id("apiKeyId").null().to_owned();
        let tokens = |name: &'static str| ColumnDef::new(name).big_integer().null().to_owned();
        for (table, column) in [
            ("execution_turn", schema.text("position").null().to_owned()),
            ("execution", depth()),
            ("execution", key()),
            ("execution", tokens("inputTokens")),
            ("execution", tokens("outputTokens")),
            ("execution", ColumnDef::new("cost").double().null().to_owned()),
            ("flow_run", depth()),
            ("flow_run", key()),
        ] {
            // SQLite takes one column at a time.
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
