//! Runs of agentflows are the same over every database: what they tell, keep and leave in the chat.

#![expect(
    clippy::disallowed_methods,
    reason = "the tests start database servers and look for them in the PATH"
)]

use std::fmt::Write as _;

use axum::http::Method;
use flowstone_server::ServerSettings;
use flowstone_store::{DatabaseSettings, ServerAddress, ServerSettings as DatabaseServer};
use serde_json::{Value, json};

use self::listening::Listening;
use crate::{
    exchange::{Transcript, redact},
    server::TestServer,
};

#[path = "../../../sql/tests/it/listening.rs"]
mod listening;
#[path = "../../../store/tests/it/process.rs"]
mod process;

/// A run that asks a model and fails to ask another flow, one that stops at a breakpoint and goes
/// on, and one that goes back into it.
async fn transcript(database: &DatabaseSettings) -> String {
    let server = TestServer::over(database, ServerSettings::default()).await;
    let (server, session) = server.settled().await;
    let node = |id: &str, name: &str, text: &str| {
        json!({ "id": id, "data": { "id": id, "name": name, "label": id.to_uppercase(),
            "inputs": { "text": text } } })
    };
    let wire = |from: &str, to: &str, way: &str| {
        json!({ "source": from, "target": to, "sourceHandle": format!("{from}-output-{way}"),
            "targetHandle": to })
    };
    let mut stops = node("words", "sayAgentflow", "=größer 🍵 ' \" \\ \u{1}");
    stops["data"]["breakpoint"] = json!(true);
    let mut fails = node("fails", "sayAgentflow", &format!("ask {}", crate::server::NIL));
    fails["data"]["envelope"] = json!({ "onError": "branch" });
    let data = json!({
        "nodes": [node("start", "startAgentflow", ""), node("talks", "sayAgentflow", "talk"),
            fails, stops],
        "edges": [wire("start", "talks", "start"), wire("talks", "fails", "say"),
            wire("fails", "words", "error")],
    });
    let form = json!({ "name": "f", "flowData": data.to_string(), "type": "AGENTFLOW" });
    let flow = server.post("/chatflows", &form, &session).await.json()["id"].clone();
    let flow = flow.as_str().unwrap();
    let path = format!("/internal-prediction/{flow}");
    let mut told = Transcript::default();
    let ask = json!({ "question": "hi", "chatId": "chat", "draft": true });
    let stopped = told.call(&server, Method::POST, &path, Some(ask), &session).await.json();
    let id = stopped["executionId"].as_str().unwrap();
    let goes_on = json!({ "chatId": "chat", "humanInput": { "type": "proceed" } });
    told.call(&server, Method::POST, &path, Some(goes_on), &session).await;
    let back = json!({ "nodeId": "fails", "flow": "published" });
    let rerun = format!("/executions/{id}/rerun");
    let begun = told.call(&server, Method::POST, &rerun, Some(back), &session).await.json();
    let mut text = told.text().to_owned();
    for id in [id, begun["executionId"].as_str().unwrap()] {
        let events = server.get(&format!("/executions/{id}/events"), &session).await;
        for frame in events.text().lines() {
            let shown = match frame.strip_prefix("data:") {
                Some(event) => redact(serde_json::from_str(event).unwrap()).to_string(),
                None => frame.to_owned(),
            };
            writeln!(text, "{shown}").unwrap();
        }
        let mut run = server.get(&format!("/executions/{id}"), &session).await.json();
        // How long it took is nobody's promise.
        run["spent"]["milliseconds"] = json!(0);
        for part in ["executionData", "action"] {
            let parsed = run[part].as_str().and_then(|it| serde_json::from_str::<Value>(it).ok());
            run[part] = parsed.unwrap_or_default();
        }
        writeln!(text, "{:#}", redact(run)).unwrap();
    }
    let chat = server.get(&format!("/chatmessage/{flow}?chatId=chat"), &session).await.json();
    let said = chat.as_array().unwrap().iter().map(|it| json!([it["role"], it["content"]]));
    writeln!(text, "{:#}", said.collect::<Value>()).unwrap();
    let spent = server.get("/spending", &session).await.json();
    writeln!(text, "{:#}", redact(spent)).unwrap();
    text
}

fn server_at(url: &str) -> DatabaseServer {
    DatabaseServer::new(ServerAddress::Url(url.to_owned().into()))
}

#[tokio::test]
async fn runs_of_agentflows_are_the_same_over_every_database() {
    let (mut postgres, mut mariadb) = (Listening::postgres(), Listening::mariadb());
    for database in [
        DatabaseSettings::SqliteMemory,
        DatabaseSettings::Postgres(server_at(&postgres.url)),
        DatabaseSettings::MySql(server_at(&mariadb.url)),
    ] {
        insta::assert_snapshot!("runs_of_agentflows", transcript(&database).await);
    }
    postgres.stop();
    mariadb.stop();
}
