//! Installations are read whole, and not touched.

use futures::TryStreamExt as _;
use proptest::prelude::*;
use sea_orm::{ConnectionTrait as _, Database};

use super::*;

/// Made by `openssl enc -aes-256-cbc -md md5 -a -k 'a passphrase of Flowise'`, as crypto-js does it.
const SEALED: &str = "U2FsdGVkX1/6CRc1/P224QLXzVvdgmJbROPQLH5FARhAsy7uHay/YQoSnJULUzFc";

#[test]
fn what_openssl_and_crypto_js_write_is_opened() {
    let key = Key::new(" a passphrase of Flowise\n");
    assert_eq!(decrypt(&key, SEALED).unwrap().as_str(), r#"{"openAIApiKey":"sk-first"}"#);
    assert!(decrypt(&Key::new("another"), SEALED).is_err());
    assert_eq!(format!("{key:?}"), "Key");
}

proptest! {
    #[test]
    fn what_was_encrypted_is_opened_and_nothing_else_panics(
        text in any::<String>(), pass in "[a-z]{1,20}", salt: [u8; 8], noise in any::<String>(),
    ) {
        let key = Key::new(&pass);
        let opened = decrypt(&key, &encrypt(&key, salt, &text)).unwrap();
        prop_assert_eq!(opened.as_str(), text);
        let _ = decrypt(&key, &noise);
    }
}

/// An installation with one flow and one message, as version 2 keeps them.
async fn installation() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("database.sqlite").display());
    let database = Database::connect(url).await.unwrap();
    for sql in [
        r#"CREATE TABLE "chat_flow" ("id" varchar PRIMARY KEY, "name" varchar, "flowData" text, "deployed" boolean, "createdDate" datetime)"#,
        r#"CREATE TABLE "chat_message" ("id" varchar PRIMARY KEY, "chatflowid" varchar, "content" text)"#,
        r#"CREATE TABLE "migrations" ("id" integer, "name" varchar)"#,
        r#"INSERT INTO "chat_flow" VALUES ('f1', 'Tea shop', '{"nodes":[],"edges":[]}', 1, '2025-01-31 10:00:00')"#,
        r#"INSERT INTO "chat_message" VALUES ('m1', 'f1', NULL)"#,
    ] {
        database.execute_unprepared(sql).await.unwrap();
    }
    database.close().await.unwrap();
    folder
}

async fn rows(source: &Source, table: Table) -> Vec<Row> {
    source.rows(table).try_collect().await.unwrap()
}

#[tokio::test]
async fn a_sqlite_installation_is_read_and_left_as_it_was() {
    let folder = installation().await;
    let file = folder.path().join("database.sqlite");
    let before = std::fs::read(&file).unwrap();
    let place = Place::parse(folder.path().to_str().unwrap()).unwrap();
    let source = Source::open(&place).await.unwrap();
    assert_eq!(source.folder(), Some(folder.path()));
    assert_eq!(source.count(Table::ChatFlow).await.unwrap(), Some(1));
    assert_eq!(source.count(Table::Tool).await.unwrap(), None);
    let flows = rows(&source, Table::ChatFlow).await;
    assert_eq!(flows[0].text("name").as_deref(), Some("Tea shop"));
    assert_eq!(flows[0].flag("deployed"), Some(true));
    assert_eq!(flows[0].time("createdDate").unwrap().to_rfc3339(), "2025-01-31T10:00:00+00:00");
    assert_eq!(flows[0].text("webhookSecret"), None, "a column of a later version");
    assert_eq!(rows(&source, Table::ChatMessage).await[0].text("content"), None);
    assert!(rows(&source, Table::Tool).await.is_empty());
    drop(source);
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

async fn export(name: &str, content: &str) -> Result<Source> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    Source::open(&Place::parse(path.to_str().unwrap())?).await
}

#[tokio::test]
async fn exports_are_read_by_what_they_hold() {
    let one = export("Tea shop.json", r#"{"nodes": [], "edges": []}"#).await.unwrap();
    let flow = &rows(&one, Table::ChatFlow).await[0];
    assert_eq!(flow.text("name").as_deref(), Some("Tea shop"));
    assert_eq!(flow.text("flowData").as_deref(), Some(r#"{"nodes":[],"edges":[]}"#));
    let many =
        r#"{"ChatFlow": [{"id": "a"}], "AgentFlowV2": [{"id": "b"}], "Tool": [{"id": "t"}]}"#;
    let many = export("ExportData.json", many).await.unwrap();
    let kinds: Vec<_> =
        rows(&many, Table::ChatFlow).await.iter().map(|it| it.text("type").unwrap()).collect();
    assert_eq!(kinds, ["CHATFLOW", "AGENTFLOW"]);
    assert_eq!(many.count(Table::Tool).await.unwrap(), Some(1));
}

#[tokio::test]
async fn what_is_no_installation_is_said_without_secrets() {
    let said = |result: Result<Source>| result.err().map(|it| it.to_string()).unwrap();
    assert!(said(export("a.json", "[1]").await).contains("no export of Flowise"));
    assert!(said(export("a.json", "{").await).contains("no JSON"));
    assert!(Place::parse("/nowhere/at/all").is_err());
    let refused = Place::parse("mssql://ada:secret@host/db").unwrap_err().to_string();
    assert!(refused.contains("mssql") && !refused.contains("secret"), "{refused}");
    let folder = tempfile::tempdir().unwrap();
    let empty = Place::parse(folder.path().to_str().unwrap()).unwrap_err().to_string();
    assert!(empty.starts_with("there is no database.sqlite"), "{empty}");
    let file = folder.path().join("other.sqlite");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    Database::connect(url).await.unwrap().execute_unprepared("CREATE TABLE x (y)").await.unwrap();
    let place = Place::parse(file.to_str().unwrap()).unwrap();
    assert!(said(Source::open(&place).await).contains("no database of Flowise"));
}
