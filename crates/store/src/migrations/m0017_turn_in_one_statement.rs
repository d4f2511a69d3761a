//! Lets SQLite keep a turn of an agentflow's run by one statement.
//!
//! Each statement of a transaction crosses to SQLite's thread and back, which costs several times
//! what the statement itself does. So there is a view that holds nothing: what is inserted into it
//! goes where a turn's parts belong, all of it or, where the run is not the writer's, nothing.
//! The other databases have a transaction for it; see `executions::turns`, which names the columns.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0017_turn_in_one_statement"
    }
}

const VIEW: &str = r#"
CREATE VIEW "execution_turn_to_keep" AS SELECT
    NULL AS "executionId", NULL AS "writer",
    NULL AS "state", NULL AS "progress", NULL AS "action",
    NULL AS "updatedDate", NULL AS "stoppedDate", NULL AS "owner", NULL AS "leaseDate",
    NULL AS "inputTokens", NULL AS "outputTokens", NULL AS "cost", NULL AS "milliseconds",
    NULL AS "place", NULL AS "record", NULL AS "position", NULL AS "truncates",
    NULL AS "last", NULL AS "events"
WHERE 0"#;

const TRIGGER: &str = r#"
CREATE TRIGGER "execution_turn_is_kept" INSTEAD OF INSERT ON "execution_turn_to_keep" BEGIN
    SELECT RAISE(ABORT, 'the run is not the writer''s') WHERE NOT EXISTS (
        SELECT 1 FROM "execution" WHERE "id" = NEW."executionId" AND "owner" = NEW."writer"
    );
    UPDATE "execution" SET
        "state" = NEW."state",
        "progress" = NEW."progress",
        "action" = NEW."action",
        "updatedDate" = NEW."updatedDate",
        "stoppedDate" = NEW."stoppedDate",
        "owner" = NEW."owner",
        "leaseDate" = NEW."leaseDate",
        "inputTokens" = COALESCE(NEW."inputTokens", "inputTokens"),
        "outputTokens" = COALESCE(NEW."outputTokens", "outputTokens"),
        "cost" = COALESCE(NEW."cost", "cost"),
        "milliseconds" = COALESCE(NEW."milliseconds", "milliseconds")
    WHERE "id" = NEW."executionId";
    DELETE FROM "execution_turn"
    WHERE NEW."truncates" AND "executionId" = NEW."executionId" AND "place" > NEW."place";
    INSERT INTO "execution_turn" ("executionId", "place", "record", "position")
    SELECT NEW."executionId", NEW."place", NEW."record", NEW."position"
    WHERE NEW."place" IS NOT NULL
    ON CONFLICT ("executionId", "place") DO UPDATE SET "record" = excluded."record";
    INSERT INTO "execution_event" ("executionId", "last", "events")
    SELECT NEW."executionId", NEW."last", NEW."events"
    WHERE NEW."last" IS NOT NULL;
END"#;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        for statement in [VIEW, TRIGGER] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
