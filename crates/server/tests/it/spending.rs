//! What runs spend: with the flows that they ask, by flow and by key.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::server::{ALL_PERMISSIONS, By, TestServer};

async fn agentflow(server: &TestServer, by: &By, name: &str, text: &str, budget: Value) -> String {
    let node = |id: &str, kind: &str, text: &str, envelope: Value| {
        json!({ "id": id, "data": { "id": id, "name": kind, "label": id,
            "inputs": { "text": text }, "envelope": envelope } })
    };
    let wire = |from: &str, to: &str| {
        json!({ "source": from, "target": to, "sourceHandle": format!("{from}-output-{from}"),
            "targetHandle": to })
    };
    let data = json!({
        "nodes": [
            node("start", "startAgentflow", "", json!({ "budget": budget })),
            node("one", "sayAgentflow", "talk", json!({})),
            node("two", "sayAgentflow", text, json!({})),
        ],
        "edges": [wire("start", "one"), wire("one", "two")],
    });
    let form = json!({ "name": name, "flowData": data.to_string(), "type": "AGENTFLOW" });
    server.post("/chatflows", &form, by).await.json()["id"].as_str().unwrap().to_owned()
}

/// A chatflow that asks the parrot once.
async fn chatflow(server: &TestServer, by: &By) -> String {
    let data = json!({
        "nodes": [
            { "id": "p", "data": { "id": "p", "name": "chatParrot", "inputs": {} } },
            { "id": "a", "data": { "id": "a", "name": "toyAsker",
                "inputs": { "model": "{{p.data.instance}}" } } },
        ],
        "edges": [{ "source": "p", "target": "a", "targetHandle": "a-input-model-X" }],
    });
    let form = json!({ "name": "chain", "flowData": data.to_string(), "type": "CHATFLOW" });
    server.post("/chatflows", &form, by).await.json()["id"].as_str().unwrap().to_owned()
}

async fn spent(server: &TestServer, by: &By, id: &str) -> Value {
    let run = server.get(&format!("/executions/{id}"), by).await.json();
    json!([run["spent"]["inputTokens"], run["spent"]["outputTokens"], run["spent"]["cost"]])
}

#[tokio::test]
async fn what_a_flow_asks_of_others_counts_as_its_own() {
    let (server, session) = TestServer::set_up().await;
    let chain = chatflow(&server, &session).await;
    let inner = agentflow(&server, &session, "inner", &format!("ask {chain}"), json!({})).await;
    let outer = agentflow(&server, &session, "outer", &format!("ask {inner}"), json!({})).await;
    let ask = json!({ "question": "hi" });
    let answered = server.post(&format!("/prediction/{outer}"), &ask, &By::Nobody).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.text());
    let id = answered.json()["executionId"].as_str().unwrap().to_owned();
    // One call of its own, one of the inner flow, one of the chain that this asks.
    assert_eq!(spent(&server, &session, &id).await, json!([9, 12, 0.009_000_000_000_000_001]));
    let list = server.get("/spending?by=flow", &session).await.json();
    let rows: Vec<Value> = list["rows"].as_array().unwrap().clone();
    let shown: Vec<Value> = rows
        .iter()
        .map(|it| json!([it["name"], it["runs"], it["inputTokens"], it["outputTokens"]]))
        .collect();
    assert_eq!(
        shown,
        [json!(["outer", 1, 9, 12]), json!(["inner", 1, 6, 8]), json!(["chain", 1, 3, 4])]
    );
    assert_eq!(
        json!([list["total"]["runs"], list["total"]["inputTokens"]]),
        json!([1, 9]),
        "what was asked by a flow is in that flow's run already"
    );
}

#[tokio::test]
async fn a_budget_ends_in_the_midst_of_what_a_flow_asks_of_others() {
    let (server, session) = TestServer::set_up().await;
    let inner = agentflow(&server, &session, "inner", "talk", json!({})).await;
    let text = format!("ask {inner}");
    for (tokens, calls) in [(7, 1), (8, 2), (15, 3)] {
        let budget = json!({ "tokens": tokens });
        let outer = agentflow(&server, &session, "outer", &text, budget).await;
        let ask = json!({ "question": "hi" });
        let answered = server.post(&format!("/prediction/{outer}"), &ask, &By::Nobody).await;
        let list = server.get(&format!("/executions?agentflowId={outer}"), &session).await.json();
        let run = &list["data"][0];
        assert_eq!(run["spent"]["inputTokens"], 3 * calls, "{tokens}");
        if calls < 3 {
            assert_eq!(run["state"], "ERROR");
            let said = format!("its budget is {tokens}");
            assert!(answered.text().contains(&said), "{}", answered.text());
        } else {
            assert_eq!(run["state"], "FINISHED");
        }
    }
}

#[tokio::test]
async fn spending_is_told_by_key_and_by_time() {
    let (server, session) = TestServer::set_up().await;
    let flow = agentflow(&server, &session, "one", "talk", json!({})).await;
    let form = json!({ "keyName": "shop", "permissions": ALL_PERMISSIONS });
    let key = server.post("/apikey", &form, &session).await.json();
    let key = key.as_array().and_then(|it| it.last()).unwrap_or(&key).clone();
    let secret = By::Key(key["apiKey"].as_str().unwrap().to_owned());
    let ask = json!({ "question": "hi" });
    let path = format!("/prediction/{flow}");
    for by in [&secret, &secret, &By::Nobody, &By::Key("unknown".to_owned())] {
        assert_eq!(server.post(&path, &ask, by).await.status, StatusCode::OK);
    }
    let list = server.get("/spending?by=apiKey", &session).await.json();
    let mut shown: Vec<Value> = list["rows"].as_array().unwrap().clone();
    shown.sort_by_key(|it| it["name"].is_null());
    let shown: Vec<Value> =
        shown.iter().map(|it| json!([it["name"], it["runs"], it["inputTokens"]])).collect();
    assert_eq!(shown, [json!(["shop", 2, 12]), json!([null, 2, 12])]);
    let runs = server.get("/executions", &session).await.json();
    let keyed = runs["data"].as_array().unwrap().iter().filter(|it| it["apiKeyId"] == key["id"]);
    assert_eq!(keyed.count(), 2);
    let later = server.get("/spending?from=2100-01-01T00:00:00.000Z", &session).await.json();
    assert_eq!(
        later,
        json!({ "rows": [],
            "total": { "runs": 0, "inputTokens": 0, "outputTokens": 0, "cost": 0.0 } })
    );
    for wrong in ["/spending?by=user", "/spending?from=now"] {
        assert_eq!(server.get(wrong, &session).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
