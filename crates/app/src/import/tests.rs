//! A whole installation moves in: once, and not twice.

use flowstone_flowise::{Place, encrypt};
use flowstone_store::{ChatFlowFilter, MessageFilter, Order};
use sea_orm::{ConnectionTrait as _, Database};
use tempfile::TempDir;

use super::*;
use crate::config::Config;

const KEY: &str = "the source's passphrase";

/// As version 3 keeps it: an organization, a person, flows and all that hangs on them.
async fn flowise() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("database.sqlite").display());
    let database = Database::connect(url).await.unwrap();
    let sealed = encrypt(&Key::new(KEY), [7; 8], r#"{"openAIApiKey":"sk-1"}"#);
    let foreign = encrypt(&Key::new("lost"), [7; 8], "{}");
    let when = "'2025-01-31 10:00:00'";
    let flow =
        r#"{"nodes":[{"data":{"name":"chatOpenAI"}},{"data":{"name":"noSuchNode"}}],"edges":[]}"#;
    for sql in [
        r#"CREATE TABLE workspace ("id" varchar PRIMARY KEY, "name" varchar, "createdDate" datetime)"#.to_owned(),
        r#"CREATE TABLE workspace_user ("workspaceId" varchar, "userId" varchar)"#.to_owned(),
        r#"CREATE TABLE "user" ("id" varchar PRIMARY KEY, "name" varchar, "email" varchar, "credential" varchar, "status" varchar)"#.to_owned(),
        r#"CREATE TABLE apikey ("id" varchar PRIMARY KEY, "apiKey" varchar, "keyName" varchar, "workspaceId" varchar)"#.to_owned(),
        r#"CREATE TABLE credential ("id" varchar PRIMARY KEY, "name" varchar, "credentialName" varchar, "encryptedData" text, "workspaceId" varchar)"#.to_owned(),
        r#"CREATE TABLE variable ("id" varchar PRIMARY KEY, "name" varchar, "value" text, "type" varchar, "workspaceId" varchar)"#.to_owned(),
        r#"CREATE TABLE tool ("id" varchar PRIMARY KEY, "name" varchar, "description" text, "color" varchar, "func" text, "workspaceId" varchar)"#.to_owned(),
        r#"CREATE TABLE chat_flow ("id" varchar PRIMARY KEY, "name" varchar, "flowData" text, "isPublic" boolean, "type" varchar, "createdDate" datetime, "workspaceId" varchar)"#.to_owned(),
        r#"CREATE TABLE chat_message ("id" varchar PRIMARY KEY, "role" varchar, "chatflowid" varchar, "content" text, "chatType" varchar, "chatId" varchar, "sessionId" varchar, "createdDate" datetime)"#.to_owned(),
        r#"CREATE TABLE chat_message_feedback ("id" varchar PRIMARY KEY, "chatflowid" varchar, "chatId" varchar, "messageId" varchar, "rating" varchar)"#.to_owned(),
        r#"CREATE TABLE lead ("id" varchar PRIMARY KEY, "name" varchar, "chatflowid" varchar, "chatId" varchar)"#.to_owned(),
        r#"CREATE TABLE document_store ("id" varchar PRIMARY KEY, "name" varchar, "description" varchar, "loaders" text, "whereUsed" text, "status" varchar, "vectorStoreConfig" text, "embeddingConfig" text, "recordManagerConfig" text, "createdDate" datetime, "updatedDate" datetime, "workspaceId" varchar)"#.to_owned(),
        r#"CREATE TABLE document_store_file_chunk ("id" varchar PRIMARY KEY, "docId" varchar, "storeId" varchar, "chunkNo" integer, "pageContent" text, "metadata" text)"#.to_owned(),
        r#"CREATE TABLE upsert_history ("id" varchar PRIMARY KEY, "chatflowid" varchar, "result" varchar, "flowData" varchar, "date" datetime)"#.to_owned(),
        r#"CREATE TABLE execution ("id" varchar PRIMARY KEY, "executionData" text, "state" varchar, "agentflowId" varchar, "sessionId" varchar, "action" text, "isPublic" boolean, "createdDate" datetime, "updatedDate" datetime, "stoppedDate" datetime, "workspaceId" varchar)"#.to_owned(),
        format!("INSERT INTO workspace VALUES ('w1', 'Default', {when})"),
        "INSERT INTO workspace_user VALUES ('w1', 'u1')".to_owned(),
        r#"INSERT INTO "user" VALUES ('u1', 'Ada', 'Ada@example.com', '$2b$05$abcdefghijklmnopqrstuv', 'active')"#.to_owned(),
        "INSERT INTO apikey VALUES ('k1', 'a-key-that-clients-know', 'site', 'w1')".to_owned(),
        format!("INSERT INTO credential VALUES ('c1', 'OpenAI', 'openAIApi', '{sealed}', 'w1')"),
        format!("INSERT INTO credential VALUES ('c2', 'Lost', 'openAIApi', '{foreign}', 'w1')"),
        "INSERT INTO variable VALUES ('v1', 'city', 'Oslo', 'static', 'w1')".to_owned(),
        "INSERT INTO variable VALUES ('v2', 'HOME', NULL, 'runtime', 'w1')".to_owned(),
        "INSERT INTO tool VALUES ('t1', 'add', 'adds', '#fff', 'const x = require(''fs'')', 'w1')".to_owned(),
        format!("INSERT INTO chat_flow VALUES ('f1', 'Tea shop', '{flow}', 1, NULL, {when}, 'w1')"),
        format!("INSERT INTO chat_message VALUES ('m1', 'userMessage', 'f1', 'Hello', 'EXTERNAL', 'chat', 'chat', {when})"),
        format!("INSERT INTO chat_message VALUES ('m2', 'apiMessage', 'f1', 'Hi!', 'EXTERNAL', 'chat', 'chat', {when})"),
        format!("INSERT INTO chat_message VALUES ('m3', 'apiMessage', 'gone', 'Hi!', 'EXTERNAL', 'chat', 'chat', {when})"),
        "INSERT INTO chat_message_feedback VALUES ('b1', 'f1', 'chat', 'm2', 'THUMBS_UP')".to_owned(),
        "INSERT INTO lead VALUES ('l1', 'Bob', 'f1', 'chat')".to_owned(),
        format!(r#"INSERT INTO document_store VALUES ('d1', 'Teas', 'all of them', '[{{"id":"ld1","loaderId":"csvFile","loaderName":"Csv File","loaderConfig":{{"csvFile":"FILE-STORAGE::[\"teas.csv\"]"}},"splitterId":"","splitterName":"","splitterConfig":null,"totalChunks":1,"totalChars":5,"status":"SYNC","files":[{{"id":"x","name":"teas.csv","mimePrefix":"text/csv","size":5,"status":"NEW","uploaded":"2025-01-31"}}]}}]', '[]', 'UPSERTED', '{{"name":"noSuchStore","config":{{}}}}', '{{"name":"openAIEmbeddings","config":{{}}}}', NULL, {when}, {when}, 'w1')"#),
        "INSERT INTO document_store_file_chunk VALUES ('h1', 'ld1', 'd1', 1, 'green', '{}')".to_owned(),
        "INSERT INTO document_store_file_chunk VALUES ('h2', 'ld1', 'gone', 1, 'lost', '{}')".to_owned(),
        format!(r#"INSERT INTO upsert_history VALUES ('y1', 'd1', '{{"numAdded":1}}', '[]', {when})"#),
        format!(r#"INSERT INTO execution VALUES ('e1', '[{{"nodeId":"startAgentflow_0","nodeLabel":"Start","data":{{}},"previousNodeIds":[],"status":"FINISHED"}}]', 'FINISHED', 'f1', 'chat', NULL, 1, {when}, {when}, NULL, 'w1')"#),
        format!("INSERT INTO execution VALUES ('e2', '[]', 'STOPPED', 'f1', 'chat', '{{}}', NULL, {when}, {when}, {when}, 'w1')"),
        format!("INSERT INTO execution VALUES ('e3', 'no list', 'FINISHED', 'f1', 'chat', NULL, NULL, {when}, {when}, NULL, 'w1')"),
        format!("INSERT INTO execution VALUES ('e4', '[]', 'FINISHED', 'gone', 'chat', NULL, NULL, {when}, {when}, NULL, 'w1')"),
    ] {
        database.execute_unprepared(&sql).await.unwrap();
    }
    database.close().await.unwrap();
    let storage = folder.path().join("storage/org/f1");
    std::fs::create_dir_all(storage.join("chat")).unwrap();
    std::fs::write(storage.join("menu.csv"), "tea").unwrap();
    std::fs::write(storage.join("chat/cat.png"), "cat").unwrap();
    let stored = folder.path().join("storage/org/docustore/d1");
    std::fs::create_dir_all(&stored).unwrap();
    std::fs::write(stored.join("teas.csv"), "green").unwrap();
    folder
}

async fn target(folder: &TempDir) -> Installation {
    let data = format!("--DATABASE_PATH={}", folder.path().display());
    Installation::open(&Config::read(&[data]).unwrap()).await.unwrap()
}

async fn moved(from: &TempDir, into: &Installation, rehearsal: bool) -> String {
    let source = Source::open(&Place::parse(from.path().to_str().unwrap()).unwrap()).await.unwrap();
    let import = Import::new(&source, into, Some(Key::new(KEY)), rehearsal).await.unwrap();
    import.run().await.unwrap().to_string()
}

#[tokio::test]
async fn everything_that_can_comes_over_and_the_rest_is_told() {
    let (from, folder) = (flowise().await, tempfile::tempdir().unwrap());
    let target = target(&folder).await;
    insta::assert_snapshot!(moved(&from, &target, false).await);

    let workspace = target.default_workspace().await.unwrap();
    let scope = WorkspaceScope::new(workspace.clone());
    let store = &target.store;
    let (flows, _) =
        store.chatflows().list(&scope, &ChatFlowFilter::default(), None).await.unwrap();
    assert_eq!((flows.len(), flows[0].id.as_str(), flows[0].is_public), (1, "f1", Some(true)));
    let filter = MessageFilter::default();
    let (messages, _) =
        store.messages().list(&scope, "f1", &filter, Order::Ascending, None).await.unwrap();
    assert_eq!(messages.len(), 2);
    let user = store.users().find_by_email("ada@example.com").await.unwrap().unwrap();
    assert_eq!(user.password_hash.as_deref(), Some("$2b$05$abcdefghijklmnopqrstuv"));
    let places = store.workspaces().list_for_user(&user.id).await.unwrap();
    assert_eq!(places[0].0.id, workspace);
    let credential = target.engine.services().credentials.reveal(&workspace, "c1").await.unwrap();
    assert_eq!(credential.get("openAIApiKey"), Some("sk-1"));
    let (hash, _) = flowstone_server::known_key("a-key-that-clients-know");
    assert!(store.api_keys().find_by_hash(&hash).await.unwrap().is_some());
    let files = &target.engine.services().files;
    let form = flowstone_core::FilePlace::Flow { workspace: &workspace, flow: "f1" };
    assert_eq!(files.read(form, "menu.csv").await.unwrap(), b"tea");
    let loader = flowstone_core::FilePlace::Flow { workspace: &workspace, flow: "ld1" };
    assert_eq!(files.read(loader, "teas.csv").await.unwrap(), b"green");
    let scope = WorkspaceScope::new(workspace.clone());
    let stores = store.document_stores();
    assert_eq!(stores.get(&scope, "d1").await.unwrap().name, "Teas");
    let chunks = stores.chunks(&scope, "d1", Some("ld1"), None).await.unwrap();
    assert_eq!(chunks.0[0].page_content, "green");
    let filter = flowstone_store::UpsertHistoryFilter::default();
    assert_eq!(stores.history(&scope, "d1", &filter, None).await.unwrap().1, 1);
}

#[tokio::test]
async fn a_second_run_brings_nothing_twice_and_a_rehearsal_nothing_at_all() {
    let (from, folder) = (flowise().await, tempfile::tempdir().unwrap());
    let target = target(&folder).await;
    let rehearsed = moved(&from, &target, true).await;
    assert!(rehearsed.starts_with("Would come over"), "{rehearsed}");
    assert_eq!(target.store.users().count().await.unwrap(), 0);
    moved(&from, &target, false).await;
    insta::assert_snapshot!(moved(&from, &target, false).await);
}
