//! Reading databases, on SQLite, PostgreSQL and MariaDB.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "the tests start database servers and look for them in the PATH"
)]

mod listening;
#[path = "../../../store/tests/it/process.rs"]
mod process;
mod servers;

use std::time::Duration;

use flowstone_sql::{Database, Error, Kind, Limits, Server, Target};
use serde_json::{Value, json};

use servers::Example;

/// Every kind, each with the same little shop in it.
async fn on_all<F: AsyncFn(&Target)>(case: F) {
    let mut example = Example::start().await;
    for target in example.targets() {
        case(&target).await;
    }
    example.stop();
}

async fn open(target: &Target) -> Database {
    Database::open(target, Limits { time: Duration::from_secs(20), rows: 3 }).await.unwrap()
}

async fn rows(database: &mut Database, text: &str) -> Value {
    json!(database.query(text).await.unwrap().rows)
}

#[tokio::test]
async fn databases_are_read_and_never_written() {
    on_all(async |target| {
        let mut database = open(target).await;
        let kind = database.kind();
        tables_and_samples(&mut database).await;
        values(&mut database).await;
        limits(&mut database).await;
        writing_is_refused(&mut database).await;
        assert_eq!(rows(&mut database, "SELECT count(*) AS n FROM fruit").await, json!([{"n": 5}]));
        drop(database);
        slow_statements_end(target, kind).await;
    })
    .await;
}

async fn tables_and_samples(database: &mut Database) {
    let tables = database.tables().await.unwrap();
    let names: Vec<&str> = tables.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["fruit", "odd \"name"]);
    let columns: Vec<&str> = tables[0].columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(columns, ["id", "name", "price", "picked", "note"]);
    assert!(tables[0].columns.iter().all(|(_, kind)| !kind.is_empty()));
    let sample = database.sample("fruit", 2).await.unwrap();
    assert_eq!((sample.rows.len(), sample.cut), (2, false));
    assert!(database.sample("odd \"name", 1).await.is_ok());
}

async fn values(database: &mut Database) {
    let found = database.query("SELECT * FROM fruit WHERE id = 1").await.unwrap();
    let row = &found.rows[0];
    assert_eq!(
        (&row["id"], &row["name"], &row["note"]),
        (&json!(1), &json!("apple"), &Value::Null)
    );
    assert!((row["price"].as_f64().unwrap() - 1.5).abs() < 1e-9, "{row:?}");
    assert!(row["picked"].as_str().unwrap().starts_with("2026-11-22"), "{row:?}");
    assert!(found.to_text().contains("\"name\":\"apple\""));
    assert_eq!(
        database.query("SELECT * FROM fruit WHERE id = 0").await.unwrap().to_text(),
        "(no rows)"
    );
    let explained = database.query("EXPLAIN SELECT * FROM fruit").await.unwrap();
    assert!(!explained.rows.is_empty());
}

async fn limits(database: &mut Database) {
    let found = database.query("SELECT id FROM fruit ORDER BY id; ").await.unwrap();
    assert_eq!(json!(found.rows), json!([{"id": 1}, {"id": 2}, {"id": 3}]));
    assert!(found.cut && found.to_text().ends_with("(and more rows, which are left out)"));
    // A comment at the end swallows nothing of ours.
    let found = database.query("SELECT id FROM fruit WHERE id = 2 -- the second").await.unwrap();
    assert_eq!(json!(found.rows), json!([{"id": 2}]));
}

/// What passes as one statement, but writes, is stopped by the connection.
async fn writing_is_refused(database: &mut Database) {
    for text in [
        "WITH x AS (SELECT 1) DELETE FROM fruit",
        "WITH x AS (DELETE FROM fruit RETURNING *) SELECT * FROM x",
        "WITH x AS (SELECT 1) INSERT INTO fruit (id) VALUES (9)",
        "EXPLAIN ANALYZE DELETE FROM fruit",
        "SELECT nosuch FROM fruit",
    ] {
        if let Ok(found) = database.query(text).await {
            // SQLite only explains what it is asked to explain.
            assert!(text.starts_with("EXPLAIN"), "{text}: {found:?}");
        }
    }
    for text in ["DELETE FROM fruit", "SELECT 1; DELETE FROM fruit"] {
        assert!(matches!(database.query(text).await, Err(Error::Refused(_))), "{text}");
    }
}

async fn slow_statements_end(target: &Target, kind: Kind) {
    let text = match kind {
        Kind::Sqlite => {
            "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT max(n) FROM x"
        }
        Kind::Postgres => "SELECT count(*) FROM generate_series(1, 1000000000000)",
        Kind::MySql => "SELECT benchmark(1000000000000, md5(name)) FROM fruit",
    };
    let limits = Limits { time: Duration::from_secs(1), rows: 3 };
    let mut database = Database::open(target, limits).await.unwrap();
    let said = database.query(text).await.unwrap_err();
    assert!(matches!(said, Error::TooSlow(1) | Error::Statement(_)), "{kind:?}: {said}");
}

#[tokio::test]
async fn what_is_no_database_is_told_without_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret-place.txt");
    std::fs::write(&file, "this is text and no database at all, however long it may be").unwrap();
    let opened = Database::open(&Target::Sqlite(file), Limits::default()).await;
    let said = opened.err().unwrap().to_string();
    assert_eq!(said, "the file is no SQLite database that can be read");
    let server = Server::parse(Kind::Postgres, "postgres://u:secret@127.0.0.1:1/a").unwrap();
    let opened = Database::open(&Target::Server(server), Limits::default()).await;
    assert_eq!(opened.err().unwrap().to_string(), "the database server cannot be reached");
}
