//! Suggestions of what to ask next.

use serde_json::{Value, json};

use crate::server::{By, TestServer};

async fn flow(server: &TestServer, by: &By, provider: &str) -> String {
    let data = json!({ "nodes": [{ "id": "echo_0", "data": { "id": "echo_0", "name": "echo", "inputs": {} } }], "edges": [] });
    let setting = json!({ "status": true, "selectedProvider": provider, provider: { "prompt": "<{history}>" } });
    let flow = json!({ "name": "f", "flowData": data.to_string(), "type": "CHATFLOW", "followUpPrompts": setting.to_string() });
    server.post("/chatflows", &flow, by).await.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_model_suggests_what_to_ask_next_and_its_failure_costs_no_answer() {
    let (server, session) = TestServer::set_up().await;
    for provider in ["chatParrot", "parrot"] {
        let path = format!("/prediction/{}", flow(&server, &session, provider).await);
        let answer = server.post(&path, &json!({ "question": "Hi" }), &By::Nobody).await.json();
        assert_eq!(answer["followUpPrompts"], r#"["Why <Hi>?","How?"]"#, "{answer}");
        let id = path.rsplit('/').next().unwrap();
        let kept = server.get(&format!("/chatmessage/{id}"), &session).await.json();
        assert_eq!(kept[1]["followUpPrompts"], r#"["Why <Hi>?","How?"]"#, "{kept}");
        let ask = json!({ "question": "Hi", "streaming": true });
        let told = server.post(&path, &ask, &By::Nobody).await.text().into_owned();
        let frame = told.split("data:").find(|it| it.contains("\"metadata\"")).unwrap();
        let frame: Value = serde_json::from_str(frame.split("\n\n").next().unwrap()).unwrap();
        let twice: String =
            serde_json::from_str(frame["data"]["followUpPrompts"].as_str().unwrap()).unwrap();
        assert_eq!(twice, r#"["Why <Hi>?","How?"]"#);
    }
    let path = format!("/prediction/{}", flow(&server, &session, "toyModel").await);
    let answer = server.post(&path, &json!({ "question": "Hi" }), &By::Nobody).await.json();
    assert_eq!((&answer["text"], answer.get("followUpPrompts")), (&json!("Hi"), None));
}
