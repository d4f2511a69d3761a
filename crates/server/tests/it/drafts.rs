//! Drafts and versions of flows, lists without nodes, and the checklist of what is not saved.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::{Value, json};

use crate::{
    exchange::Transcript,
    server::{By, NIL, TestServer},
};

/// A chain that answers with what it is asked.
fn data(id: &str) -> String {
    json!({ "nodes": [{ "id": id, "data": { "id": id, "name": "echo", "label": "Echo", "inputs": {} } }], "edges": [] })
        .to_string()
}

async fn flow(server: &TestServer, by: &By, name: &str, category: Value) -> String {
    let form = json!({ "name": name, "flowData": data("live_0"), "type": "CHATFLOW", "category": category });
    server.post("/chatflows", &form, by).await.json()["id"].as_str().unwrap().to_owned()
}

/// Answers with its revision written as a word, as it is a time.
fn without_revisions(mut answer: Value) -> Value {
    if answer["revision"] != json!(0) {
        answer["revision"] = "<revision>".into();
    }
    answer
}

#[tokio::test]
async fn a_draft_is_saved_published_and_an_old_version_restored() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, "f", Value::Null).await;
    let path = format!("/chatflows/{id}");
    let draft = format!("{path}/draft");
    let none = server.get(&draft, &session).await.json();
    assert_eq!((&none["isDraft"], &none["revision"]), (&json!(false), &json!(0)));
    assert_eq!(none["flowData"], data("live_0"));

    let form = json!({ "flowData": data("draft_0"), "revision": 0 });
    let saved = server.put(&draft, &form, &session).await.json();
    assert_eq!(saved["updatedBy"]["name"], "Ann");
    let live = server.get(&path, &session).await.json();
    assert_eq!(live["flowData"], data("live_0"), "a draft is not live");
    let held = server.get(&draft, &session).await.json();
    assert_eq!(held, saved);

    let mut transcript = Transcript::default();
    let late = json!({ "flowData": data("late_0"), "revision": 0 });
    let refused = server.put(&draft, &late, &session).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let details = &refused.json()["details"];
    assert_eq!(details["revision"], saved["revision"]);
    assert_eq!(details["updatedBy"]["name"], "Ann");
    assert_eq!(details["updatedDate"], saved["updatedDate"]);
    assert_eq!(server.put(&draft, &form, &session).await.json(), saved, "the same once more");

    let publish = format!("{path}/publish");
    let stale = json!({ "revision": 1 });
    assert_eq!(server.post(&publish, &stale, &session).await.status, StatusCode::CONFLICT);
    let form = json!({ "revision": saved["revision"], "note": " shorter answers " });
    let published = server.post(&publish, &form, &session).await.json();
    assert_eq!(published["flow"]["flowData"], data("draft_0"));
    let long = json!({ "revision": 0, "note": "x".repeat(2001) });
    assert_eq!(server.post(&publish, &long, &session).await.status, StatusCode::BAD_REQUEST);
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    call(Method::POST, &publish, Some(json!({ "revision": 0 }))).await;
    call(Method::GET, &format!("{path}/versions"), None).await;
    call(Method::GET, &format!("{path}/versions?page=1&limit=1"), None).await;
    call(Method::GET, &format!("{path}/versions/1"), None).await;
    call(Method::GET, &format!("{path}/versions/9"), None).await;
    call(Method::GET, &format!("{path}/versions/one"), None).await;
    call(Method::POST, &format!("{path}/versions/1/restore"), Some(json!({}))).await;
    call(Method::PUT, &draft, Some(json!({ "flowData": "{", "revision": 0 }))).await;
    call(Method::PUT, &draft, Some(json!({ "revision": 0 }))).await;
    call(Method::PUT, &draft, Some(json!({ "flowData": "{}" }))).await;
    call(Method::PUT, &format!("/chatflows/{NIL}/draft"), Some(json!({ "flowData": "{}" }))).await;
    call(Method::GET, "/chatflows/abc/draft", None).await;
    call(Method::DELETE, &draft, None).await;
    let restored = json!({ "revision": 0 });
    let restored = server.post(&format!("{path}/versions/1/restore"), &restored, &session).await;
    let restored = without_revisions(restored.json());
    assert_eq!(
        (&restored["flowData"], &restored["baseVersion"], &restored["liveVersion"]),
        (&json!(data("live_0")), &json!(2), &json!(2))
    );
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn the_revision_may_stand_in_if_match() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, "f", Value::Null).await;
    let put = async |if_match: &str, data: &str| {
        let request = Request::put(format!("/api/v1/chatflows/{id}/draft"))
            .header("content-type", "application/json")
            .header("if-match", if_match);
        let body = Body::from(json!({ "flowData": data }).to_string());
        server.send(session.sign(request).body(body).unwrap()).await
    };
    let saved = put("\"0\"", "[1]").await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    let revision = saved.json()["revision"].to_string();
    assert_eq!(put("\"0\"", "[2]").await.status, StatusCode::CONFLICT);
    assert_eq!(put("tomorrow", "[2]").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(put(&revision, "[2]").await.status, StatusCode::OK);
    let thrown = async |if_match: &str| {
        let request = Request::delete(format!("/api/v1/chatflows/{id}/draft"));
        let request = session.sign(request.header("if-match", if_match));
        server.send(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(thrown(&revision).await.status, StatusCode::CONFLICT);
    let newer = revision.parse::<i64>().unwrap() + 1;
    assert_eq!(thrown(&format!("\"{newer}\"")).await.json()["affected"], 1);
}

#[tokio::test]
async fn saving_past_the_draft_makes_a_version_too() {
    let (server, session) = TestServer::set_up().await;
    let key = server.key(&session, &["chatflows:update", "chatflows:view"]).await;
    let id = flow(&server, &session, "f", Value::Null).await;
    let path = format!("/chatflows/{id}");
    server.put(&path, &json!({ "name": "g" }), &key).await;
    assert_eq!(server.get(&format!("{path}/versions"), &key).await.json(), json!([]));
    server.put(&path, &json!({ "flowData": data("new_0") }), &key).await;
    let versions = server.get(&format!("{path}/versions"), &key).await.json();
    let told = |it: &Value| json!([it["number"], it["kind"], it["live"], it["createdBy"]]);
    let told: Vec<Value> = versions.as_array().unwrap().iter().map(told).collect();
    assert_eq!(told, [json!([2, "save", true, null]), json!([1, "first", false, null])]);
}

#[tokio::test]
async fn a_flow_that_was_never_published_is_told_by_its_draft_and_begins_with_version_1() {
    let (server, session) = TestServer::set_up().await;
    let form =
        json!({ "name": "new", "flowData": "{\"nodes\":[],\"edges\":[]}", "type": "CHATFLOW" });
    let made = server.post("/chatflows", &form, &session).await.json();
    let path = format!("/chatflows/{}", made["id"].as_str().unwrap());
    let told = async || {
        let rows = server.get("/chatflows/summaries?q=new", &session).await.json();
        json!([rows[0]["nodeNames"], rows[0]["nodeCount"], rows[0]["hasDraft"]])
    };
    assert_eq!(told().await, json!([[], 0, false]));
    let form = json!({ "flowData": data("draft_0"), "revision": 0 });
    let saved = server.put(&format!("{path}/draft"), &form, &session).await.json();
    assert_eq!(told().await, json!([["echo"], 1, true]));
    let more = json!({ "nodes": [], "edges": [] }).to_string();
    let form = json!({ "flowData": more, "revision": saved["revision"] });
    let saved = server.put(&format!("{path}/draft"), &form, &session).await.json();
    assert_eq!(told().await, json!([[], 0, true]), "what was told is not what is remembered");
    let form = json!({ "flowData": data("draft_1"), "revision": saved["revision"] });
    let saved = server.put(&format!("{path}/draft"), &form, &session).await.json();
    let form = json!({ "revision": saved["revision"] });
    let published = server.post(&format!("{path}/publish"), &form, &session).await.json();
    assert_eq!(published["version"]["number"], 1);
    let versions = server.get(&format!("{path}/versions"), &session).await.json();
    assert_eq!(versions.as_array().unwrap().len(), 1, "{versions}");
    // Once it is published, what is live is told, also where that is nothing.
    server.put(&path, &json!({ "flowData": more }), &session).await;
    let form = json!({ "flowData": data("draft_2"), "revision": 0 });
    server.put(&format!("{path}/draft"), &form, &session).await;
    assert_eq!(told().await, json!([[], 0, true]));
}

#[tokio::test]
async fn lists_for_pages_are_searched_sorted_and_small() {
    let (server, session) = TestServer::set_up().await;
    let shop = flow(&server, &session, "Shop", json!("sales;care")).await;
    flow(&server, &session, "answers", json!("care")).await;
    flow(&server, &session, "Bills", Value::Null).await;
    let form = json!({ "flowData": "{}", "revision": 0 });
    server.put(&format!("/chatflows/{shop}/draft"), &form, &session).await;
    let names = async |query: &str| {
        let answer = server.get(&format!("/chatflows/summaries?{query}"), &session).await;
        assert!(!answer.text().contains("flowData"));
        let rows = answer.json();
        let rows = rows["data"].as_array().or(rows.as_array()).unwrap().clone();
        rows.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("sort=name&order=ASC").await, ["answers", "Bills", "Shop"]);
    assert_eq!(names("sort=name&order=ASC&page=2&limit=2").await, ["Shop"]);
    assert_eq!(names("q=SHO").await, ["Shop"]);
    assert_eq!(names("category=care&sort=name&type=CHATFLOW").await, ["Shop", "answers"]);
    assert!(names("type=AGENTFLOW").await.is_empty());
    let wrong = server.get("/chatflows/summaries?sort=size", &session).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    for _ in 0..2 {
        let row = server.get("/chatflows/summaries?q=Shop", &session).await.json()[0].clone();
        let told = (&row["nodeNames"], &row["nodeCount"], &row["edgeCount"], &row["hasDraft"]);
        assert_eq!(told, (&json!(["echo"]), &json!(1), &json!(0), &json!(true)));
    }
    let categories = server.get("/chatflows/categories", &session).await.json();
    assert_eq!(
        categories,
        json!([{ "name": "care", "count": 2 }, { "name": "sales", "count": 1 }])
    );
    let bob = server.neighbour().await;
    for path in ["/chatflows/summaries", "/chatflows/categories"] {
        assert_eq!(server.get(path, &bob).await.json(), json!([]), "{path}");
    }
}

#[tokio::test]
async fn the_checklist_of_an_unsaved_flow_is_that_of_a_saved_one() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, "f", Value::Null).await;
    let saved = server.get(&format!("/validation/{id}"), &session).await.json();
    let form = json!({ "flowData": data("live_0") });
    let unsaved = server.post("/chatflows/validate", &form, &session).await.json();
    assert_eq!(unsaved, saved);
    assert_eq!(unsaved[0]["issues"], json!(["This node is not connected to anything"]));
    for bad in [json!({}), json!({ "flowData": "{" })] {
        let answer = server.post("/chatflows/validate", &bad, &session).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn it_is_told_which_flows_use_a_thing() {
    let (server, session) = TestServer::set_up().await;
    let made = async |path: &str, form: Value| {
        let json = server.post(path, &form, &session).await.json();
        json["id"].as_str().or(json[0]["id"].as_str()).unwrap().to_owned()
    };
    let form =
        json!({ "name": "c", "credentialName": "toyApi", "plainDataObj": { "toyKey": "k" } });
    let credential = made("/credentials", form).await;
    let variable = made("/variables", json!({ "name": "city", "value": "Bonn" })).await;
    let form = json!({ "name": "t", "description": "d", "color": "red", "func": "return 1" });
    let tool = made("/tools", form).await;
    let key = made("/apikey", json!({ "keyName": "k", "permissions": [] })).await;
    let flow = async |name: &str, data: Value, more: Value| {
        let mut form = json!({ "name": name, "flowData": data.to_string(), "type": "CHATFLOW" });
        form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        made("/chatflows", form).await
    };
    flow(
        "uses",
        json!({ "credential": credential, "text": "{{$vars.city}}", "t": tool }),
        json!({ "apikeyid": key }),
    )
    .await;
    flow("Near", json!({ "text": "$vars.city2" }), json!({})).await;
    let speaks =
        json!({ "textToSpeech": json!({ "openai": { "credentialId": credential } }).to_string() });
    flow("speaks", json!({}), speaks).await;
    let drafted = flow("drafted", json!({}), json!({})).await;
    let draft = json!({ "credential": credential, "code": "return $vars.city", "tool": tool });
    let form = json!({ "flowData": draft.to_string(), "revision": 0 });
    server.put(&format!("/chatflows/{drafted}/draft"), &form, &session).await;
    let details =
        json!({ "name": "Helper", "chatModel": { "credential": credential } }).to_string();
    let helper = json!({ "details": details, "credential": NIL, "type": "CUSTOM" });
    server.post("/assistants", &helper, &session).await;

    let used = async |kind: &str, id: &str, by: &By| {
        let rows = server.get(&format!("/usage/{kind}/{id}"), by).await.json();
        let told = |it: &Value| format!("{} {} {}", it["name"], it["type"], it["inDraft"]);
        rows.as_array().unwrap().iter().map(told).collect::<Vec<_>>().join(", ")
    };
    let (draft, live) = (r#""drafted" "CHATFLOW" true"#, r#""uses" "CHATFLOW" false"#);
    let others = r#""Helper" "ASSISTANT" false, "speaks" "CHATFLOW" false"#;
    let all = format!("{draft}, {others}, {live}");
    assert_eq!(used("credentials", &credential, &session).await, all);
    assert_eq!(used("variables", &variable, &session).await, format!("{draft}, {live}"));
    assert_eq!(used("tools", &tool, &session).await, format!("{draft}, {live}"));
    assert_eq!(used("apikeys", &key, &session).await, live);

    let viewer = server.key(&session, &["tools:view"]).await;
    assert_eq!(used("tools", &tool, &viewer).await, format!("{draft}, {live}"));
    let bob = server.neighbour().await;
    for (path, by, status) in [
        (format!("/usage/credentials/{credential}"), &viewer, StatusCode::FORBIDDEN),
        (format!("/usage/credentials/{credential}"), &bob, StatusCode::NOT_FOUND),
        (format!("/usage/variables/{variable}"), &bob, StatusCode::NOT_FOUND),
        (format!("/usage/apikeys/{key}"), &bob, StatusCode::NOT_FOUND),
        (format!("/usage/spoons/{tool}"), &session, StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(server.get(&path, by).await.status, status, "{path}");
    }
}
