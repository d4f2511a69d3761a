//! API keys over HTTP.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    exchange::Transcript,
    server::{By, NIL, TestServer},
};

#[tokio::test]
async fn keys_are_made_listed_changed_and_deleted() {
    let (server, session) = TestServer::set_up().await;
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    call(Method::GET, "/apikey", None).await;
    let form = json!({ "keyName": "shop", "permissions": ["chatflows:view", "tools:view"] });
    let made = call(Method::POST, "/apikey", Some(form)).await;
    let id = made.json()[0]["id"].as_str().unwrap().to_owned();
    call(Method::GET, "/apikey?page=1&limit=1", None).await;
    let form = json!({ "keyName": "shop 2", "permissions": ["chatflows:view"] });
    call(Method::PUT, &format!("/apikey/{id}"), Some(form.clone())).await;
    call(Method::PUT, &format!("/apikey/{NIL}"), Some(form)).await;
    call(Method::POST, "/apikey", Some(json!({ "permissions": ["chatflows:view"] }))).await;
    call(Method::POST, "/apikey", Some(json!({ "keyName": "z" }))).await;
    call(Method::POST, "/apikey", Some(json!({ "keyName": "z", "permissions": "all" }))).await;
    call(
        Method::POST,
        "/apikey",
        Some(json!({ "keyName": "z", "permissions": ["workspace:create"] })),
    )
    .await;
    call(Method::POST, "/apikey", Some(json!({ "keyName": "z", "permissions": ["users:manage"] })))
        .await;
    call(
        Method::POST,
        "/apikey",
        Some(json!({ "keyName": "z", "permissions": ["chatflow:veiw"] })),
    )
    .await;
    call(Method::DELETE, &format!("/apikey/{id}"), None).await;
    call(Method::DELETE, &format!("/apikey/{id}"), None).await;
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn a_key_is_verified_and_opens_until_it_is_deleted() {
    let (server, session) = TestServer::set_up().await;
    let By::Key(key) = server.key(&session, &["chatflows:view"]).await else { panic!("a key") };
    let verify = format!("/verify/apikey/{key}");
    assert_eq!(server.get(&verify, &By::Nobody).await.json(), json!("OK"));
    let wrong = server.get("/verify/apikey/nope", &By::Nobody).await;
    assert_eq!(
        (wrong.status, wrong.json()["message"].clone()),
        (StatusCode::UNAUTHORIZED, json!("Unauthorized"))
    );

    let id = server.get("/apikey", &session).await.json()[0]["id"].as_str().unwrap().to_owned();
    server.delete(&format!("/apikey/{id}"), &session).await;
    assert_eq!(server.get(&verify, &By::Nobody).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.get("/chatflows", &By::Key(key)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_key_hands_out_only_what_it_holds() {
    let (server, session) = TestServer::set_up().await;
    let key = server.key(&session, &["apikeys:create", "chatflows:view"]).await;
    let form = |permission| json!({ "keyName": "next", "permissions": [permission] });
    assert_eq!(server.post("/apikey", &form("chatflows:view"), &key).await.status, StatusCode::OK);
    let answer = server.post("/apikey", &form("credentials:create"), &key).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(
        answer.json()["message"],
        "you cannot hand out \"credentials:create\", which you do not hold yourself"
    );
}

#[tokio::test]
async fn permissions_are_listed_for_keys_and_for_roles() {
    let (server, session) = TestServer::set_up().await;
    let names = async |kind: &str| {
        let answer = server.get(&format!("/auth/permissions/{kind}"), &session).await;
        answer
            .json()
            .as_object()
            .map(|it| it.keys().cloned().collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let (keys, roles) = (names("API_KEY").await, names("ROLE").await);
    assert_eq!(keys.first().map(String::as_str), Some("chatflows"));
    assert!(!keys.contains(&"workspace".to_owned()) && roles.contains(&"workspace".to_owned()));
    let wrong = server.get("/auth/permissions/OTHER", &session).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_key_shows_the_flows_that_ask_for_it_and_may_call_them() {
    let (server, session) = TestServer::set_up().await;
    let By::Key(key) = server.key(&session, &["chatflows:view"]).await else { panic!("a key") };
    let id = server.get("/apikey", &session).await.json()[0]["id"].clone();
    let open = json!({ "name": "open", "flowData": "{}", "type": "CHATFLOW" });
    let locked = json!({ "name": "locked", "flowData": "{}", "type": "CHATFLOW", "apikeyid": id, "category": "a;b" });
    let other = json!({ "name": "other", "flowData": "{}", "type": "CHATFLOW", "apikeyid": NIL });
    let path = format!("/chatflows/apikey/{key}");
    assert_eq!(server.get(&path, &By::Nobody).await.status, StatusCode::NOT_FOUND);
    for flow in [open, locked, other] {
        assert_eq!(server.post("/chatflows", &flow, &session).await.status, StatusCode::OK);
    }
    let rows = server.get("/apikey", &session).await.json();
    assert_eq!(rows[0]["chatFlows"][0]["flowName"], "locked");
    assert_eq!(rows[0]["chatFlows"][0]["category"], json!(["a", "b"]));

    let names = async |path: &str| {
        let flows = server.get(path, &By::Nobody).await.json();
        let mut names: Vec<String> = flows
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&path).await, ["locked", "open"]);
    assert_eq!(names(&format!("{path}?keyonly=true")).await, ["locked"]);
    assert_eq!(
        server.get("/chatflows/apikey/nope", &By::Nobody).await.status,
        StatusCode::UNAUTHORIZED
    );
}
