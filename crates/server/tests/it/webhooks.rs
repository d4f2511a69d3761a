//! Agentflows that begin by a request of another system.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::json;

use crate::server::{ALL_PERMISSIONS, By, TestServer};

/// A flow whose webhook wants a token; gives its id and the token.
async fn flow(server: &TestServer, by: &By) -> (String, String) {
    let data = json!({
        "nodes": [
            { "id": "startAgentflow_0",
                "data": { "id": "startAgentflow_0", "name": "startAgentflow", "label": "Start",
                    "inputs": { "startInputType": "webhookTrigger", "webhookMethod": "POST",
                        "webhookEnableAuth": true, "webhookSignatureType": "plain-token" } } },
            { "id": "say_0",
                "data": { "id": "say_0", "name": "sayAgentflow", "label": "Say", "inputs": {} } },
        ],
        "edges": [{ "source": "startAgentflow_0", "target": "say_0",
            "sourceHandle": "startAgentflow_0-output-startAgentflow", "targetHandle": "say_0" }],
    });
    let form = json!({ "name": "w", "flowData": data.to_string(), "type": "AGENTFLOW" });
    let id = server.post("/chatflows", &form, by).await.json()["id"].as_str().unwrap().to_owned();
    let made = server.post(&format!("/chatflows/{id}/webhook-secret"), &json!({}), by).await;
    let secret = made.json()["webhookSecret"].as_str().unwrap().to_owned();
    (id, secret)
}

#[tokio::test]
async fn who_cannot_sign_is_refused_before_anything_else_is_said_of_the_call() {
    let (server, session) = TestServer::set_up().await;
    let (id, secret) = flow(&server, &session).await;
    for (method, token, status) in [
        (Method::POST, None, StatusCode::UNAUTHORIZED),
        (Method::GET, None, StatusCode::UNAUTHORIZED),
        (Method::GET, Some("wrong"), StatusCode::UNAUTHORIZED),
        (Method::GET, Some(&*secret), StatusCode::METHOD_NOT_ALLOWED),
        (Method::POST, Some(&*secret), StatusCode::OK),
    ] {
        let mut request =
            Request::builder().method(method.clone()).uri(format!("/api/v1/webhook/{id}"));
        if let Some(token) = token {
            request = request.header("x-webhook-signature", token);
        }
        let answer = server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{method} {token:?}: {}", answer.text());
    }
}

#[tokio::test]
async fn who_may_change_a_flow_may_listen_to_its_webhook_by_a_session_or_a_key() {
    let (server, session) = TestServer::set_up().await;
    let (id, _) = flow(&server, &session).await;
    let key = server.key(&session, ALL_PERMISSIONS).await;
    let (register, stream) =
        (format!("/webhook-listener/{id}/register"), format!("/webhook-listener/{id}/stream/gone"));
    for (by, registered, heard) in [
        (&session, StatusCode::OK, StatusCode::NOT_FOUND),
        (&key, StatusCode::OK, StatusCode::NOT_FOUND),
        (&By::Nobody, StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(server.post(&register, &json!({}), by).await.status, registered);
        // A listener that is registered would be told until it leaves; one that is gone is missed.
        assert_eq!(server.get(&stream, by).await.status, heard);
    }
}
