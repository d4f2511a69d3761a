//! What outlives the process: data after a sudden end, and secrets that only their owner reads.

use std::os::unix::fs::PermissionsExt;

use reqwest::Method;
use serde_json::json;

use crate::{
    process,
    site::{Site, exchange, send},
};

#[tokio::test]
async fn a_sudden_end_loses_nothing_that_was_answered() {
    let site = Site::open().await;
    let id = site.flow("conversation").await;
    let body = json!({"question": "I am Zoe", "chatId": "quay"});
    assert_eq!(site.ask(&id, &body).await.status.as_u16(), 200);
    let mut stream = site.stream(&id, &json!({"question": "[[hang]]", "chatId": "quay"})).await;
    stream.until("Mock").await;

    let site = site.killed_and_started().await;
    assert!(!stream.whatever_comes().await.contains("[DONE]"), "a cut stream does not look whole");
    site.provider.dropped().await;
    // The same session still holds, as the secrets are the same.
    assert_eq!(site.said(&id).await, exchange("I am Zoe", "Mock reply to: I am Zoe"));
    let answer = site.ask(&id, &json!({"question": "Who am I?", "chatId": "quay"})).await;
    assert_eq!(answer.json()["text"], "Mock reply to: Who am I?");
    let sent = site.provider.last_request();
    assert!(sent.body.to_string().contains("I am Zoe"), "the memory is still there");
    assert_eq!(sent.headers["authorization"], "Bearer sk-test-1", "the credential still opens");
    let check = process::program(site.home.path(), "python3");
    assert_eq!(integrity(check, &site).await, "ok");
}

/// What the database itself says of its file, read by another program.
async fn integrity(mut python: tokio::process::Command, site: &Site) -> String {
    let path = site.home.path().join(".flowstone/database.sqlite");
    let code = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone()[0])";
    python.args(["-c", code]).arg(path);
    let (_, said, error) = process::finish(python).await;
    assert!(error.is_empty(), "{error}");
    said.trim().to_owned()
}

#[tokio::test]
async fn secrets_are_made_once_and_only_their_owner_reads_them() {
    let site = Site::open().await;
    let folder = site.home.path().join(".flowstone");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    for name in ["encryption.key", "token.key"] {
        let mode = std::fs::metadata(folder.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_ne!(read("encryption.key"), read("token.key"));
    let before = (read("encryption.key"), read("token.key"));
    let secret = String::from_utf8(before.0.clone()).unwrap();
    assert!(!site.server.log().contains(secret.trim()), "secrets are not logged");
    let site = site.killed_and_started().await;
    assert_eq!((read("encryption.key"), read("token.key")), before);
    let listed = send(site.signed_in(Method::GET, "/credentials")).await;
    assert_eq!(listed.json().as_array().unwrap().len(), 1, "the session outlives the process");
    assert!(!listed.text.contains("sk-test-1"));
}

#[tokio::test]
async fn a_secret_that_others_can_read_is_refused() {
    let site = Site::open().await;
    let Site { server, home, .. } = site;
    server.kill().await;
    let key = home.path().join(".flowstone/encryption.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut command = process::flowstone(home.path(), &["start"]);
    command.env("PORT", "0");
    let (succeeded, _, said) = process::finish(command).await;
    assert!(!succeeded);
    assert!(said.contains("encryption.key") && said.contains("600"), "{said}");
}
