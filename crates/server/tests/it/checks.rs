//! What is asked about a flow beside its answers: its checklist, its schedule, its tools.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    exchange::Transcript,
    server::{By, NIL, TestServer},
};

#[tokio::test]
async fn the_checklist_the_schedule_and_the_tools_of_a_flow() {
    let (server, session) = TestServer::set_up().await;
    let data = json!({
        "nodes": [
            { "id": "shout_0", "data": { "id": "shout_0", "name": "shout", "label": "Shout", "inputs": {},
                "inputParams": [{ "label": "Volume", "name": "volume", "type": "number" }] } },
            { "id": "toyAgent_0", "data": { "id": "toyAgent_0", "name": "toyAgent", "label": "Agent",
                "inputs": { "tools": ["{{shout_0.data.instance}}"] } } },
            { "id": "note_0", "data": { "id": "note_0", "name": "stickyNoteAgentflow", "inputs": {} } },
        ],
        "edges": [{ "source": "shout_0", "target": "toyAgent_0", "targetHandle": "toyAgent_0-input-tools-Tool" }],
    });
    let made = async |data: &Value| {
        let flow = json!({ "name": "f", "flowData": data.to_string(), "type": "CHATFLOW" });
        server.post("/chatflows", &flow, &session).await.json()["id"].as_str().unwrap().to_owned()
    };
    let (id, empty) = (made(&data).await, made(&json!({ "nodes": [], "edges": [] })).await);
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    call(Method::GET, &format!("/validation/{id}"), None).await;
    call(Method::GET, &format!("/validation/{NIL}"), None).await;
    let schedule = format!("/chatflows/{id}/schedule");
    call(Method::GET, &format!("{schedule}/status"), None).await;
    call(Method::PATCH, &format!("{schedule}/enabled"), Some(json!({ "enabled": true }))).await;
    call(Method::GET, &format!("{schedule}/trigger-logs?page=2&limit=5"), None).await;
    call(Method::DELETE, &format!("{schedule}/trigger-logs"), Some(json!({}))).await;
    call(Method::DELETE, &format!("{schedule}/trigger-logs"), Some(json!({ "logIds": ["a"] })))
        .await;
    let tools = format!("/openai-realtime/{id}");
    call(Method::GET, &tools, None).await;
    for (name, arguments) in
        [("shout", json!(r#"{"text":"hi"}"#)), ("whisper", json!({})), ("shout", json!("no json"))]
    {
        let ask = json!({ "chatId": "c", "toolName": name, "inputArgs": arguments });
        call(Method::POST, &tools, Some(ask)).await;
    }
    call(Method::POST, &tools, Some(json!({}))).await;
    call(Method::GET, &format!("/openai-realtime/{empty}"), None).await;
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn what_this_server_does_not_do_says_so_and_what_to_do_instead() {
    let (server, session) = TestServer::set_up().await;
    let key = server.key(&session, &["chatflows:view"]).await;
    let containers = server.post("/nvidia-nim/start-container", &json!({}), &session).await;
    assert_eq!(containers.status, StatusCode::NOT_IMPLEMENTED);
    assert!(
        containers.text().contains("start the NIM container yourself"),
        "{}",
        containers.text()
    );
    assert_eq!(server.get("/nvidia-nim/preload", &key).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.get("/logs", &session).await.json(), json!({ "message": "Forbidden" }));
    let offers = server.get("/pricing", &By::Nobody).await.json();
    let names: Vec<&String> = offers[0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["title", "subtitle", "price", "period", "features"]);
    let methods = server.call(Method::OPTIONS, &format!("/mcp/{NIL}"), None, &By::Nobody).await;
    assert_eq!(methods.status, StatusCode::NO_CONTENT);
    assert_eq!(methods.header("allow"), "OPTIONS, POST");
}
