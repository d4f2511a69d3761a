//! T09, T17: rows that bodies want to change, and routes that another spelling wants to open.

use std::collections::BTreeMap;

use flowstone_server::route::{Policy, table};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::site::{Site, send};

/// Fields that only the server decides on, with values that would be seen.
fn chosen() -> Value {
    json!({
        "id": "11111111-1111-4111-8111-111111111111",
        "workspaceId": "22222222-2222-4222-8222-222222222222",
        "organizationId": "22222222-2222-4222-8222-222222222222",
        "createdDate": "2001-01-01T00:00:00.000Z", "updatedDate": "2001-01-01T00:00:00.000Z",
        "createdBy": "22222222-2222-4222-8222-222222222222", "encryptedData": "chosen-data",
        "credential": "chosen-hash", "role": "chosen-role", "roleId": "chosen-role",
        "keyHash": "chosen-hash", "apiKey": "chosen-key", "apiSecret": "chosen-key",
        "webhookSecret": "chosen-secret", "tempToken": "chosen-token", "revision": 1,
    })
}

/// What makes a row, by the route that makes it. `FLOW` is the id of a flow.
fn forms() -> BTreeMap<&'static str, Value> {
    [
        ("/apikey", json!({"keyName": "a", "permissions": []})),
        ("/assistants", json!({"details": "{\"name\":\"a\"}", "type": "CUSTOM"})),
        ("/chatflows", json!({"name": "a", "flowData": "{}", "type": "CHATFLOW"})),
        ("/credentials", json!({"name": "a", "credentialName": "openAIApi", "plainDataObj": {}})),
        ("/custom-mcp-servers", json!({"name": "a", "serverUrl": "https://mcp.example.com/mcp"})),
        ("/feedback", json!({"chatflowid": "FLOW", "chatId": "c", "messageId": "MESSAGE", "rating": "THUMBS_UP"})),
        ("/leads", json!({"chatflowid": "FLOW", "chatId": "c", "name": "a"})),
        ("/tools", json!({"name": "a", "description": "d", "color": "red"})),
        ("/variables", json!({"name": "a", "value": "v", "type": "static"})),
    ]
    .into()
}

/// Posts to a whole area that make no row in it.
const NO_ROWS: &[&str] = &[
    "/node-custom-function",
    "/node-config",
    "/prediction",
    "/load-prompt",
    "/openai-assistants-vector-store",
    "/prompts-list",
];

/// T09: every route that makes rows takes only what is the caller's to say, and making one never
/// changes another.
#[tokio::test]
async fn what_only_the_server_decides_is_not_read_from_bodies() {
    let site = Site::open().await;
    let flow = site.flow("llm-chain").await;
    site.ask(&flow, &json!({"question": "Bob", "chatId": "c"})).await;
    let message = site.messages(&flow).await[1]["id"].as_str().unwrap().to_owned();
    let forms = forms();
    for row in table().iter().filter(|it| it.method == Method::POST) {
        let Some(path) = row.path.strip_prefix("/api/v1") else { continue };
        let path = path.strip_suffix('/').unwrap_or(path);
        let whole_area = path.matches('/').count() == 1;
        let known = forms.contains_key(path) || NO_ROWS.contains(&path);
        assert!(known || !whole_area, "{path} makes rows: add its form here");
    }
    for (path, form) in forms {
        let form = form.to_string().replace("FLOW", &flow).replace("MESSAGE", &message);
        let form: Value = serde_json::from_str(&form).unwrap();
        let mut loaded = chosen();
        loaded.as_object_mut().unwrap().extend(form.as_object().unwrap().clone());
        // An assistant's credential is a reference, which is its maker's to choose.
        if path == "/assistants" {
            loaded["credential"] = "".into();
        }
        let made = send(site.signed_in(Method::POST, path).json(&loaded)).await;
        if made.status == StatusCode::BAD_REQUEST {
            continue;
        }
        assert!(made.status.is_success(), "{path}: {} {}", made.status, made.text);
        let row = made.json();
        let row =
            row.as_array().and_then(|it| it.iter().find(|it| it["keyName"] == "a")).unwrap_or(&row);
        let id = row["id"].as_str().unwrap().to_owned();
        let changed =
            send(site.signed_in(Method::PUT, &format!("{path}/{id}")).json(&loaded)).await;
        let listed = send(site.signed_in(Method::GET, path)).await;
        for answer in [&made.text, &changed.text, &listed.text] {
            for value in ["11111111-", "22222222-", "2001-01", "chosen-"] {
                assert!(!answer.contains(value), "{path}: {value} in {answer}");
            }
        }
        // Making one with an id that is there makes another one, or nothing.
        loaded["id"] = id.clone().into();
        let second = send(site.signed_in(Method::POST, path).json(&loaded)).await;
        if second.status.is_success() {
            let count = second.text.matches(id.as_str()).count();
            assert!(count == 0 || second.json().is_array(), "{path}: {}", second.text);
        }
    }
}

/// The status of a request whose path nobody has tidied up on the way.
async fn status(site: &Site, method: &Method, path: &str, header: &str) -> u16 {
    let address = site.server.origin.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\nContent-Type: application/json\r\n{header}\r\n\r\n{{}}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await.unwrap();
    let text = String::from_utf8_lossy(&text);
    text.split(' ')
        .nth(1)
        .and_then(|it| it.parse().ok())
        .unwrap_or_else(|| panic!("{path}: {text}"))
}

/// T17: a route that is closed stays closed, however its path is spelled and whatever else is said.
#[tokio::test]
async fn no_other_spelling_opens_a_route() {
    let site = Site::open().await;
    let flow = site.flow("llm-chain").await;
    let headers = [
        "X-Nothing: 1",
        "x-request-from: internal",
        "X-HTTP-Method-Override: OPTIONS",
        "X-Original-URL: /api/v1/ping",
        "X-Rewrite-URL: /api/v1/ping",
        "X-Forwarded-Prefix: /api/v1/ping",
        "X-Forwarded-For: 127.0.0.1",
        "Host: localhost",
        "Authorization: Bearer null",
        "Authorization: Bearer undefined",
        "Authorization: Basic YWRtaW46YWRtaW4=",
        "Cookie: token=null; connect.sid=s%3Ax",
    ];
    let mut tried = 0;
    for (number, row) in table().iter().enumerate() {
        if matches!(row.policy, Policy::Anonymous(_)) {
            continue;
        }
        let mut path = row.path.clone();
        while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
            path.replace_range(start..=end, &flow);
        }
        let Some(rest) = path.strip_prefix("/api/v1") else { continue };
        let spellings = [
            path.clone(),
            path.to_uppercase(),
            format!("/API/v1{rest}"),
            format!("/{path}"),
            format!("/api//v1{rest}"),
            format!("/api/v1/{rest}"),
            format!("{path}/"),
            format!("{path};x"),
            format!("{path}%2f"),
            format!("{path}%00"),
            format!("/api/v1/ping/..{rest}"),
            format!("/api/v1/ping/%2e%2e{rest}"),
            format!("/api%2fv1{rest}"),
            format!("/api/v1%2f{}", &rest[1..]),
            format!("{path}?/api/v1/ping"),
            format!("{path}#/api/v1/ping"),
        ];
        // Each spelling once with a header of its own, each header once with the plain path.
        for (place, spelling) in spellings.iter().enumerate() {
            let header = headers[(number + place) % headers.len()];
            let status = status(&site, &row.method, spelling, header).await;
            assert!(
                matches!(status, 400 | 401 | 403 | 404 | 405),
                "{} {spelling} with {header}: {status}",
                row.method
            );
            tried += 1;
        }
        let header = headers[number % headers.len()];
        let plain = status(&site, &row.method, &path, header).await;
        assert_eq!(
            plain,
            if header.starts_with("Host") { plain } else { 401 },
            "{path} with {header}"
        );
    }
    assert!(tried > 500, "{tried}");
}
