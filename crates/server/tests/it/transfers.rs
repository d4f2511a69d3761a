//! A workspace as a file, and reading one.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    exchange::Transcript,
    server::{By, NIL, TestServer},
};

/// A flow that uses a tool, a variable and a message, as one file.
async fn filled(server: &TestServer, by: &By) -> Value {
    let tool = json!({ "name": "tool", "description": "d", "color": "red", "func": "return 1" });
    let tool = server.post("/tools", &tool, by).await.json()["id"].clone();
    let data = json!({ "nodes": [{ "id": "echo_0", "data": {
        "id": "echo_0", "name": "echo", "inputs": { "selectedTool": tool },
    } }], "edges": [] });
    let flow = json!({ "name": "F", "flowData": data.to_string(), "type": "CHATFLOW" });
    let flow = server.post("/chatflows", &flow, by).await.json()["id"].clone();
    server.post("/variables", &json!({ "name": "v", "value": "x" }), by).await;
    let path = format!("/prediction/{}", flow.as_str().unwrap());
    let answer = server.post(&path, &json!({ "question": "Hi", "chatId": "c" }), &By::Nobody).await;
    let answer = answer.json();
    let feedback = json!({ "chatflowid": flow, "chatId": "c", "messageId": answer["chatMessageId"], "rating": "THUMBS_UP" });
    let feedback = server.post("/feedback", &feedback, &By::Nobody).await;
    assert_eq!(feedback.status, StatusCode::OK, "{}", feedback.text());
    let wanted = json!({ "tool": true, "variable": true, "chatflow": true, "chat_message": true, "chat_feedback": true });
    server.post("/export-import/export", &wanted, by).await.json()
}

#[tokio::test]
async fn a_file_holds_what_was_asked_for() {
    let (server, session) = TestServer::set_up().await;
    let file = filled(&server, &session).await;
    for (key, rows) in [
        ("Tool", 1),
        ("Variable", 1),
        ("ChatFlow", 1),
        ("ChatMessage", 2),
        ("ChatMessageFeedback", 1),
        ("AgentFlow", 0),
    ] {
        assert_eq!(file[key].as_array().unwrap().len(), rows, "{key}");
    }
    let mut transcript = Transcript::default();
    let mut call = async |path: &str, body: Value, by: &By| {
        transcript.call(&server, Method::POST, path, Some(body), by).await
    };
    call("/export-import/export", json!({}), &session).await;
    call("/export-import/export", json!({ "chatflow": "yes" }), &session).await;
    let key = server.key(&session, &["chatflows:view"]).await;
    call("/export-import/export", json!({ "tool": true }), &key).await;
    call("/export-import/chatflow-messages", json!({}), &session).await;
    let id = file["ChatFlow"][0]["id"].clone();
    let told =
        call("/export-import/chatflow-messages", json!({ "chatflowId": id }), &session).await;
    let name = format!("attachment; filename=\"{}-Message.json\"", id.as_str().unwrap());
    assert_eq!(told.header("content-disposition"), name);
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn what_is_here_already_comes_in_beside_it_with_new_ids_that_fit_together() {
    let (server, session) = TestServer::set_up().await;
    let file = filled(&server, &session).await;
    let answer = server.post("/export-import/import", &file, &session).await;
    assert_eq!(answer.json()["message"], "success", "{}", answer.text());
    let flows = server.get("/chatflows", &session).await.json();
    let tools = server.get("/tools", &session).await.json();
    assert_eq!((flows.as_array().unwrap().len(), tools.as_array().unwrap().len()), (2, 2));
    let old = file["ChatFlow"][0]["id"].as_str().unwrap();
    let fresh = flows.as_array().unwrap().iter().find(|it| it["id"] != old).unwrap();
    let data: Value = serde_json::from_str(fresh["flowData"].as_str().unwrap()).unwrap();
    let used = data["nodes"][0]["data"]["inputs"]["selectedTool"].as_str().unwrap().to_owned();
    assert_ne!(used, file["Tool"][0]["id"].as_str().unwrap());
    assert!(tools.as_array().unwrap().iter().any(|it| it["id"] == used.as_str()));
    let stats = server.get(&format!("/stats/{}", fresh["id"].as_str().unwrap()), &session).await;
    assert_eq!(
        stats.json(),
        json!({ "totalMessages": 2, "totalSessions": 1, "totalFeedback": 1, "positiveFeedback": 1 })
    );
}

#[tokio::test]
async fn a_plan_tells_conflicts_and_their_answers_are_followed() {
    let (server, session) = TestServer::set_up().await;
    let mut file = filled(&server, &session).await;
    file["Execution"] = json!([{ "id": NIL, "agentflowId": NIL, "state": "FINISHED" }]);
    file["ChatMessage"][0]["chatflowid"] = NIL.into();
    let plan = server.post("/export-import/plan", &file, &session).await.json();
    let told: Vec<_> = plan["conflicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (it["type"].as_str().unwrap(), it["name"].as_str().unwrap(), it["sameId"] == true)
        })
        .collect();
    assert_eq!(told, [("ChatFlow", "F", true), ("Tool", "tool", true), ("Variable", "v", true)]);
    assert_eq!(
        plan["leftOut"],
        json!([
            { "type": "ChatMessage", "rows": 1, "reason": "their flow is neither in the file nor in this workspace" },
            { "type": "Execution", "rows": 1, "reason": "their flow is neither in the file nor in this workspace" },
        ])
    );
    let answers = plan["conflicts"].as_array().unwrap().iter().map(|it| {
        let action = if it["type"] == "Variable" { "skip" } else { "update" };
        json!({ "type": it["type"], "importId": it["importId"], "existingId": it["existingId"], "action": action })
    });
    file["conflictResolutions"] = answers.collect();
    file["ChatFlow"][0]["name"] = "F2".into();
    file["ChatMessage"] = json!([]);
    file["ChatMessageFeedback"] = json!([]);
    let answer = server.post("/export-import/import", &file, &session).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json()["imported"], json!({ "ChatFlow": 1, "Tool": 1 }));
    let flows = server.get("/chatflows", &session).await.json();
    assert_eq!((flows.as_array().unwrap().len(), &flows[0]["name"]), (1, &json!("F2")));
    let variables = server.get("/variables", &session).await.json();
    assert_eq!(variables.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn runs_of_agentflows_are_carried_with_their_turns_and_are_over_then() {
    let (server, session) = TestServer::set_up().await;
    let flow =
        json!({ "name": "A", "type": "AGENTFLOW", "flowData": "{\"nodes\":[],\"edges\":[]}" });
    let flow = server.post("/chatflows", &flow, &session).await.json();
    let turns = json!([{ "nodeId": "startAgentflow_0", "nodeLabel": "Start", "data": {}, "previousNodeIds": [], "status": "FINISHED" }]);
    let run = |id: &str, state: &str| {
        json!({
            "id": id, "state": state, "agentflowId": flow["id"], "sessionId": "s", "executionData": turns.to_string(),
            "action": "{}", "isPublic": null, "createdDate": "2026-01-02T03:04:05.000Z",
            "updatedDate": "2026-01-02T03:04:06.000Z", "stoppedDate": null, "workspaceId": "elsewhere",
        })
    };
    let (first, second) = (uuid::Uuid::new_v4().to_string(), uuid::Uuid::new_v4().to_string());
    let file = json!({ "Execution": [run(&first, "FINISHED"), run(&second, "STOPPED")] });
    let answer = server.post("/export-import/import", &file, &session).await;
    assert_eq!(answer.json()["imported"], json!({ "Execution": 2 }), "{}", answer.text());
    let kept = server.get(&format!("/executions/{second}"), &session).await.json();
    assert_eq!(
        (&kept["state"], &kept["action"], &kept["createdDate"]),
        (&json!("TERMINATED"), &Value::Null, &json!("2026-01-02T03:04:05.000Z"))
    );
    let data: Value = serde_json::from_str(kept["executionData"].as_str().unwrap()).unwrap();
    assert_eq!(data, turns);

    let wanted = json!({ "agentflowv2": true, "execution": true });
    let mut file = server.post("/export-import/export", &wanted, &session).await.json();
    assert_eq!(file["Execution"].as_array().unwrap().len(), 2);
    let again = server.post("/export-import/import", &file, &session).await.json();
    assert_eq!(again["imported"], json!({ "AgentFlowV2": 1, "Execution": 2 }));
    let all = server.get("/executions?limit=10", &session).await.json();
    let flows: std::collections::HashSet<_> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["agentflowId"].as_str().unwrap())
        .collect();
    assert_eq!(
        (all["total"].as_u64(), flows.len()),
        (Some(4), 2),
        "the copies hang on the copied flow"
    );

    file["Execution"][0]["executionData"] = "no list".into();
    let refused = server.post("/export-import/import", &file, &session).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text().contains("Execution[0].executionData"), "{}", refused.text());
    assert_eq!(server.get("/executions", &session).await.json()["total"], 4);
}

#[tokio::test]
async fn a_bad_row_leaves_nothing_behind() {
    let (server, session) = TestServer::set_up().await;
    let good = json!([{ "name": "t", "description": "d", "color": "red" }]);
    for (file, said) in [
        (json!({ "Tool": "x" }), "Tool: a list is expected"),
        (
            json!({ "Tool": good, "Variable": [{ "value": "no name" }] }),
            "Variable[0]: missing field `name`",
        ),
        (json!({ "Tool": good, "Variable": [7] }), "Variable: a list of objects is expected"),
        (
            json!({ "Tool": good, "ChatFlow": [{ "name": "f", "flowData": "no json" }] }),
            "ChatFlow \"f\": its data is not the text of JSON: expected ident at line 1 column 2",
        ),
        (
            json!({ "Tool": good, "conflictResolutions": [{ "type": "Tool", "importId": "a", "existingId": "b", "action": "update" }] }),
            "conflictResolutions: Tool a does not meet b in this workspace; ask for the plan again",
        ),
    ] {
        let answer = server.post("/export-import/import", &file, &session).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
        assert_eq!(answer.json()["message"], said);
    }
    assert_eq!(server.get("/tools", &session).await.json(), json!([]));
}

#[tokio::test]
async fn another_workspaces_rows_are_neither_written_over_nor_told_of() {
    let (server, ann) = TestServer::set_up().await;
    let file = filled(&server, &ann).await;
    let bob = server.neighbour().await;
    let plan = server.post("/export-import/plan", &file, &bob).await.json();
    assert_eq!(plan["conflicts"], json!([]));
    let before = server.get("/chatflows", &ann).await.text().into_owned();
    let answer = server.post("/export-import/import", &file, &bob).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(server.get("/chatflows", &ann).await.text(), before);
    let own = server.get("/chatflows", &bob).await.json();
    assert_ne!(own[0]["id"], file["ChatFlow"][0]["id"]);
}
