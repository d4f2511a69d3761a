//! Going back in runs of agentflows, and trying a flow out with pins and breakpoints.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::server::{Answer, By, NIL, TestServer};

/// The beginning, and two nodes that say what they are given.
fn data(first: &str, second: &str) -> Value {
    let node = |id: &str, name: &str, text: &str| {
        json!({ "id": id, "data": { "id": id, "name": name, "label": id.to_uppercase(),
            "inputs": { "text": text } } })
    };
    let wire = |from: &str, to: &str| {
        json!({ "source": from, "target": to, "sourceHandle": format!("{from}-output-{from}"),
            "targetHandle": to })
    };
    json!({
        "nodes": [
            node("start", "startAgentflow", ""),
            node("one", "sayAgentflow", first),
            node("two", "sayAgentflow", second),
        ],
        "edges": [wire("start", "one"), wire("one", "two")],
    })
}

/// A server with a published flow.
async fn set_up(data: &Value) -> (TestServer, By, String) {
    let (server, session) = TestServer::set_up().await;
    let form = json!({ "name": "f", "flowData": data.to_string(), "type": "AGENTFLOW" });
    let made = server.post("/chatflows", &form, &session).await.json();
    (server, session, made["id"].as_str().unwrap().to_owned())
}

async fn save_draft(server: &TestServer, by: &By, flow: &str, data: &Value, revision: i64) {
    let form = json!({ "flowData": data.to_string(), "revision": revision });
    let saved = server.put(&format!("/chatflows/{flow}/draft"), &form, by).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
}

async fn try_out(server: &TestServer, by: &By, flow: &str, body: Value) -> Value {
    let mut asked = json!({ "question": "hi", "draft": true });
    asked.as_object_mut().unwrap().extend(body.as_object().cloned().unwrap());
    let answer = server.post(&format!("/internal-prediction/{flow}"), &asked, by).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

async fn rerun(server: &TestServer, by: &By, id: &str, body: Value) -> Answer {
    server.post(&format!("/executions/{id}/rerun"), &body, by).await
}

/// The run and its records, once it has told everything.
async fn ended(server: &TestServer, by: &By, id: &str) -> (Value, Vec<Value>) {
    server.get(&format!("/executions/{id}/events"), by).await;
    let run = server.get(&format!("/executions/{id}"), by).await.json();
    let records = serde_json::from_str(run["executionData"].as_str().unwrap()).unwrap();
    (run, records)
}

fn said(record: &Value) -> &str {
    record["data"]["output"]["content"].as_str().unwrap()
}

#[tokio::test]
async fn a_run_begins_at_a_node_of_another_with_all_that_came_before() {
    let (server, session, flow) = set_up(&data("=first", "=second")).await;
    let ask = json!({ "question": "hi", "chatId": "c" });
    let asked = server.post(&format!("/prediction/{flow}"), &ask, &By::Nobody).await.json();
    let id = asked["executionId"].as_str().unwrap();
    // The draft has changed since: what is earlier than the node does not run again.
    save_draft(&server, &session, &flow, &data("=changed", "=new"), 0).await;
    let begun = rerun(&server, &session, id, json!({ "nodeId": "two" })).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text());
    let begun = begun.json();
    assert_eq!(begun["state"], "INPROGRESS");
    let new = begun["executionId"].as_str().unwrap();
    let (run, records) = ended(&server, &session, new).await;
    assert_eq!(run["rerunOf"], json!({ "executionId": id, "nodeId": "two" }));
    assert_eq!((&run["state"], &run["flowSource"]), (&json!("FINISHED"), &json!("draft")));
    assert_eq!(run["sessionId"], begun["sessionId"]);
    let told: Vec<&str> = records.iter().map(said).collect();
    assert_eq!(told, ["hi", "first", "new"]);
    // Its chat holds the question and the new answer; the old one is as it was.
    let chat = begun["chatId"].as_str().unwrap();
    let kept = server.get(&format!("/chatmessage/{flow}?chatId={chat}"), &session).await.json();
    assert_eq!((&kept[0]["content"], &kept[1]["content"]), (&json!("hi"), &json!("new")));
    let (_, before) = ended(&server, &session, id).await;
    assert_eq!(said(&before[2]), "second");
    // Other states of the flow, other rows, and going back into what went back.
    for (body, expected) in [
        (json!({ "nodeId": "two", "flow": "published" }), ["hi", "first", "second"]),
        (json!({ "nodeId": "two", "flow": "recorded" }), ["hi", "first", "new"]),
        (json!({ "nodeId": "one", "iteration": 1 }), ["hi", "changed", "new"]),
        (json!({ "nodeId": "start" }), ["hi", "changed", "new"]),
        (json!({ "nodeId": "two", "inputs": { "text": "=other" } }), ["hi", "first", "other"]),
    ] {
        let begun = rerun(&server, &session, new, body.clone()).await.json();
        let (_, records) = ended(&server, &session, begun["executionId"].as_str().unwrap()).await;
        let told: Vec<&str> = records.iter().map(said).collect();
        // The earlier answers of a run that went back are those it took over.
        assert_eq!(told, expected, "{body}");
    }
}

#[tokio::test]
async fn what_cannot_be_gone_back_to_says_why() {
    let (server, session, flow) = set_up(&data("=first", "=second")).await;
    let ask = json!({ "question": "hi" });
    let asked = server.post(&format!("/prediction/{flow}"), &ask, &By::Nobody).await.json();
    let id = asked["executionId"].as_str().unwrap();
    let mut without = data("=first", "=second");
    without["nodes"].as_array_mut().unwrap().pop();
    without["edges"].as_array_mut().unwrap().pop();
    save_draft(&server, &session, &flow, &without, 0).await;
    for (body, status, why) in [
        (json!({ "nodeId": "two" }), 409, "no longer has the node two"),
        (json!({ "nodeId": "gone" }), 400, "never came to the node gone"),
        (json!({ "nodeId": "one", "iteration": 2 }), 400, "a number from 1 to 1"),
        (json!({ "nodeId": "one", "iteration": 0 }), 400, "a number from 1 to 1"),
        (json!({}), 400, "nodeId"),
        (json!({ "nodeId": "one", "flow": "old" }), 400, "flow"),
    ] {
        let refused = rerun(&server, &session, id, body.clone()).await;
        assert_eq!(refused.status.as_u16(), status, "{body} {}", refused.text());
        assert!(refused.text().contains(why), "{body} {}", refused.text());
    }
    let unknown = rerun(&server, &session, NIL, json!({ "nodeId": "one" })).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let still = rerun(&server, &session, id, json!({ "nodeId": "two", "flow": "recorded" })).await;
    assert_eq!(still.status, StatusCode::OK, "{}", still.text());
    let list = server.get("/executions", &session).await.json();
    assert_eq!(list["total"], 2, "what was refused began nothing");
}

#[tokio::test]
async fn lists_tell_of_runs_without_their_turns_and_without_the_text_of_flows() {
    let (server, session, flow) = set_up(&data("=first", "=second")).await;
    save_draft(&server, &session, &flow, &data("=tried", "=out"), 0).await;
    let tried = try_out(&server, &session, &flow, json!({})).await;
    let id = tried["executionId"].as_str().unwrap();
    let begun = rerun(&server, &session, id, json!({ "nodeId": "two" })).await.json();
    ended(&server, &session, begun["executionId"].as_str().unwrap()).await;
    let path = "/executions/summaries?page=1&limit=2";
    let list = server.get(path, &session).await;
    assert!(!list.text().contains("sayAgentflow"), "{}", list.text());
    let list = list.json();
    assert_eq!(list["total"], 2);
    for row in list["data"].as_array().unwrap() {
        assert_eq!(row["agentflow"], json!({ "id": flow, "name": "f" }));
        let mut whole = server
            .get(&format!("/executions/{}", row["id"].as_str().unwrap()), &session)
            .await
            .json();
        whole.as_object_mut().unwrap().remove("executionData");
        let mut row = row.clone();
        row.as_object_mut().unwrap().remove("agentflow");
        assert_eq!((&row["flowSource"], &row), (&json!("draft"), &whole));
        assert!(row["spent"]["milliseconds"].is_u64(), "{row}");
    }
    assert_eq!(list["data"][0]["rerunOf"], json!({ "executionId": id, "nodeId": "two" }));
    for (path, ids) in [
        (format!("/executions?id={id}"), vec![id]),
        ("/executions?id=unknown".to_owned(), vec![]),
        ("/executions?limit=1".to_owned(), vec![begun["executionId"].as_str().unwrap()]),
        ("/executions?limit=1&page=2".to_owned(), vec![id]),
    ] {
        let list = server.get(&path, &session).await.json();
        let found: Vec<&str> =
            list["data"].as_array().unwrap().iter().filter_map(|it| it["id"].as_str()).collect();
        assert_eq!(found, ids, "{path}");
    }
    let whole = server.get("/executions?page=1&limit=1", &session).await.json();
    assert_eq!(whole["data"][0]["rerunOf"], list["data"][0]["rerunOf"]);
    assert!(whole["data"][0]["executionData"].as_str().unwrap().contains("sayAgentflow"));
    assert!(whole["data"][0]["agentflow"]["flowData"].as_str().unwrap().contains("sayAgentflow"));
}

#[tokio::test]
async fn the_text_of_a_long_draft_is_kept_with_no_run_that_tries_it_out() {
    let mut long = data("=first", "=second");
    long["viewport"] = "x".repeat(2 << 20).into();
    let (server, session, flow) = set_up(&data("=live", "=live")).await;
    save_draft(&server, &session, &flow, &long, 0).await;
    let tried = try_out(&server, &session, &flow, json!({})).await;
    let id = tried["executionId"].as_str().unwrap().to_owned();
    let begun = rerun(&server, &session, &id, json!({ "nodeId": "two" })).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text());
    let again = begun.json()["executionId"].as_str().unwrap().to_owned();
    ended(&server, &session, &again).await;
    for run in [id, again] {
        let body = json!({ "nodeId": "two", "flow": "recorded" });
        let refused = rerun(&server, &session, &run, body).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
        assert!(refused.text().contains("is not kept any more"), "{}", refused.text());
    }
}

#[tokio::test]
async fn a_run_that_has_ended_is_not_gone_on_with() {
    let (server, session, flow) = set_up(&data("", "")).await;
    let path = format!("/prediction/{flow}");
    for (question, state) in [("fail", "ERROR"), ("hi", "FINISHED")] {
        let ask = json!({ "question": question, "chatId": state });
        server.post(&path, &ask, &By::Nobody).await;
        let answer = json!({ "chatId": state, "humanInput": { "type": "proceed" } });
        let refused = server.post(&path, &answer, &By::Nobody).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
        let said = format!("it is in '{state}' state");
        assert!(refused.text().contains(&said), "{}", refused.text());
        let list = server.get(&format!("/executions/summaries?sessionId={state}"), &session).await;
        assert_eq!(list.json()["data"][0]["state"], state);
    }
}

#[tokio::test]
async fn pins_count_where_a_flow_is_tried_out_and_nowhere_else() {
    let mut pinned = data("=ran", "=second");
    pinned["nodes"][1]["data"]["pinnedOutput"] = json!({ "content": "pinned" });
    let (server, session, flow) = set_up(&pinned).await;
    let tried = try_out(&server, &session, &flow, json!({})).await;
    let first = |answer: &Value| answer["agentFlowExecutedData"][1].clone();
    assert_eq!(said(&first(&tried)), "pinned");
    assert_eq!(first(&tried)["data"]["pinned"], true);
    let internal = json!({ "question": "hi" });
    let live = server.post(&format!("/internal-prediction/{flow}"), &internal, &session).await;
    assert_eq!(said(&first(&live.json())), "ran", "what is live is not tried out");
    let outside = json!({ "question": "hi", "draft": true });
    let live = server.post(&format!("/prediction/{flow}"), &outside, &session).await;
    assert_eq!(said(&first(&live.json())), "ran", "{}", live.text());
    // Whoever fills a pinned node in otherwise wants to see what it gives.
    let id = tried["executionId"].as_str().unwrap();
    for (body, expected) in [
        (json!({ "nodeId": "one" }), "pinned"),
        (json!({ "nodeId": "one", "flow": "published" }), "ran"),
        (json!({ "nodeId": "one", "flow": "recorded" }), "ran"),
        (json!({ "nodeId": "one", "inputs": { "text": "=edited" } }), "edited"),
    ] {
        let begun = rerun(&server, &session, id, body.clone()).await.json();
        let (_, records) = ended(&server, &session, begun["executionId"].as_str().unwrap()).await;
        assert_eq!(said(&records[1]), expected, "{body}");
    }
}

#[tokio::test]
async fn a_breakpoint_stops_a_run_that_goes_on_or_ends_by_an_answer() {
    let mut stops = data("=first", "=second");
    stops["nodes"][2]["data"]["breakpoint"] = json!(true);
    let (server, session, flow) = set_up(&data("=live", "=live")).await;
    save_draft(&server, &session, &flow, &stops, 0).await;
    for (answer, state) in [("proceed", "FINISHED"), ("reject", "TERMINATED")] {
        let stopped = try_out(&server, &session, &flow, json!({ "chatId": answer })).await;
        let id = stopped["executionId"].as_str().unwrap();
        let (run, records) = ended(&server, &session, id).await;
        assert_eq!((&run["state"], records.len()), (&json!("STOPPED"), 3));
        assert_eq!(records[2]["data"]["breakpoint"], true);
        let action: Value = serde_json::from_str(run["action"].as_str().unwrap()).unwrap();
        assert_eq!((&action["breakpoint"], &stopped["action"]), (&json!(true), &action));
        let wrong = json!({ "chatId": answer, "humanInput": { "type": "perhaps" } });
        let path = format!("/internal-prediction/{flow}");
        let refused = server.post(&path, &wrong, &session).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text());
        // It goes on with the draft that it began with, wherever the answer is sent to.
        let goes_on = json!({ "chatId": answer, "humanInput": { "type": answer } });
        let went_on = server.post(&path, &goes_on, &session).await;
        assert_eq!(went_on.status, StatusCode::OK, "{}", went_on.text());
        let (run, records) = ended(&server, &session, id).await;
        assert_eq!((&run["state"], records.len()), (&json!(state), 3), "{answer}");
        if answer == "proceed" {
            assert_eq!(said(&records[2]), "second");
            let again = server.post(&path, &goes_on, &session).await;
            assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text());
        }
        // Going back to it is to have stopped there already.
        let back = rerun(&server, &session, id, json!({ "nodeId": "two" })).await.json();
        let (run, _) = ended(&server, &session, back["executionId"].as_str().unwrap()).await;
        assert_eq!(run["state"], "FINISHED");
        let back = rerun(&server, &session, id, json!({ "nodeId": "one" })).await.json();
        let (run, _) = ended(&server, &session, back["executionId"].as_str().unwrap()).await;
        assert_eq!(run["state"], "STOPPED");
    }
}
