//! Flows over HTTP, as their owner and as chat windows see them.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    exchange::Transcript,
    server::{By, NIL, TestServer},
};

/// An answering flow with a half-filled model.
fn data() -> String {
    json!({
        "nodes": [
            { "id": "toyModel_0", "data": { "name": "toyModel", "label": "Toy Model", "id": "toyModel_0",
                "credential": "secret-id", "inputs": { "proxyPassword": "secret", "allowImageUploads": true },
                "inputParams": [{ "label": "Proxy Password", "name": "proxyPassword", "type": "password" }] } },
            { "id": "echo_0", "data": { "name": "echo", "label": "Echo", "id": "echo_0",
                "inputs": { "model": "{{toyModel_0.data.instance}}" } } },
        ],
        "edges": [{ "source": "toyModel_0", "target": "echo_0", "targetHandle": "echo_0-input-model-ToyModel" }],
    })
    .to_string()
}

fn form() -> Value {
    json!({ "name": "T1", "flowData": data(), "type": "CHATFLOW", "category": "a;b", "isPublic": false })
}

#[tokio::test]
async fn flows_are_made_listed_changed_and_deleted() {
    let (server, session) = TestServer::set_up().await;
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    let made = call(Method::POST, "/chatflows", Some(form())).await;
    let path = format!("/chatflows/{}", made.json()["id"].as_str().unwrap());
    call(Method::POST, "/chatflows", None).await;
    call(
        Method::POST,
        "/chatflows",
        Some(json!({ "name": "x", "flowData": "{}", "type": "NOPE" })),
    )
    .await;
    call(
        Method::POST,
        "/chatflows",
        Some(json!({ "name": "x", "flowData": "not json", "type": "CHATFLOW" })),
    )
    .await;
    call(
        Method::POST,
        "/chatflows",
        Some(json!({ "name": "x", "flowData": {}, "type": "CHATFLOW" })),
    )
    .await;
    call(Method::POST, "/chatflows", Some(json!({ "name": "x", "type": "CHATFLOW" }))).await;
    call(Method::GET, "/chatflows?type=CHATFLOW&page=1&limit=2", None).await;
    call(Method::GET, "/chatflows?type=AGENTFLOW", None).await;
    call(Method::GET, &path, None).await;
    call(Method::GET, &format!("/chatflows/{NIL}"), None).await;
    call(Method::GET, "/chatflows/abc", None).await;
    call(Method::PUT, &path, Some(json!({ "name": "T1b", "category": null }))).await;
    call(Method::PUT, &path, Some(json!({ "type": "NOPE" }))).await;
    call(Method::PUT, &path, Some(json!({ "chatbotConfig": "{" }))).await;
    call(Method::PUT, &format!("/chatflows/{NIL}"), Some(json!({ "name": "x" }))).await;
    call(Method::GET, &path.replace("/chatflows/", "/stats/"), None).await;
    call(Method::GET, &path.replace("/chatflows/", "/flow-config/"), None).await;
    call(Method::GET, &path.replace("/chatflows/", "/leads/"), None).await;
    call(Method::POST, &format!("{path}/webhook-secret"), Some(json!({}))).await;
    call(Method::DELETE, &format!("{path}/webhook-secret"), None).await;
    call(Method::DELETE, &path, None).await;
    call(Method::DELETE, &path, None).await;
    call(Method::DELETE, "/chatflows/abc", None).await;
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn chat_windows_see_what_they_need_and_no_more() {
    let (server, session) = TestServer::set_up().await;
    let made = server.post("/chatflows", &form(), &session).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let mut transcript = Transcript::default();
    let mut ask = async |area: &str, id: &str| {
        transcript.call(&server, Method::GET, &format!("/{area}/{id}"), None, &By::Nobody).await
    };
    ask("public-chatflows", &id).await;
    let config = json!({
        "starterPrompts": { "0": { "prompt": "Hi" } },
        "postProcessing": { "enabled": false, "customFunction": "\"return secret\"" },
    });
    let change = json!({ "isPublic": true, "chatbotConfig": config.to_string(), "analytic": "{\"x\":\"secret\"}" });
    server.put(&format!("/chatflows/{id}"), &change, &session).await;
    for area in
        ["public-chatflows", "public-chatbotConfig", "chatflows-streaming", "chatflows-uploads"]
    {
        let answer = ask(area, &id).await;
        assert!(!answer.text().contains("secret\""), "{area}: {}", answer.text());
        ask(area, NIL).await;
        ask(area, "abc").await;
    }
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn a_page_learns_that_somebody_else_saved() {
    let (server, session) = TestServer::set_up().await;
    let flow = server.post("/chatflows", &form(), &session).await.json();
    let (id, saved) = (flow["id"].as_str().unwrap(), flow["updatedDate"].as_str().unwrap());
    let ask = async |since: &str| {
        server.get(&format!("/chatflows/has-changed/{id}/{since}"), &session).await
    };
    assert_eq!(ask(saved).await.json(), json!({ "hasChanged": false }));
    assert_eq!(ask("2020-01-01T00:00:00.000Z").await.json(), json!({ "hasChanged": true }));
    assert_eq!(ask("yesterday").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_flow_streams_unless_its_answer_is_worked_on_afterwards() {
    let (server, session) = TestServer::set_up().await;
    let id = server.post("/chatflows", &form(), &session).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/chatflows-streaming/{id}");
    assert_eq!(server.get(&path, &By::Nobody).await.json(), json!({ "isStreaming": true }));
    let config = json!({ "postProcessing": { "enabled": true, "customFunction": "\"return 1\"" } });
    let change = json!({ "chatbotConfig": config.to_string() });
    server.put(&format!("/chatflows/{id}"), &change, &session).await;
    assert_eq!(server.get(&path, &By::Nobody).await.json(), json!({ "isStreaming": false }));
    let broken = json!({ "chatbotConfig": null, "flowData": "{}" });
    server.put(&format!("/chatflows/{id}"), &broken, &session).await;
    assert_eq!(server.get(&path, &By::Nobody).await.json(), json!({ "isStreaming": false }));
}
