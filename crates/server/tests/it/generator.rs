//! Flows that a model draws: placed whole and valid, mended, or refused.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::server::{Answer, By, TestServer};

async fn draw(server: &TestServer, by: &By, answers: &[Value]) -> Answer {
    let lines: Vec<String> = answers.iter().map(Value::to_string).collect();
    let model = json!({ "id": "chatScript_0", "name": "chatScript", "label": "Script",
        "inputs": { "answers": lines.join("\n"), "empty": "" } });
    let wish = json!({ "question": "say it twice", "selectedChatModel": model });
    server.post("/agentflowv2-generator/generate", &wish, by).await
}

fn draft(say: &Value) -> Value {
    json!({
        "nodes": [
            { "id": "begin", "kind": "startAgentflow", "label": "Begin", "inside": null,
                "settings": [{ "name": "startInputType", "value": "chatInput" }] },
            say,
        ],
        "edges": [{ "from": "begin", "to": "one", "way": null }],
    })
}

fn good() -> Value {
    draft(&json!({ "id": "one", "kind": "sayAgentflow", "label": "Say it", "inside": null,
        "settings": [{ "name": "text", "value": "{{ begin.output }} and {{ question }}" },
            { "name": "times", "value": "2" }] }))
}

#[tokio::test]
async fn a_good_draft_becomes_a_flow_that_is_valid_and_answers() {
    let (server, session) = TestServer::set_up().await;
    let flow = draw(&server, &session, &[good()]).await;
    assert_eq!(flow.status, StatusCode::OK, "{}", flow.text());
    let flow = flow.json();
    let say = &flow["nodes"][1];
    assert_eq!((&say["id"], &say["type"]), (&json!("sayAgentflow_0"), &json!("agentFlow")));
    assert_eq!(say["data"]["label"], "Say it");
    assert_eq!(say["data"]["inputs"]["text"], "{{ startAgentflow_0.output }} and {{ question }}");
    assert_eq!(say["data"]["inputs"]["times"], 2);
    assert_eq!(say["data"]["inputs"]["sayModel"], "chatScript");
    assert_eq!(say["data"]["inputs"]["sayModelConfig"]["sayModel"], "chatScript");
    assert!(say["data"]["inputs"]["sayModelConfig"].get("empty").is_none());
    assert_eq!(say["data"]["inputParams"].as_array().unwrap().len(), 3);
    let wire = &flow["edges"][0];
    assert_eq!(wire["sourceHandle"], "startAgentflow_0-output-startAgentflow");
    assert!(flow["nodes"][0]["position"]["x"].as_i64() < say["position"]["x"].as_i64());

    let data = json!({ "nodes": flow["nodes"], "edges": flow["edges"] }).to_string();
    let form = json!({ "flowData": data });
    let issues = server.post("/chatflows/validate?chosenCredentials=true", &form, &session).await;
    assert_eq!(issues.json(), json!([]));
    let form = json!({ "name": "drawn", "flowData": data, "type": "AGENTFLOW" });
    let saved = server.post("/chatflows", &form, &session).await.json();
    let id = saved["id"].as_str().unwrap();
    let question = json!({ "question": "hi" });
    let said = server.post(&format!("/prediction/{id}"), &question, &By::Nobody).await;
    assert_eq!(said.json()["text"], "Said: hi", "{}", said.text());
}

#[tokio::test]
async fn a_draft_with_faults_is_mended_or_refused_as_a_whole() {
    let (server, session) = TestServer::set_up().await;
    let unknown = draft(&json!({ "id": "one", "kind": "singAgentflow", "settings": [] }));
    let mended = draw(&server, &session, &[json!("no flow at all"), unknown.clone(), good()]).await;
    assert_eq!(mended.json()["nodes"].as_array().unwrap().len(), 2, "{}", mended.text());

    let say = |settings: Value| {
        draft(&json!({ "id": "one", "kind": "sayAgentflow", "settings": settings }))
    };
    let mut loose = good();
    loose["edges"] = json!([]);
    let mut from_nowhere = good();
    from_nowhere["edges"][0]["from"] = json!("nobody");
    let mut two = good();
    two["nodes"][1] = json!({ "id": "one", "kind": "startAgentflow", "settings": [] });
    let mut inside = good();
    inside["nodes"][1]["inside"] = json!("begin");
    for (draft, said) in [
        (unknown, "there is no kind singAgentflow; the kinds are startAgentflow, sayAgentflow"),
        (say(json!([])), "Text is required"),
        (
            say(json!([{ "name": "text", "value": "x" }, { "name": "times", "value": "often" }])),
            "node one, times: a number is expected, not often",
        ),
        (say(json!([{ "name": "tune", "value": "x" }])), "sayAgentflow has no such row"),
        (say(json!([{ "name": "text", "value": "{{ two.output }}" }])), "there is no node two"),
        (loose, "not connected to anything"),
        (from_nowhere, "wire from nobody to one: one of them is not there"),
        (two, "exactly one node is of the kind startAgentflow, and there are 2"),
        (inside, "it is inside of begin, which is no iterationAgentflow"),
    ] {
        let refused = draw(&server, &session, &[draft]).await;
        assert_eq!(refused.status, StatusCode::OK);
        let body = refused.json();
        let why = body["rawResponse"]["error"].as_str().unwrap_or_default();
        assert!(why.contains(said), "{said}: {body}");
        assert!(body["error"].is_string() && body.get("nodes").is_none(), "{body}");
    }
}

#[tokio::test]
async fn a_wish_without_words_or_without_a_chat_model_is_refused() {
    let (server, session) = TestServer::set_up().await;
    let path = "/agentflowv2-generator/generate";
    for wish in
        [json!({}), json!({ "question": " ", "selectedChatModel": { "name": "chatScript" } })]
    {
        let refused = server.post(path, &wish, &session).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(refused.json()["message"], "Question and selectedChatModel are required");
    }
    let tool = json!({ "question": "x", "selectedChatModel": { "id": "s", "name": "shout", "inputs": {} } });
    let refused = server.post(path, &tool, &session).await;
    assert!(refused.text().contains("a chat model is expected"), "{}", refused.text());
}
