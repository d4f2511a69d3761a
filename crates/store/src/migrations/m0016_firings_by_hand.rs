//! Which firings of schedules somebody began by hand.

use sea_orm::DbErr;
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    sea_query::{ColumnDef, Table},
};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0016_firings_by_hand"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by_hand = ColumnDef::new("byHand").boolean().not_null().default(false).to_owned();
        let table = Table::alter().table("schedule_trigger_log").add_column(by_hand).to_owned();
        manager.alter_table(table).await
    }
}
