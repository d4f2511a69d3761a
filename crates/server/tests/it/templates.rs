//! Templates: ours, and those that users save.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    exchange::Transcript,
    server::{NIL, TestServer},
};

#[tokio::test]
async fn templates_are_saved_without_secrets_listed_and_deleted() {
    let (server, session) = TestServer::set_up().await;
    let data = json!({ "nodes": [{ "id": "toyModel_0", "data": {
        "id": "toyModel_0", "name": "toyModel", "category": "Chat Models", "credential": "canary",
        "inputs": { "proxyPassword": "canary", "effort": "low" },
    } }], "edges": [] });
    let flow = json!({ "name": "F", "flowData": data.to_string(), "type": "AGENTFLOW" });
    let flow = server.post("/chatflows", &flow, &session).await.json()["id"].clone();
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    call(Method::GET, "/marketplaces/templates", None).await;
    let form = json!({ "name": "T", "description": "d", "badge": "B", "usecases": ["u"], "chatflowId": flow });
    let made = call(Method::POST, "/marketplaces/custom", Some(form)).await;
    let tool =
        json!({ "name": "TT", "tool": { "iconSrc": "", "schema": "[]", "func": "return 1" } });
    call(Method::POST, "/marketplaces/custom", Some(tool)).await;
    call(Method::POST, "/marketplaces/custom", Some(json!({}))).await;
    call(Method::POST, "/marketplaces/custom", Some(json!({ "name": "T" }))).await;
    call(Method::POST, "/marketplaces/custom", Some(json!({ "name": "T", "chatflowId": NIL })))
        .await;
    call(Method::GET, "/marketplaces/custom", None).await;
    let path = format!("/marketplaces/custom/{}", made.json()["id"].as_str().unwrap());
    call(Method::DELETE, &path, None).await;
    call(Method::DELETE, &path, None).await;
    assert!(!transcript.text().contains("canary"));
    insta::assert_snapshot!(transcript.text());
}
