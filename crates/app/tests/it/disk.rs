//! A disk that fills up: said in a sentence, nothing half-written, and all well once there is room.

use std::{
    fs::{File, OpenOptions},
    io::{Error, ErrorKind, Write},
    path::PathBuf,
};

use flowstone_testkit::FakeProvider;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    process::{self, Server},
    site::{Site, exchange, send},
};

/// Size of the disk: an empty installation and a few chats fit.
const SIZE: &str = "size=4m";
const FULL: &str = "the database's disk is full: nothing was saved";

/// A server whose data is on a small disk of its own, which only it sees; and the way to that disk
/// from here.
async fn on_a_small_disk() -> (Site, PathBuf) {
    let home = TempDir::new().unwrap();
    let provider = FakeProvider::start().await;
    let data = home.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let mut command = process::program(home.path(), "unshare");
    let mount = format!("mount -t tmpfs -o {SIZE} tmpfs \"$DATABASE_PATH\" && exec \"$0\" start");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &mount]);
    command.arg(env!("CARGO_BIN_EXE_flowstone"));
    command.env("DATABASE_PATH", &data).env("HTTP_ALLOW_LIST", provider.address());
    let server = Server::of(command).await;
    let inside = format!("/proc/{}/root{}", server.id(), data.display());
    (Site::set_up(server, provider, home).await, PathBuf::from(inside))
}

/// Writes until there is no room for a single byte more.
fn fill(mut file: File) {
    for size in [1 << 16, 1 << 10, 1] {
        let block = vec![0; size];
        let failed: Error = loop {
            if let Err(error) = file.write_all(&block) {
                break error;
            }
        };
        assert_eq!(failed.kind(), ErrorKind::StorageFull, "{failed}");
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_loses_nothing() {
    let (site, disk) = on_a_small_disk().await;
    let id = site.flow("conversation").await;
    site.ask(&id, &json!({"question": "before", "chatId": "quay"})).await;
    let ballast = disk.join("ballast");
    fill(OpenOptions::new().create_new(true).write(true).open(&ballast).unwrap_or_else(|error| {
        panic!("the small disk of the server cannot be reached from here: {error}")
    }));

    // Larger than what the database may still have free inside its files.
    let flow = site.flow_data("llm-chain");
    let long = "word ".repeat(100_000);
    let form = json!({"name": "B", "type": "CHATFLOW", "flowData": flow.to_string(), "analytic": format!("\"{long}\"")});
    let refused = send(site.signed_in(Method::POST, "/chatflows").json(&form)).await;
    assert_eq!((refused.status.as_u16(), refused.failure()), (503, FULL.to_owned()));
    let question = json!({"question": format!("full {long}"), "chatId": "quay"});
    let refused = site.ask(&id, &question).await;
    assert_eq!((refused.status.as_u16(), refused.failure()), (503, FULL.to_owned()));
    let streamed = site.stream(&id, &question).await.rest().await;
    let events = streamed.events();
    let [.., (error, message), (end, _)] = &events[..] else { panic!("{}", streamed.text) };
    assert_eq!((error.as_str(), message, end.as_str()), ("error", &json!(FULL), "end"));
    assert!(site.answers_ping().await);
    let flows = site.admin(Method::GET, "/chatflows", &json!({})).await.json();
    assert_eq!(flows.as_array().unwrap().len(), 1, "the second flow is not there at all");
    assert_eq!(site.said(&id).await, exchange("before", "Mock reply to: before"));

    std::fs::remove_file(&ballast).unwrap();
    let answer = site.ask(&id, &json!({"question": "after", "chatId": "quay"})).await;
    assert_eq!(answer.json()["text"], "Mock reply to: after");
    let said = site.said(&id).await;
    assert_eq!(said[2..], exchange("after", "Mock reply to: after"));
}

#[tokio::test]
async fn a_disk_without_room_for_a_first_start_is_said() {
    let home = TempDir::new().unwrap();
    let mut command = process::program(home.path(), "unshare");
    let mount = "mount -t tmpfs -o size=16k tmpfs \"$HOME\" && exec \"$0\" start --PORT=0";
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", mount]);
    command.arg(env!("CARGO_BIN_EXE_flowstone"));
    let (succeeded, _, said) = process::finish(command).await;
    assert!(!succeeded);
    assert!(said.contains("disk is full"), "{said}");
}
