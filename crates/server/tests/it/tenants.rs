//! The wall between workspaces: what belongs to another one answers like what does not exist.

use axum::http::{Method, StatusCode};
use chrono::Utc;
use flowstone_server::route::{Policy, table};
use flowstone_store::{ChatMessage, WorkspaceScope};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    policy::filled,
    server::{Answer, By, NIL, TestServer},
};

/// Bodies that would change something if they were let through.
fn bodies(method: &Method) -> Vec<Option<Value>> {
    if *method == Method::GET || *method == Method::DELETE {
        return vec![None];
    }
    let change = json!({
        "name": "stolen", "keyName": "stolen", "permissions": [], "type": "CHATFLOW", "loadMethod": "listModels",
        "question": "hello", "plainDataObj": { "toyKey": "stolen" },
    });
    vec![Some(json!({})), Some(change)]
}

/// One of everything; their ids.
async fn fill(server: &TestServer, by: &By) -> Vec<String> {
    let made = |answer: Answer| {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let json = answer.json();
        json["id"].as_str().or(json[0]["id"].as_str()).unwrap().to_owned()
    };
    let flow =
        json!({ "name": "Sales", "flowData": r#"{"nodes":[],"edges":[]}"#, "type": "CHATFLOW" });
    let flow = made(server.post("/chatflows", &flow, by).await);
    let tool = json!({ "name": "tool", "description": "d", "color": "red", "func": "return 1" });
    let tool = made(server.post("/tools", &tool, by).await);
    let variable =
        made(server.post("/variables", &json!({ "name": "v", "value": "canary" }), by).await);
    let credential =
        json!({ "name": "c", "credentialName": "toyApi", "plainDataObj": { "toyKey": "canary" } });
    let credential = made(server.post("/credentials", &credential, by).await);
    let key = made(server.post("/apikey", &json!({ "keyName": "k", "permissions": [] }), by).await);
    let row = server.store.chatflows().get_for_anyone(&flow).await.unwrap();
    let message = ChatMessage {
        id: Uuid::new_v4().to_string(),
        role: ChatMessage::API.to_owned(),
        content: "canary".to_owned(),
        chatflow_id: flow.clone(),
        chat_id: "chat".to_owned(),
        chat_type: "EXTERNAL".to_owned(),
        created_date: Utc::now(),
        execution_id: None,
        source_documents: None,
        used_tools: None,
        file_annotations: None,
        agent_reasoning: None,
        reason_content: None,
        file_uploads: None,
        artifacts: None,
        action: None,
        memory_type: None,
        session_id: None,
        lead_email: None,
        follow_up_prompts: None,
    };
    let scope = WorkspaceScope::new(row.workspace_id);
    server.store.messages().insert(&scope, std::slice::from_ref(&message)).await.unwrap();
    let feedback = json!({ "chatflowid": flow, "chatId": "chat", "messageId": message.id, "rating": "THUMBS_UP" });
    let feedback = made(server.post("/feedback", &feedback, &By::Nobody).await);
    let lead = made(
        server.post("/leads", &json!({ "chatflowid": flow, "name": "canary" }), &By::Nobody).await,
    );
    vec![flow, tool, variable, credential, key, message.id, feedback, lead]
}

/// Everything a workspace can list of itself.
async fn inventory(server: &TestServer, by: &By, flow: &str) -> String {
    let mut text = String::new();
    for path in ["/chatflows", "/tools", "/variables", "/credentials", "/apikey"] {
        text.push_str(&server.get(path, by).await.text());
    }
    for path in ["/chatmessage/", "/leads/", "/feedback/", "/stats/"] {
        text.push_str(&server.get(&format!("{path}{flow}"), by).await.text());
    }
    text
}

#[tokio::test]
async fn ids_of_another_workspace_answer_like_ids_of_nothing() {
    let (server, ann) = TestServer::set_up().await;
    let ids = fill(&server, &ann).await;
    let bob = server.neighbour().await;
    let before = inventory(&server, &ann, &ids[0]).await;

    let scoped = table()
        .into_iter()
        .filter(|it| !matches!(it.policy, Policy::Anonymous(_)) && it.path.contains('{'));
    for row in scoped {
        for body in bodies(&row.method) {
            let expected =
                server.call(row.method.clone(), &filled(&row, NIL), body.as_ref(), &bob).await;
            for id in &ids {
                let answer =
                    server.call(row.method.clone(), &filled(&row, id), body.as_ref(), &bob).await;
                assert_eq!(answer.status, expected.status, "{row:?}: {}", answer.text());
                assert_eq!(answer.text().replace(id.as_str(), NIL), expected.text(), "{row:?}");
                assert!(!answer.text().contains("canary"), "{row:?}");
            }
        }
    }
    assert_eq!(inventory(&server, &ann, &ids[0]).await, before, "something of Ann's was changed");
}

#[tokio::test]
async fn lists_hold_only_what_is_ones_own() {
    let (server, ann) = TestServer::set_up().await;
    fill(&server, &ann).await;
    let bob = server.neighbour().await;
    for path in ["/chatflows", "/tools", "/variables", "/credentials", "/apikey"] {
        assert_eq!(server.get(path, &bob).await.json(), json!([]), "{path}");
    }
}

#[tokio::test]
async fn a_credential_of_another_workspace_is_not_used_by_reference() {
    let (server, ann) = TestServer::set_up().await;
    let ids = fill(&server, &ann).await;
    let bob = server.neighbour().await;
    let ask = json!({ "loadMethod": "listModels", "credential": ids[3] });
    let own = server.post("/node-load-method/toyModel", &ask, &ann).await;
    assert_eq!(own.json()[0]["name"], "with-key");
    let foreign = server.post("/node-load-method/toyModel", &ask, &bob).await;
    assert!(
        foreign.status.is_client_error() || foreign.status.is_server_error(),
        "{}",
        foreign.text()
    );
}
