//! Conversations of all flows in one list.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::server::{By, TestServer};

/// A flow of this kind that repeats what it is asked.
async fn flow(server: &TestServer, by: &By, kind: &str) -> String {
    let node = |id: &str, name: &str| json!({ "id": id, "data": { "id": id, "name": name, "label": id, "inputs": {} } });
    let data = match kind {
        "AGENTFLOW" => json!({
            "nodes": [node("start", "startAgentflow"), node("say", "sayAgentflow")],
            "edges": [{ "source": "start", "target": "say",
                "sourceHandle": "start-output-start", "targetHandle": "say" }],
        }),
        _ => json!({ "nodes": [node("echo_0", "echo")], "edges": [] }),
    };
    let form = json!({ "name": kind, "flowData": data.to_string(), "type": kind });
    server.post("/chatflows", &form, by).await.json()["id"].as_str().unwrap().to_owned()
}

async fn ask(server: &TestServer, flow: &str, chat: &str, question: &str) -> Value {
    let body = json!({ "question": question, "chatId": chat });
    let answer = server.post(&format!("/prediction/{flow}"), &body, &By::Nobody).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn they_are_told_newest_first_and_narrowed_down() {
    let (server, session) = TestServer::set_up().await;
    let chat = flow(&server, &session, "CHATFLOW").await;
    let agent = flow(&server, &session, "AGENTFLOW").await;
    ask(&server, &chat, "one", "When do you open?").await;
    ask(&server, &agent, "two", "Is there a bus?").await;
    let answered = ask(&server, &chat, "one", "And on Sunday?").await;
    let rating = json!({ "chatflowid": chat, "chatId": "one", "messageId": answered["chatMessageId"],
        "rating": "THUMBS_DOWN", "content": "" });
    assert_eq!(server.post("/feedback", &rating, &session).await.status, StatusCode::OK);

    let list = async |query: &str| {
        let answer = server.get(&format!("/conversations?{query}"), &session).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        answer.json()
    };
    let all = list("").await;
    assert_eq!(all["total"], 2);
    let first = &all["data"][0];
    for (field, expected) in [
        ("flowId", json!(chat)),
        ("flowName", json!("CHATFLOW")),
        ("chatId", json!("one")),
        ("title", json!("When do you open?")),
        ("chatType", json!("EXTERNAL")),
        ("messageCount", json!(4)),
        ("thumbsUp", json!(0)),
        ("thumbsDown", json!(1)),
    ] {
        assert_eq!(first[field], expected, "{field} in {first}");
    }
    assert!(first["createdDate"].as_str() <= first["updatedDate"].as_str());
    let chats = async |query: &str| {
        let rows = list(query).await["data"].as_array().unwrap().clone();
        rows.iter().map(|it| it["chatId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("limit=1&page=2", vec!["two"]),
        ("type=AGENTFLOW&type=MULTIAGENT", vec!["two"]),
        ("q=SUNDAY+open", vec!["one"]),
        ("q=sunday+bus", vec![]),
        ("feedbackType=THUMBS_DOWN", vec!["one"]),
        ("feedbackType=THUMBS_UP", vec![]),
        ("chatType=INTERNAL", vec![]),
        ("endDate=2020-01-01", vec![]),
        ("startDate=2020-01-01", vec!["one", "two"]),
    ] {
        assert_eq!(chats(query).await, expected, "{query}");
    }
    assert_eq!(chats(&format!("flowId={agent}")).await, ["two"]);
    for query in ["startDate=soon", "page=x", "q=a+b+c+d+e+f+g+h+i+j+k"] {
        let refused = server.get(&format!("/conversations?{query}"), &session).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let bob = server.neighbour().await;
    let foreign = server.get(&format!("/conversations?flowId={chat}"), &bob).await.json();
    assert_eq!(foreign, json!({ "data": [], "total": 0 }));
    let key = server.key(&session, &["tools:view"]).await;
    assert_eq!(server.get("/conversations", &key).await.status, StatusCode::FORBIDDEN);
}
