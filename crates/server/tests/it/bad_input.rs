//! Bodies that are wrong in every way: a clear 4xx, nothing changed, nothing of the inside told.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use flowstone_server::{ServerSettings, route::table};
use serde_json::{Value, json};

use crate::{
    policy::filled,
    server::{ALL_PERMISSIONS, NIL, TestServer},
};

#[tokio::test]
async fn no_body_makes_the_server_stumble() {
    let (server, session) = TestServer::set_up().await;
    let deep = "[".repeat(100_000);
    let bodies: &[(&str, &[u8])] = &[
        ("application/json", b"{\"name\": "),
        ("application/json", b"not json"),
        ("application/json", b"[]"),
        ("application/json", b"\"text\""),
        ("application/json", b"null"),
        ("application/json", b"{\"name\": \"\xff\xfe\"}"),
        ("application/json", b"{\"name\": {\"$ne\": null}, \"keyName\": [], \"flowData\": 5, \"ids\": \"x\", \"user\": 7}"),
        ("application/json", deep.as_bytes()),
        ("application/x-www-form-urlencoded", b"name=%ff&%%%"),
        ("text/plain", b"hello"),
        ("multipart/form-data", b"no boundary"),
        ("application/json; charset=utf-16", b"{}"),
    ];
    for row in table().iter().filter(|it| it.method != Method::GET) {
        for (kind, bytes) in bodies {
            let path = format!("/api/v1{}", filled(row, NIL));
            let request = session.sign(Request::builder().method(row.method.clone()).uri(path));
            let request =
                request.header("content-type", *kind).body(Body::from(bytes.to_vec())).unwrap();
            let answer = server.send(request).await;
            let text = answer.text();
            assert!(
                !answer.status.is_server_error(),
                "{row:?} with {kind}: {} {text}",
                answer.status
            );
            for inside in ["/src/", ".rs:", "SELECT", "sqlx", "sqlite", "panicked"] {
                assert!(!text.contains(inside), "{row:?}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn errors_say_what_is_wrong_with_a_body() {
    let (server, session) = TestServer::set_up().await;
    let ask = async |bytes: &[u8]| {
        let request = session
            .sign(Request::post("/api/v1/chatflows"))
            .header("content-type", "application/json");
        let answer = server.send(request.body(Body::from(bytes.to_vec())).unwrap()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let body = answer.json();
        assert_eq!(
            (&body["statusCode"], &body["success"], &body["stack"]),
            (&json!(400), &json!(false), &json!({}))
        );
        body["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(ask(b"{\"name\": ").await, "Unexpected end of JSON input");
    assert_eq!(
        ask(b"{name}").await,
        "the body is not valid JSON: key must be a string at line 1 column 2"
    );
    assert_eq!(ask(b"{\"name\": 5}").await, "name: invalid type: integer `5`, expected a string");
    assert_eq!(ask(b"{\"a\": \"\xff\"}").await, "the body is not valid UTF-8");
    assert_eq!(
        ask(b"{} {}").await,
        "the body is not valid JSON: trailing characters at line 1 column 4"
    );
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_and_the_rest_goes_on() {
    let settings = ServerSettings { body_limit: 1024 * 1024, ..Default::default() };
    let server = TestServer::with(settings).await;
    let large = vec![b' '; 1024 * 1024 + 1];
    let request = Request::post("/api/v1/auth/login").header("content-type", "application/json");
    let announced =
        request.header("content-length", large.len()).body(Body::from(large.clone())).unwrap();
    let pieces = futures::stream::iter(
        large.chunks(1000).map(|it| Ok::<_, std::io::Error>(it.to_vec())).collect::<Vec<_>>(),
    );
    let request = Request::post("/api/v1/auth/login").header("content-type", "application/json");
    let unannounced = request.body(Body::from_stream(pieces)).unwrap();
    for request in [announced, unannounced] {
        let answer = server.send(request).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(
            answer.json()["message"],
            "the request is larger than the 1 MB this installation accepts"
        );
    }
}

/// Fields that only the server decides on, with values that would be seen.
fn hostile() -> Value {
    json!({
        "id": "11111111-1111-4111-8111-111111111111", "workspaceId": "22222222-2222-4222-8222-222222222222",
        "organizationId": "22222222-2222-4222-8222-222222222222", "createdDate": "2001-01-01T00:00:00.000Z",
        "updatedDate": "2001-01-01T00:00:00.000Z", "webhookSecret": "chosen", "encryptedData": "chosen",
        "credential": "chosen", "role": "chosen", "keyHash": "chosen", "apiKey": "chosen", "revision": 1,
    })
}

#[tokio::test]
async fn what_only_the_server_decides_is_not_read_from_bodies() {
    let (server, session) = TestServer::set_up().await;
    let key = server.key(&session, ALL_PERMISSIONS).await;
    let forms = [
        ("/chatflows", json!({ "name": "a", "flowData": "{}", "type": "CHATFLOW" })),
        ("/tools", json!({ "name": "a", "description": "d", "color": "red" })),
        ("/variables", json!({ "name": "a", "value": "v" })),
        ("/credentials", json!({ "name": "a", "credentialName": "toyApi", "plainDataObj": {} })),
        ("/apikey", json!({ "keyName": "a", "permissions": [] })),
    ];
    for (path, form) in forms {
        let mut loaded = hostile();
        loaded.as_object_mut().unwrap().extend(form.as_object().unwrap().clone());
        for by in [&session, &key] {
            let made = server.post(path, &loaded, by).await;
            assert_eq!(made.status, StatusCode::OK, "{path}: {}", made.text());
            let row = if made.json().is_array() { made.json()[0].clone() } else { made.json() };
            let id = row["id"].as_str().unwrap().to_owned();
            let changed = server.put(&format!("{path}/{id}"), &loaded, by).await;
            assert_eq!(changed.status, StatusCode::OK, "{path}: {}", changed.text());
            let listed = server.get(path, by).await;
            for answer in [&made, &changed, &listed] {
                for chosen in ["11111111-", "22222222-", "2001-01", "chosen"] {
                    assert!(
                        !answer.text().contains(chosen),
                        "{path}: {chosen} in {}",
                        answer.text()
                    );
                }
            }
            // Making one with an id that is there makes another one.
            loaded["id"] = id.clone().into();
            let second = server.post(path, &loaded, by).await;
            let second =
                if second.json().is_array() { second.json()[0].clone() } else { second.json() };
            assert_ne!(second["id"], id, "{path}");
            loaded["id"] = hostile()["id"].clone();
        }
    }
}
