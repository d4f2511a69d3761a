//! Starting: settings that are wrong are named, and a second server harms no first one.

use std::{fmt::Write, time::Duration};

use serde_json::json;
use tempfile::TempDir;

use crate::{
    process::{Server, finish, flowstone},
    site::Site,
};

/// What a start that must fail says on its last line.
async fn refusal(variables: &[(&str, &str)]) -> String {
    let home = TempDir::new().unwrap();
    let mut command = flowstone(home.path(), &["start"]);
    command.env("PORT", "0").envs(variables.iter().copied());
    let (succeeded, _, said) = finish(command).await;
    assert!(!succeeded, "{variables:?}: {said}");
    let last = said.lines().last().unwrap_or_default();
    last.replace(&*home.path().to_string_lossy(), "[home]")
}

#[tokio::test]
async fn wrong_variables_are_named_with_what_would_be_right() {
    let mut sentences = String::new();
    for (name, value) in [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("HOST", "nowhere"),
        ("FLOWISE_FILE_SIZE_LIMIT", "big"),
        ("DATABASE_TYPE", "oracle"),
        ("DATABASE_TYPE", "postgres"),
        ("HTTP_ALLOW_LIST", "everything"),
        ("HTTP_SECURITY_CHECK", "maybe"),
        ("JWT_AUTH_TOKEN_SECRET", "short"),
        ("TRUST_PROXY", "some"),
        ("LOG_FORMAT", "xml"),
        ("MODE", "queue"),
        ("SANDBOX_TIMEOUT", "soon"),
    ] {
        let _ = writeln!(sentences, "{name}={value}: {}", refusal(&[(name, value)]).await);
    }
    insta::assert_snapshot!(sentences);
}

#[tokio::test]
async fn a_wrong_flag_is_answered_with_the_nearest_name() {
    let home = TempDir::new().unwrap();
    let (succeeded, _, said) = finish(flowstone(home.path(), &["start", "--port=0"])).await;
    assert!(!succeeded);
    assert_eq!(
        said.trim(),
        "flowstone: there is no variable port: did you mean PORT or DATABASE_PORT or SMTP_PORT?"
    );
    assert!(!home.path().join(".flowstone").exists(), "nothing was made");
}

#[tokio::test]
async fn a_port_in_use_is_named_and_the_first_server_goes_on() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let port = site.server.origin.rsplit(':').next().unwrap().to_owned();
    let mut second = flowstone(site.home.path(), &["start"]);
    second.env("PORT", &port).env("HOST", "127.0.0.1");
    let (succeeded, _, said) = finish(second).await;
    assert!(!succeeded);
    assert!(said.contains(&format!("port 127.0.0.1:{port} cannot be used")), "{said}");
    assert_eq!(site.ask(&id, &json!({"question": "Bob"})).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_database_server_that_is_not_there_is_said() {
    let said = refusal(&[
        ("DATABASE_TYPE", "postgres"),
        ("DATABASE_HOST", "127.0.0.1"),
        ("DATABASE_PORT", "9"),
        ("DATABASE_USER", "ada"),
        ("DATABASE_PASSWORD", "anchor-and-chain"),
        ("DATABASE_NAME", "flowstone"),
    ])
    .await;
    assert!(said.contains("the database cannot be reached"), "{said}");
    assert!(!said.contains("anchor"), "{said}");
}

#[tokio::test]
async fn switching_the_address_check_off_is_warned_of() {
    let home = TempDir::new().unwrap();
    let server = Server::start(home.path(), &[("HTTP_SECURITY_CHECK", "false")]).await;
    assert!(server.log().contains("HTTP_SECURITY_CHECK=false"), "{}", server.log());
}

#[tokio::test]
async fn a_bucket_without_a_name_is_said() {
    let said = refusal(&[("STORAGE_TYPE", "s3")]).await;
    assert!(said.contains("S3_STORAGE_BUCKET_NAME is not set"), "{said}");
}

#[tokio::test]
async fn a_first_start_offers_an_example_that_is_there() {
    let home = TempDir::new().unwrap();
    let server = Server::start(home.path(), &[("FLOWSTONE_EXAMPLES", "true")]).await;
    // The line is written after the one that says it is ready; both come in one piece.
    let log = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            let log = server.log();
            if log.contains("\"streaming\": true") {
                return log;
            }
            tokio::task::yield_now().await;
        }
    });
    let log = log.await.unwrap();
    assert!(log.contains("curl -N http://localhost:"), "{log}");
    assert!(log.contains("/api/v1/prediction/00000000-0000-4000-8000-00000000f101"), "{log}");
}
