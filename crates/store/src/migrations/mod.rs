//! The schema, step by step, once for all databases. A step that has been released never changes.

mod columns;
mod m0001_accounts;
mod m0002_flows;
mod m0003_chats;
mod m0004_workspace_things;
mod m0005_password_resets;
mod m0006_assistants_and_templates;
mod m0007_drafts_and_versions;
mod m0008_document_stores;
mod m0008_runs;
mod m0010_executions;
mod m0011_schedules;
mod m0012_execution_events;
mod m0013_flow_checkpoints;
mod m0014_spending;
mod m0015_run_lists;
mod m0016_firings_by_hand;
mod m0017_turn_in_one_statement;
mod m0018_turns_that_bring_a_record_alone;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, sea_query::DynIden};
use sea_orm_migration::{MigrationTrait, MigratorTrait, sea_query::IntoIden};

use crate::{Error, Outage, Result, Store, connection::Transaction, query};

/// Any number will do, as long as it stays the same: processes that start together wait for each
/// other on it.
const LOCK: &str = "7021966";

/// Brings the tables up to date: all steps that are missing, or none.
///
/// One transaction under a lock, so that several servers may start together, and one that is
/// killed half-way leaves nothing behind. (Except on MySQL, which commits every change of a table
/// at once; there a step that was cut short has to be mended by hand.)
pub(crate) async fn run(store: &Store) -> Result<()> {
    let transaction = store.begin().await?;
    lock(&transaction).await?;
    let outcome = Migrator::up(transaction.inner(), None).await.map_err(failed);
    if transaction.get_database_backend() == DbBackend::MySql {
        // Not bound to the transaction: it would stay with the connection.
        transaction
            .execute_unprepared(&format!("DO RELEASE_LOCK('{LOCK}')"))
            .await
            .map_err(failed)?;
    }
    outcome?;
    query::commit(transaction).await
}

/// Waits until no other process migrates. SQLite's transaction is such a lock by itself.
async fn lock(transaction: &Transaction) -> Result<()> {
    match transaction.get_database_backend() {
        DbBackend::Postgres => {
            transaction
                .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
                .await
                .map_err(failed)?;
        }
        DbBackend::MySql => {
            let statement = sea_orm::Statement::from_string(
                DbBackend::MySql,
                format!("SELECT CAST(COALESCE(GET_LOCK('{LOCK}', 60), 0) AS SIGNED)"),
            );
            let row = transaction.query_one_raw(statement).await.map_err(failed)?;
            let taken: Option<i64> =
                row.map(|it| it.try_get_by_index(0)).transpose().map_err(failed)?;
            if taken != Some(1) {
                return Err(Error::unavailable(
                    Outage::Busy,
                    "another process has been migrating for a minute",
                ));
            }
        }
        _ => {}
    }
    Ok(())
}

fn failed(error: DbErr) -> Error {
    Error::database("migration", error)
}

struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migration_table_name() -> DynIden {
        "flowstone_migration".into_iden()
    }

    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts::Step),
            Box::new(m0002_flows::Step),
            Box::new(m0003_chats::Step),
            Box::new(m0004_workspace_things::Step),
            Box::new(m0005_password_resets::Step),
            Box::new(m0006_assistants_and_templates::Step),
            Box::new(m0007_drafts_and_versions::Step),
            Box::new(m0008_document_stores::Step),
            Box::new(m0008_runs::Step),
            Box::new(m0010_executions::Step),
            Box::new(m0011_schedules::Step),
            Box::new(m0012_execution_events::Step),
            Box::new(m0013_flow_checkpoints::Step),
            Box::new(m0014_spending::Step),
            Box::new(m0015_run_lists::Step),
            Box::new(m0016_firings_by_hand::Step),
            Box::new(m0017_turn_in_one_statement::Step),
            Box::new(m0018_turns_that_bring_a_record_alone::Step),
        ]
    }
}
