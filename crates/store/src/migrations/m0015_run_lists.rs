//! What lists tell of a run, beside the long texts of its request and its progress.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    sea_query::{ColumnDef, Expr, ExprTrait, Order, Query, Table},
};
use serde::Deserialize;

use super::columns::{id, key};

/// How many runs are read at once: their texts may be long.
const AT_ONCE: u64 = 50;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0015_run_lists"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let source =
            ColumnDef::new("flowSource").string_len(16).not_null().default("published").to_owned();
        for column in [
            ColumnDef::new("milliseconds").big_integer().null().to_owned(),
            source,
            id("rerunOf").null().to_owned(),
            key("rerunNode").null().to_owned(),
        ] {
            // SQLite takes one column at a time.
            let table = Table::alter().table("execution").add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        fill(manager).await
    }
}

/// Writes for the runs that are there what was only in their texts.
async fn fill(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let mut last = String::new();
    loop {
        let some = Query::select()
            .columns(["id", "request", "progress"])
            .from("execution")
            .and_where(Expr::col("id").gt(last.as_str()))
            .order_by("id", Order::Asc)
            .limit(AT_ONCE)
            .to_owned();
        let rows = connection.query_all(&some).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            last = row.try_get("", "id")?;
            let (request, progress): (String, String) =
                (row.try_get("", "request")?, row.try_get("", "progress")?);
            // What cannot be read says nothing, as it did in lists until now.
            let request: Request = serde_json::from_str(&request).unwrap_or_default();
            let progress: Progress = serde_json::from_str(&progress).unwrap_or_default();
            let Origin { source, rerun_of } = request.origin;
            let (run, node) = rerun_of.map(|it| (it.execution_id, it.node_id)).unzip();
            let update = Query::update()
                .table("execution")
                .value("milliseconds", progress.spent.map(|it| it.milliseconds))
                .value("flowSource", source.unwrap_or_else(|| "published".to_owned()))
                .value("rerunOf", run)
                .value("rerunNode", node)
                .and_where(Expr::col("id").eq(last.as_str()))
                .to_owned();
            connection.execute(&update).await?;
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Request {
    origin: Origin,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Origin {
    source: Option<String>,
    rerun_of: Option<RerunOf>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RerunOf {
    execution_id: String,
    node_id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Progress {
    spent: Option<Spent>,
}

#[derive(Deserialize)]
struct Spent {
    milliseconds: i64,
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, Database};
    use sea_orm_migration::MigratorTrait;

    use super::{super::Migrator, *};

    /// What a list tells of a run.
    type Told = (Option<i64>, String, Option<String>, Option<String>);

    #[tokio::test]
    async fn runs_of_before_are_told_in_lists_as_they_were() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1).sqlx_logging(false);
        let database = Database::connect(options).await.unwrap();
        let names: Vec<_> = Migrator::migrations().iter().map(|it| it.name().to_owned()).collect();
        let before = names.iter().position(|it| it == Step.name()).unwrap();
        Migrator::up(&database, Some(u32::try_from(before).unwrap())).await.unwrap();
        database.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
        for (id, request, progress) in [
            (
                "a",
                r#"{"origin":{"source":"draft","rerunOf":{"executionId":"b","nodeId":"n"}}}"#,
                r#"{"spent":{"milliseconds":7}}"#,
            ),
            ("b", r#"{"question":"hi"}"#, "{}"),
            ("c", "no JSON", "no JSON"),
        ] {
            let insert = Query::insert()
                .into_table("execution")
                .columns([
                    "id",
                    "state",
                    "agentflowId",
                    "sessionId",
                    "request",
                    "progress",
                    "createdDate",
                    "updatedDate",
                    "workspaceId",
                ])
                .values_panic(
                    [id, "FINISHED", "f", "s", request, progress, "2026", "2026", "w"]
                        .map(Into::into),
                )
                .to_owned();
            database.execute(&insert).await.unwrap();
        }
        Migrator::up(&database, None).await.unwrap();
        let columns = ["milliseconds", "flowSource", "rerunOf", "rerunNode"];
        let rows = Query::select()
            .columns(columns)
            .from("execution")
            .order_by("id", Order::Asc)
            .to_owned();
        let rows = database.query_all(&rows).await.unwrap();
        let told: Vec<Told> = rows
            .iter()
            .map(|row| {
                (
                    row.try_get_by_index(0).unwrap(),
                    row.try_get_by_index(1).unwrap(),
                    row.try_get_by_index(2).unwrap(),
                    row.try_get_by_index(3).unwrap(),
                )
            })
            .collect();
        let text = |it: &str| Some(it.to_owned());
        let published = (None, "published".to_owned(), None, None);
        assert_eq!(
            told,
            [(Some(7), "draft".to_owned(), text("b"), text("n")), published.clone(), published]
        );
    }
}
