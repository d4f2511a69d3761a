//! Assistants and what they are put together from.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    exchange::Transcript,
    server::{NIL, TestServer},
};

#[tokio::test]
async fn custom_assistants_are_kept_and_those_of_a_vendor_refused() {
    let (server, session) = TestServer::set_up().await;
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    let form = json!({ "details": r#"{"name":"A1"}"#, "credential": NIL, "type": "CUSTOM", "iconSrc": "" });
    let made = call(Method::POST, "/assistants", Some(form)).await;
    let path = format!("/assistants/{}", made.json()["id"].as_str().unwrap());
    call(Method::POST, "/assistants", Some(json!({}))).await;
    call(Method::POST, "/assistants", Some(json!({ "details": "no json", "type": "CUSTOM" })))
        .await;
    call(Method::POST, "/assistants", Some(json!({ "details": "{}", "type": "ROBOT" }))).await;
    call(Method::POST, "/assistants", Some(json!({ "details": "{}", "credential": NIL }))).await;
    call(Method::GET, "/assistants?type=CUSTOM", None).await;
    call(Method::GET, "/assistants?type=OPENAI", None).await;
    call(Method::GET, &path, None).await;
    call(Method::PUT, &path, Some(json!({ "details": r#"{"name":"A2"}"# }))).await;
    call(Method::PUT, &format!("/assistants/{NIL}"), Some(json!({ "details": "{}" }))).await;
    call(Method::DELETE, &path, None).await;
    call(Method::DELETE, &path, None).await;
    call(Method::GET, "/openai-assistants?credential=x", None).await;
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn an_assistant_is_put_together_from_models_and_tools_that_stand_alone() {
    let (server, session) = TestServer::set_up().await;
    let names = |list: Value| -> Vec<String> {
        let rows = list.as_array().unwrap().clone().into_iter();
        rows.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    let models = server.get("/assistants/components/chatmodels", &session).await.json();
    assert_eq!(names(models), ["toyModel", "chatParrot", "chatScript"]);
    let tools = server.get("/assistants/components/tools", &session).await.json();
    assert_eq!(names(tools), ["shout"]);
    let stores = server.get("/assistants/components/docstores", &session).await.json();
    assert_eq!(stores, json!([]));
}

#[tokio::test]
async fn a_model_writes_instructions() {
    let (server, session) = TestServer::set_up().await;
    let path = "/assistants/generate/instruction";
    let model = json!({ "name": "chatParrot", "inputs": {} });
    let form = json!({ "task": "be nice", "selectedChatModel": model });
    let answer = server.post(path, &form, &session).await;
    assert_eq!(answer.json(), json!({ "content": "You said: be nice" }));
    for (form, status) in [
        (json!({ "selectedChatModel": model }), StatusCode::PRECONDITION_FAILED),
        (json!({ "task": "x" }), StatusCode::PRECONDITION_FAILED),
        (json!({ "task": "x", "selectedChatModel": { "name": "shout" } }), StatusCode::BAD_REQUEST),
        (json!({ "task": "x", "selectedChatModel": { "name": "gone" } }), StatusCode::BAD_REQUEST),
    ] {
        let answer = server.post(path, &form, &session).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}
