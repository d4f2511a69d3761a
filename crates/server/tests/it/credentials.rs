//! Credentials over HTTP: secrets go in and never come out.

use axum::http::{Method, StatusCode};
use flowstone_server::route::{Policy, table};
use serde_json::{Value, json};

use crate::{
    exchange::Transcript,
    policy::filled,
    server::{By, NIL, TestServer},
};

/// What stands for a secret in answers.
const REDACTED: &str = "_FLOWISE_BLANK_07167752-1a71-43b1-bf8f-4f32252165db";

fn form(key: &str) -> Value {
    json!({ "name": "c1", "credentialName": "toyApi", "plainDataObj": { "toyKey": key, "address": "toy.example" } })
}

#[tokio::test]
async fn credentials_are_saved_shown_without_secrets_and_deleted() {
    let (server, session) = TestServer::set_up().await;
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    let made = call(Method::POST, "/credentials", Some(form("sk-1"))).await;
    let path = format!("/credentials/{}", made.json()["id"].as_str().unwrap());
    let unknown_kind =
        json!({ "name": "c", "credentialName": "noSuch", "plainDataObj": { "a": 1 } });
    call(Method::POST, "/credentials", Some(unknown_kind)).await;
    call(Method::POST, "/credentials", Some(json!({}))).await;
    call(Method::GET, "/credentials", None).await;
    call(Method::GET, "/credentials?credentialName=toyApi&credentialName=other", None).await;
    call(Method::GET, &path, None).await;
    call(Method::GET, &format!("{path}/reveal"), None).await;
    call(Method::PUT, &path, Some(form("sk-2"))).await;
    call(Method::GET, &format!("/credentials/{NIL}"), None).await;
    call(Method::PUT, &format!("/credentials/{NIL}"), Some(form("sk-3"))).await;
    call(Method::DELETE, &path, None).await;
    call(Method::DELETE, &path, None).await;
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn what_stands_for_a_secret_leaves_it_as_it_is() {
    let (server, session) = TestServer::set_up().await;
    let id = server.post("/credentials", &form("sk-1"), &session).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let stored = async || {
        let row = server.store.workspaces().list_all().await.unwrap().remove(0);
        let scope = flowstone_store::WorkspaceScope::new(row.id);
        let sealed = server.store.credentials().get(&scope, &id).await.unwrap().encrypted_data;
        let key = flowstone_store::EncryptionKey::from_bytes(&[7; 32]);
        serde_json::from_str::<Value>(&key.open(&id, &sealed).unwrap()).unwrap()
    };
    let path = format!("/credentials/{id}");
    let same = json!({ "name": "renamed", "plainDataObj": { "toyKey": REDACTED, "address": "new.example" } });
    assert_eq!(server.put(&path, &same, &session).await.json()["name"], "renamed");
    assert_eq!(stored().await, json!({ "toyKey": "sk-1", "address": "new.example" }));

    let address =
        json!({ "plainDataObj": { "toyKey": REDACTED, "address": "redis://u:secret@db/1" } });
    server.put(&path, &address, &session).await;
    let shown = server.get(&path, &session).await.json()["plainDataObj"].clone();
    assert_eq!(shown["address"], "redis://u:******@db/1");
    server.put(&path, &json!({ "plainDataObj": shown }), &session).await;
    assert_eq!(stored().await, json!({ "toyKey": "sk-1", "address": "redis://u:secret@db/1" }));

    server.put(&path, &json!({ "name": "only the name" }), &session).await;
    assert_eq!(stored().await["toyKey"], "sk-1");
}

#[tokio::test]
async fn a_change_reaches_the_flows_that_use_it() {
    let (server, session) = TestServer::set_up().await;
    let id = server.post("/credentials", &form("sk-1"), &session).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let tool = json!({ "name": "t", "func": "return 1" });
    let tool =
        server.post("/tools", &tool, &session).await.json()["id"].as_str().unwrap().to_owned();
    let data =
        json!({ "nodes": [{ "data": { "credential": id, "inputs": { "selectedTool": tool } } }] });
    let flow = json!({ "name": "f", "type": "CHATFLOW", "flowData": data.to_string() });
    let flow =
        server.post("/chatflows", &flow, &session).await.json()["id"].as_str().unwrap().to_owned();
    let revision = async || server.store.chatflows().revision(&flow).await.unwrap().unwrap();

    let before = revision().await;
    server.put(&format!("/credentials/{id}"), &form("sk-2"), &session).await;
    assert_eq!(revision().await, before + 1, "the credential changed");
    server.put(&format!("/tools/{tool}"), &json!({ "func": "return 2" }), &session).await;
    assert_eq!(revision().await, before + 2, "the tool changed");
    server.delete(&format!("/credentials/{id}"), &session).await;
    server.delete(&format!("/tools/{tool}"), &session).await;
    assert_eq!(revision().await, before + 4, "both are gone");
}

/// Secrets are planted wherever one can be kept; then everything that can be read is read.
#[tokio::test]
async fn no_route_gives_a_secret_away() {
    let (server, session) = TestServer::set_up().await;
    let credential = server.post("/credentials", &form("canary-credential"), &session).await;
    let id = credential.json()["id"].as_str().unwrap().to_owned();
    let key = server.key(&session, &["chatflows:view", "apikeys:view", "credentials:view"]).await;
    let By::Key(secret) = &key else { panic!("a key") };
    let flow = json!({
        "name": "f", "type": "CHATFLOW", "isPublic": true,
        "flowData": json!({ "nodes": [{ "id": "toyModel_0", "data": {
            "name": "toyModel", "inputs": { "proxyPassword": "canary-flow" }, "credential": id,
        } }] }).to_string(),
    });
    let flow =
        server.post("/chatflows", &flow, &session).await.json()["id"].as_str().unwrap().to_owned();
    let hook =
        server.post(&format!("/chatflows/{flow}/webhook-secret"), &json!({}), &session).await;
    let hook = hook.json()["webhookSecret"].as_str().unwrap().to_owned();
    let user = server.store.users().find_by_email("ann@example.com").await.unwrap().unwrap();
    let hash = user.password_hash.unwrap();
    let scope = flowstone_store::WorkspaceScope::new(
        server.store.workspaces().list_all().await.unwrap()[0].id.clone(),
    );
    let sealed = server.store.credentials().get(&scope, &id).await.unwrap().encrypted_data;

    for row in table().iter().filter(|it| it.method == Method::GET) {
        for filling in [&flow, &id] {
            let path = filled(row, filling);
            for by in [&By::Nobody, &key, &session] {
                let text = server.get(&path, by).await.text().into_owned();
                for canary in ["canary-credential", secret, &hook, &hash, &sealed] {
                    assert!(!text.contains(canary), "{} by {by:?}: {text}", row.path);
                }
                let open = matches!(row.policy, Policy::Anonymous(_));
                assert!(!open || !text.contains("canary-flow"), "{} by {by:?}: {text}", row.path);
                assert!(
                    !open || !text.contains(&format!("\"{id}\"")),
                    "{} by {by:?}: {text}",
                    row.path
                );
            }
        }
    }
    let answer = server.get(&format!("/public-chatflows/{flow}"), &By::Nobody).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_credential_is_tried_out_saved_or_not() {
    let (server, session) = TestServer::set_up().await;
    let fields = |key: &str| json!({ "toyKey": key, "address": "a" });
    let unsaved = async |kind: &str, key: &str| {
        let form = json!({ "credentialName": kind, "plainDataObj": fields(key) });
        let mut told = server.post("/credentials/test", &form, &session).await.json();
        assert!(told["milliseconds"].take().is_u64());
        (told["tested"].clone(), told["ok"].clone(), told["message"].as_str().unwrap().to_owned())
    };
    for (kind, key, tested, ok, message) in [
        ("toyApi", "good", true, json!(true), "Toy API: the service took it"),
        ("toyApi", "bad", true, json!(false), "Toy API: the service refused it: 401 no such key"),
        (
            "toyApi",
            "busy",
            true,
            json!(true),
            "Toy API: the service took it, but is at its limit: too many calls",
        ),
        ("toyApi", "away", true, Value::Null, "Toy API: toys.example cannot be reached"),
        (
            "toyApi",
            "",
            true,
            json!(false),
            "the credential has no Toy Key: open it and fill that in",
        ),
        (
            "other",
            "x",
            false,
            Value::Null,
            "other: credentials of this kind cannot be tried here; a flow that uses it will tell",
        ),
    ] {
        assert_eq!(
            unsaved(kind, key).await,
            (json!(tested), ok, message.to_owned()),
            "{kind} {key}"
        );
    }
    let form = json!({ "name": "c", "credentialName": "toyApi", "plainDataObj": fields("good") });
    let saved = server.post("/credentials", &form, &session).await.json();
    let id = saved["id"].as_str().unwrap();
    let told = server.post(&format!("/credentials/{id}/test"), &json!({}), &session).await.json();
    assert_eq!(told["ok"], true);
    let open = server.get(&format!("/credentials/{id}"), &session).await.json();
    let form = json!({ "id": id, "plainDataObj": open["plainDataObj"] });
    let told = server.post("/credentials/test", &form, &session).await.json();
    assert_eq!(told["ok"], true, "the redacted key is taken from what is saved");
    let bob = server.neighbour().await;
    for (path, form) in
        [(format!("/credentials/{id}/test"), json!({})), ("/credentials/test".to_owned(), form)]
    {
        let answer = server.post(&path, &form, &bob).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let nothing = server.post("/credentials/test", &json!({}), &session).await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST);
}
