//! The history of runs, what the stream tells of nodes, and asking a draft.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use flowstone_server::{RunContent, RunSettings, ServerSettings};
use serde_json::{Value, json};

use crate::{
    server::{Answer, By, NIL, TestServer},
    toys,
};

/// A chain with a model and a tool.
fn data(model: &Value) -> String {
    let node = |id: &str, name: &str, label: &str, inputs: &Value| {
        json!({ "id": id,
        "data": { "id": id, "name": name, "label": label, "inputs": inputs } })
    };
    let wire = |from: &str, row: &str| {
        json!({ "source": from, "target": "asker_0",
        "targetHandle": format!("asker_0-input-{row}-X") })
    };
    json!({
        "nodes": [
            node("parrot_0", "chatParrot", "Polly", model),
            node("shout_0", "shout", "Loud", &json!({})),
            node("asker_0", "toyAsker", "Chain", &json!({
                "model": "{{parrot_0.data.instance}}", "tools": ["{{shout_0.data.instance}}"],
            })),
        ],
        "edges": [wire("parrot_0", "model"), wire("shout_0", "tools")],
    })
    .to_string()
}

async fn flow(server: &TestServer, by: &By) -> String {
    let form = json!({ "name": "f", "flowData": data(&json!({})), "type": "CHATFLOW" });
    server.post("/chatflows", &form, by).await.json()["id"].as_str().unwrap().to_owned()
}

async fn ask(server: &TestServer, by: &By, id: &str, body: Value) -> Answer {
    server.post(&format!("/prediction/{id}"), &body, by).await
}

async fn runs(server: &TestServer, by: &By, query: &str) -> Vec<Value> {
    let answer = server.get(&format!("/runs?{query}"), by).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let rows = answer.json();
    rows["data"].as_array().or(rows.as_array()).unwrap().clone()
}

#[tokio::test]
async fn a_run_is_kept_with_what_it_did_and_without_secrets() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session).await;
    let said = ask(&server, &By::Nobody, &id, json!({ "question": "hi", "chatId": "c1" })).await;
    assert_eq!(said.json()["text"], "YOU SAID: HI in c1");
    let rows = runs(&server, &session, &format!("flowId={id}")).await;
    let row = &rows[0];
    assert_eq!(row["id"], said.json()["chatMessageId"]);
    for (field, expected) in [
        ("flowName", json!("f")),
        ("flowType", json!("CHATFLOW")),
        ("version", Value::Null),
        ("draft", json!(false)),
        ("chatId", json!("c1")),
        ("sessionId", json!("c1")),
        ("chatType", json!("EXTERNAL")),
        ("state", json!("FINISHED")),
        ("inputTokens", json!(3)),
        ("outputTokens", json!(4)),
        ("cost", json!(0.003)),
        ("question", json!("hi")),
        ("error", Value::Null),
    ] {
        assert_eq!(row[field], expected, "{field}");
    }
    let run = server.get(&format!("/runs/{}", row["id"].as_str().unwrap()), &session).await;
    assert!(!run.text().contains("canary"), "{}", run.text());
    let run = run.json();
    let spans = run["spans"].as_array().unwrap();
    let told = |it: &Value| {
        json!([it["kind"], it["name"], it["nodeId"], it["nodeLabel"], it["parent"], it["status"]])
    };
    let told: Vec<Value> = spans.iter().map(told).collect();
    assert_eq!(
        told,
        [
            json!(["build", "chatParrot", "parrot_0", "Polly", null, "ok"]),
            json!(["build", "shout", "shout_0", "Loud", null, "ok"]),
            json!(["build", "toyAsker", "asker_0", "Chain", null, "ok"]),
            json!(["node", "toyAsker", "asker_0", "Chain", null, "ok"]),
            json!(["model", "parrot", "parrot_0", "Polly", 3, "ok"]),
            json!(["tool", "shout", "shout_0", "Loud", 3, "ok"]),
        ]
    );
    assert_eq!(spans[4]["input"], json!({ "messages": [{ "role": "user", "text": "hi" }] }));
    assert_eq!(spans[4]["output"], json!({ "text": "You said: hi" }));
    assert_eq!((&spans[4]["model"], &spans[4]["cost"]), (&json!("parrot"), &json!(0.003)));
    assert_eq!(spans[5]["input"], json!({ "text": "You said: hi", "apiKey": "•••" }));
    assert_eq!(run["spansLeftOut"], 0);

    let gone = json!({ "runIds": [row["id"], NIL] });
    let deleted = server.call(Method::DELETE, "/runs", Some(&gone), &session).await;
    assert_eq!(deleted.json()["affected"], 1);
    assert!(runs(&server, &session, "").await.is_empty());
    let bad = server.call(Method::DELETE, "/runs", Some(&json!({})), &session).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_failed_run_names_its_node_and_its_row() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session).await;
    let failed = ask(&server, &By::Nobody, &id, json!({ "question": "fail" })).await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    let broken = data(&json!({})).replace("chatParrot", "noSuchNode");
    server.put(&format!("/chatflows/{id}"), &json!({ "flowData": broken }), &session).await;
    ask(&server, &By::Nobody, &id, json!({ "question": "hi" })).await;

    let rows = runs(&server, &session, "state=ERROR").await;
    assert_eq!(
        rows[0]["error"],
        json!({ "message": "Polly: there is no node \"noSuchNode\" in this installation",
            "nodeId": "parrot_0", "nodeLabel": "Polly", "row": null })
    );
    assert_eq!((&rows[0]["version"], &rows[1]["version"]), (&json!(2), &Value::Null));
    assert_eq!(
        rows[1]["error"],
        json!({ "message": "Model: another one is expected", "nodeId": "asker_0",
            "nodeLabel": "Chain", "row": "Model" })
    );
    assert_eq!(rows[1]["question"], "fail");
    assert!(runs(&server, &session, "state=FINISHED").await.is_empty());
    assert_eq!(runs(&server, &session, "q=NO%20SUCH").await.len(), 0);
    assert_eq!(runs(&server, &session, "q=there%20is%20NO&page=1&limit=5").await.len(), 1);
    for wrong in ["/runs?state=LOST", "/runs?from=yesterday"] {
        assert_eq!(server.get(wrong, &session).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let nothing = server.get(&format!("/runs/{NIL}"), &session).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_run_whose_caller_leaves_counts_as_stopped() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session).await;
    tokio::select! {
        answer = ask(&server, &By::Nobody, &id, json!({ "question": "wait", "chatId": "c" })) => {
            panic!("{}", answer.text())
        }
        () = toys::WAITING.notified() => {}
    }
    let rows = runs(&server, &session, "state=STOPPED").await;
    assert_eq!((rows.len(), &rows[0]["chatId"]), (1, &json!("c")));
    let run = server.get(&format!("/runs/{}", rows[0]["id"].as_str().unwrap()), &session).await;
    let states: Vec<Value> =
        run.json()["spans"].as_array().unwrap().iter().map(|it| it["status"].clone()).collect();
    assert_eq!(states[3..], [json!("stopped"), json!("ok")]);
}

#[tokio::test]
async fn an_operator_decides_what_is_kept() {
    for (content, expected) in [(RunContent::Off, 0), (RunContent::Outline, 1)] {
        let runs_kept = RunSettings { content, ..RunSettings::default() };
        let server =
            TestServer::with(ServerSettings { runs: runs_kept, ..ServerSettings::default() }).await;
        let user = json!({ "user": { "name": "Ann", "email": "ann@example.com",
            "credential": crate::server::PASSWORD } });
        server.post("/account/register", &user, &By::Nobody).await;
        let session = server.sign_in("ann@example.com").await;
        let id = flow(&server, &session).await;
        ask(&server, &By::Nobody, &id, json!({ "question": "private" })).await;
        let rows = runs(&server, &session, "").await;
        assert_eq!(rows.len(), expected);
        let Some(row) = rows.first() else { continue };
        let run = server.get(&format!("/runs/{}", row["id"].as_str().unwrap()), &session).await;
        assert!(!run.text().to_lowercase().contains("private"), "{}", run.text());
        assert_eq!(run.json()["spans"].as_array().unwrap().len(), 6);
        assert_eq!(run.json()["outputTokens"], 4);
    }
}

#[tokio::test]
async fn another_workspace_sees_no_runs() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session).await;
    ask(&server, &By::Nobody, &id, json!({ "question": "hi" })).await;
    let rows = runs(&server, &session, "").await;
    let bob = server.neighbour().await;
    assert!(runs(&server, &bob, &format!("flowId={id}")).await.is_empty());
    let run = rows[0]["id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/runs/{run}"), &bob).await.status, StatusCode::NOT_FOUND);
    let chosen = json!({ "runIds": [run] });
    let deleted = server.call(Method::DELETE, "/runs", Some(&chosen), &bob).await;
    assert_eq!(deleted.json()["affected"], 0);
    assert_eq!(runs(&server, &session, "").await.len(), 1);
}

/// The events of a stream, as names and data.
async fn stream(server: &TestServer, by: &By, id: &str, body: Value) -> Vec<(String, Value)> {
    let request = Request::post(format!("/api/v1/prediction/{id}"))
        .header("content-type", "application/json");
    let body = Body::from(body.to_string());
    let answer = server.send(by.sign(request).body(body).unwrap()).await;
    let text = answer.text();
    let events = text.split("message:\ndata:").skip(1).map(|it| {
        let event: Value = serde_json::from_str(it.trim()).unwrap();
        (event["event"].as_str().unwrap().to_owned(), event["data"].clone())
    });
    events.collect()
}

#[tokio::test]
async fn the_stream_tells_of_nodes_where_a_person_asks_for_it() {
    let (server, session) = TestServer::set_up().await;
    let key = server.key(&session, &["chatflows:update"]).await;
    let id = flow(&server, &session).await;
    let body =
        |question: &str| json!({ "question": question, "streaming": true, "nodeEvents": true });
    ask(&server, &By::Nobody, &id, json!({ "question": "built" })).await;
    let bob = server.neighbour().await;
    for (by, told) in [(&By::Nobody, false), (&key, false), (&bob, false), (&session, true)] {
        let events = stream(&server, by, &id, body("hi")).await;
        let nodes: Vec<String> = events
            .iter()
            .filter(|(name, _)| name.starts_with("node"))
            .map(|(name, data)| format!("{name} {} {}", data["nodeId"], data["kind"]))
            .collect();
        let expected = [
            r#"nodeStart "asker_0" "node""#,
            r#"nodeStart "parrot_0" "model""#,
            r#"nodeEnd "parrot_0" "model""#,
            r#"nodeStart "shout_0" "tool""#,
            r#"nodeEnd "shout_0" "tool""#,
            r#"nodeEnd "asker_0" "node""#,
        ];
        assert_eq!(nodes, if told { expected.to_vec() } else { Vec::new() }, "{by:?}");
        assert_eq!(events.last().unwrap().0, "end");
        let ended = events.iter().find(|(name, data)| name == "nodeEnd" && data["kind"] == "model");
        if let Some((_, data)) = ended {
            assert_eq!((&data["inputTokens"], &data["label"]), (&json!(3), &json!("Polly")));
            assert!(data["ms"].is_u64());
        }
    }
    let failed = stream(&server, &session, &id, body("fail")).await;
    let (_, data) = failed.iter().find(|(name, _)| name == "nodeError").unwrap();
    let told = (&data["nodeId"], &data["row"], &data["message"]);
    assert_eq!(
        told,
        (&json!("asker_0"), &json!("Model"), &json!("Model: another one is expected"))
    );
}

#[tokio::test]
async fn a_failure_before_any_node_works_is_told_of_its_node_too() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session).await;
    // The first run is planned well and its stream opens; the wire breaks before it is built.
    let draft = data(&json!({})).replace("{{shout_0.data.instance}}", "{{gone_0.data.instance}}");
    let form = json!({ "flowData": draft, "revision": 0 });
    server.put(&format!("/chatflows/{id}/draft"), &form, &session).await;
    let body = json!({ "question": "hi", "draft": true, "nodeEvents": true });
    let answer = ask(&server, &session, &id, body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    let rows = runs(&server, &session, "state=ERROR").await;
    let error = &rows[0]["error"];
    assert_eq!((&error["nodeId"], &error["row"]), (&json!("asker_0"), &json!("Tools")));
}

#[tokio::test]
async fn a_draft_answers_people_who_may_change_the_flow_and_nobody_else() {
    let (server, session) = TestServer::set_up().await;
    let key = server.key(&session, &["chatflows:update", "chatflows:view"]).await;
    let id = flow(&server, &session).await;
    let echo = json!({ "nodes": [{ "id": "e_0", "data": { "id": "e_0", "name": "echo", "label": "E", "inputs": {} } }], "edges": [] });
    let form = json!({ "flowData": echo.to_string(), "revision": 0 });
    let draft = server.put(&format!("/chatflows/{id}/draft"), &form, &session).await.json();
    let question = |draft: bool| json!({ "question": "hi", "chatId": "c", "draft": draft });
    let live = "YOU SAID: HI in c";
    for by in [&By::Nobody, &key, &session] {
        let answer = ask(&server, by, &id, question(false)).await;
        assert_eq!(answer.json()["text"], live, "{by:?}");
    }
    let bob = server.neighbour().await;
    for by in [&By::Nobody, &key, &bob] {
        let answer = ask(&server, by, &id, question(true)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{by:?}: {}", answer.text());
    }
    for path in ["prediction", "internal-prediction"] {
        let answer = server.post(&format!("/{path}/{id}"), &question(true), &session).await;
        assert_eq!(answer.json()["text"], "hi", "{path}");
    }
    let rows = runs(&server, &session, "").await;
    assert_eq!((&rows[0]["draft"], &rows[0]["version"]), (&json!(true), &Value::Null));

    let form = json!({ "flowData": data(&json!({})), "revision": draft["revision"] });
    server.put(&format!("/chatflows/{id}/draft"), &form, &session).await;
    let changed = ask(&server, &session, &id, question(true)).await;
    assert_eq!(changed.json()["text"], live, "what was built of the older draft is not used");
    server.delete(&format!("/chatflows/{id}/draft"), &session).await;
    let without = ask(&server, &session, &id, question(true)).await;
    assert_eq!(without.json()["text"], live, "without a draft, what is live answers");
}
