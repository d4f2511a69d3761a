//! Files that come with questions.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use flowstone_core::{FilePlace, services::Files as _};
use serde_json::{Value, json};

use crate::server::{Answer, By, NIL, TestServer};

async fn flow(server: &TestServer, by: &By, upload: Value) -> String {
    let data = json!({ "nodes": [{ "id": "echo_0", "data": { "id": "echo_0", "name": "echo", "inputs": {} } }], "edges": [] });
    let config = json!({ "fullFileUpload": upload });
    let flow = json!({ "name": "f", "flowData": data.to_string(), "type": "CHATFLOW", "chatbotConfig": config.to_string() });
    server.post("/chatflows", &flow, by).await.json()["id"].as_str().unwrap().to_owned()
}

/// Sends files as a chat window does.
async fn attach(
    server: &TestServer,
    path: &str,
    files: &[(&str, &str, &str)],
    base64: bool,
) -> Answer {
    let mut body = String::new();
    for (name, kind, content) in files {
        body.extend([format!(
            "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n{content}\r\n"
        )]);
    }
    if base64 {
        body.push_str("--x\r\nContent-Disposition: form-data; name=\"base64\"\r\n\r\ntrue\r\n");
    }
    body.push_str("--x--\r\n");
    let request = Request::post(format!("/api/v1{path}"))
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Body::from(body));
    server.send(request.unwrap()).await
}

#[tokio::test]
async fn files_are_read_kept_and_fetched_again() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(
        &server,
        &session,
        json!({ "status": true, "allowedUploadFileTypes": "text/plain,text/csv" }),
    )
    .await;
    let path = format!("/attachments/{id}/chat-1");
    let made = attach(
        &server,
        &path,
        &[("a.txt", "text/plain", "hello"), ("b.csv", "text/csv", "x,y")],
        false,
    )
    .await;
    assert_eq!(
        made.json(),
        json!([
            { "name": "a.txt", "mimeType": "text/plain", "size": 5, "content": "hello" },
            { "name": "b.csv", "mimeType": "text/csv", "size": 3, "content": "x,y" },
        ])
    );
    let coded = attach(&server, &path, &[("a.txt", "text/plain", "hello")], true).await;
    assert_eq!(coded.json()[0]["content"], "aGVsbG8=");
    let none = server.post(&path, &json!({}), &By::Nobody).await;
    assert_eq!(none.json(), json!([]));

    let get = format!("/get-upload-file?chatflowId={id}&chatId=chat-1&fileName=");
    let file = server.get(&format!("{get}a.txt"), &By::Nobody).await;
    assert_eq!((file.text().as_ref(), file.header("content-type")), ("hello", ""));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"a.txt\"");
    for (query, status) in [
        (format!("{get}none.txt"), StatusCode::NOT_FOUND),
        (format!("{get}..%2fx"), StatusCode::BAD_REQUEST),
        ("/get-upload-file".to_owned(), StatusCode::BAD_REQUEST),
        ("/get-upload-file?chatflowId=abc&chatId=c&fileName=x".to_owned(), StatusCode::BAD_REQUEST),
        (format!("/get-upload-file?chatflowId={NIL}&chatId=c&fileName=x"), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(server.get(&query, &By::Nobody).await.status, status, "{query}");
    }
}

#[tokio::test]
async fn a_flow_takes_only_the_files_it_was_set_to_take() {
    let (server, session) = TestServer::set_up().await;
    let open = flow(
        &server,
        &session,
        json!({ "status": true, "allowedUploadFileTypes": "text/plain,application/pdf" }),
    )
    .await;
    let shut = flow(&server, &session, json!({ "status": false })).await;
    for (path, file, status) in [
        (format!("/attachments/{shut}/c"), ("a.txt", "text/plain", "x"), StatusCode::BAD_REQUEST),
        (format!("/attachments/{NIL}/c"), ("a.txt", "text/plain", "x"), StatusCode::NOT_FOUND),
        (
            format!("/attachments/{open}/c"),
            ("a.exe", "application/x-msdownload", "MZ"),
            StatusCode::BAD_REQUEST,
        ),
        (
            format!("/attachments/{open}/c"),
            ("a.txt", "application/pdf", "x"),
            StatusCode::BAD_REQUEST,
        ),
        (
            format!("/attachments/{open}/..%2f..%2fx"),
            ("a.txt", "text/plain", "x"),
            StatusCode::BAD_REQUEST,
        ),
    ] {
        let answer = attach(&server, &path, &[file], false).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn files_of_a_question_are_kept_and_their_text_comes_before_it() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, json!({})).await;
    let ask = json!({ "question": "Who?", "chatId": "c", "uploads": [
        { "type": "file", "name": "../a.png", "mime": "image/png", "data": "data:image/png;base64,aGk=" },
        { "type": "file:full", "name": "b.txt", "mime": "text/plain", "data": "It was Ann." },
    ] });
    let answer = server.post(&format!("/prediction/{id}"), &ask, &By::Nobody).await.json();
    assert_eq!(answer["text"], "<doc name='b.txt'>It was Ann.</doc>\n\nWho?", "{answer}");
    let kept = server.get(&format!("/chatmessage/{id}"), &session).await.json();
    assert_eq!(kept[0]["content"], "Who?");
    assert_eq!(
        kept[0]["fileUploads"],
        json!([
            { "type": "stored-file", "name": ".._a.png", "mime": "image/png" },
            { "type": "stored-file:full", "name": "b.txt", "mime": "text/plain" },
        ])
    );
}

#[tokio::test]
async fn files_go_with_the_last_message_of_their_chat_and_with_their_flow() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, json!({ "status": true })).await;
    for chat in ["chat-1", "chat-2"] {
        let file = [("a.txt", "text/plain", "hello")];
        attach(&server, &format!("/attachments/{id}/{chat}"), &file, true).await;
        let asked = json!({ "question": "hello", "chatId": chat });
        let answer = server.post(&format!("/prediction/{id}"), &asked, &By::Nobody).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    let flow = server.get(&format!("/chatflows/{id}"), &session).await.json();
    let workspace = flow["workspaceId"].as_str().unwrap();
    let kept = async |chat| {
        let place = FilePlace::Chat { workspace, flow: &id, chat };
        server.files.list(place).await.unwrap().len()
    };
    assert_eq!((kept("chat-1").await, kept("chat-2").await), (1, 1));
    let messages = server.get(&format!("/chatmessage/{id}?chatId=chat-1"), &session).await.json();
    for (message, left) in messages.as_array().unwrap().iter().zip([1, 0]) {
        let message = message["id"].as_str().unwrap();
        let path = format!("/chatmessage/{id}?messageId={message}");
        assert_eq!(server.delete(&path, &session).await.status, StatusCode::OK);
        assert_eq!((kept("chat-1").await, kept("chat-2").await), (left, 1));
    }
    let gone = server.delete(&format!("/chatflows/{id}"), &session).await;
    assert_eq!((gone.status, kept("chat-2").await), (StatusCode::OK, 0));
}
