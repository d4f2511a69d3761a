//! Lets several turns of a run be kept by one statement on SQLite.
//!
//! All but the last of them bring their record alone: the run's row is written once, for the last.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0018_turns_that_bring_a_record_alone"
    }
}

const EARLIER: &str = r#"DROP TRIGGER "execution_turn_is_kept""#;

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
    WHERE NEW."state" IS NOT NULL AND "id" = NEW."executionId";
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
        for statement in [EARLIER, TRIGGER] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
