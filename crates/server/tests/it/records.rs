//! Variables, tools, feedback, leads and the history of upserts over HTTP.

use axum::http::Method;
use chrono::Utc;
use flowstone_store::{ChatMessage, UpsertHistory, WorkspaceScope};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    exchange::Transcript,
    server::{Answer, By, NIL, TestServer},
    toys,
};

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn variables() {
    let (server, session) = TestServer::set_up().await;
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    let made = call(
        Method::POST,
        "/variables",
        Some(json!({ "name": "v1", "value": "x", "type": "static" })),
    )
    .await;
    let path = format!("/variables/{}", id(&made));
    call(Method::POST, "/variables", Some(json!({}))).await;
    call(Method::POST, "/variables", Some(json!({ "name": "v", "type": "secret" }))).await;
    call(Method::GET, "/variables?page=1&limit=1", None).await;
    call(Method::GET, &path, None).await;
    call(Method::PUT, &path, Some(json!({ "name": "v1b", "value": null, "type": "runtime" })))
        .await;
    call(Method::PUT, &format!("/variables/{NIL}"), Some(json!({ "name": "q" }))).await;
    call(Method::DELETE, &path, None).await;
    call(Method::DELETE, &path, None).await;
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn tools() {
    let (server, session) = TestServer::set_up().await;
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    let tool = json!({
        "name": "my_tool", "description": "desc", "color": "red", "iconSrc": "",
        "schema": r#"[{"id":1,"property":"x"}]"#, "func": "return $x",
    });
    let made = call(Method::POST, "/tools", Some(tool)).await;
    let path = format!("/tools/{}", id(&made));
    call(Method::POST, "/tools", Some(json!({}))).await;
    call(Method::POST, "/tools", Some(json!({ "name": "t", "schema": "{}" }))).await;
    call(Method::GET, "/tools?page=1&limit=1", None).await;
    call(Method::GET, &path, None).await;
    call(Method::GET, &format!("/tools/{NIL}"), None).await;
    call(Method::PUT, &path, Some(json!({ "name": "renamed" }))).await;
    call(Method::PUT, &format!("/tools/{NIL}"), Some(json!({ "name": "renamed" }))).await;
    call(Method::DELETE, &path, None).await;
    call(Method::DELETE, &path, None).await;
    insta::assert_snapshot!(transcript.text());
}

/// A flow with one answer in one chat: its id, its scope, the answer's id.
async fn talked_to(server: &TestServer, session: &By) -> (String, WorkspaceScope, String) {
    let flow = json!({ "name": "f", "flowData": "{}", "type": "CHATFLOW" });
    let flow = id(&server.post("/chatflows", &flow, session).await);
    let row = server.store.chatflows().get_for_anyone(&flow).await.unwrap();
    let message = ChatMessage {
        id: Uuid::new_v4().to_string(),
        role: ChatMessage::API.to_owned(),
        chatflow_id: flow.clone(),
        execution_id: None,
        content: "Hello".to_owned(),
        source_documents: None,
        used_tools: None,
        file_annotations: None,
        agent_reasoning: None,
        reason_content: None,
        file_uploads: None,
        artifacts: None,
        action: None,
        chat_type: "EXTERNAL".to_owned(),
        chat_id: "chat-1".to_owned(),
        memory_type: None,
        session_id: None,
        created_date: Utc::now(),
        lead_email: None,
        follow_up_prompts: None,
    };
    let scope = WorkspaceScope::new(row.workspace_id);
    server.store.messages().insert(&scope, std::slice::from_ref(&message)).await.unwrap();
    (flow, scope, message.id)
}

#[tokio::test]
async fn feedback() {
    let (server, session) = TestServer::set_up().await;
    let (flow, _, message) = talked_to(&server, &session).await;
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &By::Nobody).await
    };
    let form = json!({ "chatflowid": flow, "chatId": "chat-1", "messageId": message, "rating": "THUMBS_UP", "content": "nice" });
    let with = |name: &str, value: Value| {
        let mut form = form.clone();
        form[name] = value;
        Some(form)
    };
    let made = call(Method::POST, "/feedback", Some(form.clone())).await;
    call(Method::POST, "/feedback", with("messageId", Value::Null)).await;
    call(Method::POST, "/feedback", with("messageId", NIL.into())).await;
    call(Method::POST, "/feedback", with("chatId", "another".into())).await;
    call(Method::POST, "/feedback", with("chatflowid", NIL.into())).await;
    call(Method::POST, "/feedback", with("rating", "GREAT".into())).await;
    let change = json!({ "content": "changed", "rating": "THUMBS_DOWN" });
    call(Method::PUT, &format!("/feedback/{}", id(&made)), Some(change)).await;
    call(Method::PUT, &format!("/feedback/{NIL}"), Some(json!({ "content": "changed" }))).await;
    call(Method::GET, &format!("/feedback/{flow}?chatId=chat-1&order=ASC"), None).await;
    call(Method::GET, &format!("/feedback/{NIL}"), None).await;
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn leads() {
    let (server, session) = TestServer::set_up().await;
    let (flow, _, _) = talked_to(&server, &session).await;
    let mut transcript = Transcript::default();
    let lead = json!({ "chatflowid": flow, "chatId": "chat-1", "name": "Bob", "email": "b@x.y", "phone": "1" });
    for body in [lead, json!({ "name": "Bob" }), json!({ "chatflowid": NIL, "name": "Bob" })] {
        transcript.call(&server, Method::POST, "/leads", Some(body), &By::Nobody).await;
    }
    for by in [&session, &By::Nobody] {
        transcript.call(&server, Method::GET, &format!("/leads/{flow}"), None, by).await;
    }
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn the_history_of_upserts() {
    let (server, session) = TestServer::set_up().await;
    let (flow, scope, _) = talked_to(&server, &session).await;
    let entry = UpsertHistory {
        id: Uuid::new_v4().to_string(),
        chatflow_id: flow.clone(),
        result: r#"{"numAdded":4}"#.to_owned(),
        flow_data: r#"[{"label":"Splitter"}]"#.to_owned(),
        date: Utc::now(),
    };
    server.store.upsert_history().insert(&scope, &entry).await.unwrap();
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    call(Method::GET, &format!("/upsert-history/{flow}?order=ASC"), None).await;
    call(Method::GET, "/upsert-history", None).await;
    call(Method::GET, &format!("/upsert-history/{NIL}"), None).await;
    call(Method::PATCH, "/upsert-history", Some(json!({}))).await;
    call(Method::PATCH, "/upsert-history", Some(json!({ "ids": [entry.id, NIL] }))).await;
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn what_is_deleted_for_good_is_forgotten_by_memories_elsewhere_too() {
    let (server, session) = TestServer::set_up().await;
    let node = |id: &str, name: &str| json!({ "id": id, "data": { "id": id, "name": name, "label": name, "inputs": {} } });
    let data = json!({ "nodes": [node("echo_0", "echo"), node("diary_0", "toyDiary")], "edges": [
        { "source": "diary_0", "target": "echo_0", "targetHandle": "echo_0-input-model-ToyModel" }] });
    let form = json!({ "name": "f", "flowData": data.to_string(), "type": "CHATFLOW" });
    let flow = server.post("/chatflows", &form, &session).await.json();
    let id = flow["id"].as_str().unwrap();
    for chat in ["kept", "gone for good", "burning"] {
        let asked = json!({ "question": "hi", "chatId": chat });
        let said = server.post(&format!("/prediction/{id}"), &asked, &By::Nobody).await;
        assert_eq!(said.json()["text"], "hi", "{}", said.text());
    }
    let delete =
        async |query: &str| server.delete(&format!("/chatmessage/{id}?{query}"), &session).await;
    assert_eq!(delete("chatId=kept").await.json()["affected"], 2);
    assert_eq!(delete("chatId=gone%20for%20good&hardDelete=true").await.json()["affected"], 2);
    assert_eq!(*toys::FORGOTTEN.lock(), ["gone for good"]);
    let failed = delete("hardDelete=true").await;
    assert!(failed.text().contains("the diary cannot be reached"), "{}", failed.text());
    let left = server.get(&format!("/chatmessage/{id}"), &session).await.json();
    assert_eq!(left.as_array().unwrap().len(), 2, "what could not be forgotten is still there");
}
