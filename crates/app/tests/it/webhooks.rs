//! Agentflows that other systems start.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn the_question_that_a_webhook_made_is_the_one_that_is_kept() {
    let site = Site::open().await;
    let node = |name: &str, inputs: serde_json::Value| {
        let data = json!({"id": name, "name": name, "label": name, "inputs": inputs});
        json!({"id": name, "data": data})
    };
    let flow = json!({
        "nodes": [
            node("startAgentflow", json!({
                "startInputType": "webhookTrigger", "webhookMethod": "POST",
                "webhookInputMode": "text",
                "webhookDefaultInput": "Ferry to {{ $webhook.body.city }}?",
            })),
            node("directReplyAgentflow", json!({"directReplyMessage": "Heard: {{ question }}"})),
        ],
        "edges": [{
            "source": "startAgentflow", "target": "directReplyAgentflow",
            "sourceHandle": "startAgentflow-output-startAgentflow",
            "targetHandle": "directReplyAgentflow",
        }],
    });
    let form = json!({"name": "Ferries", "type": "AGENTFLOW", "flowData": flow.to_string()});
    let id = site.admin(Method::POST, "/chatflows", &form).await.json()["id"].clone();
    let id = id.as_str().unwrap();
    let called = json!({"city": "Rome", "chatId": "w1"});
    let answer = site.call(Method::POST, &format!("/webhook/{id}"), &called).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let said = site.said(id).await;
    let expected = [("userMessage", "Ferry to Rome?"), ("apiMessage", "Heard: Ferry to Rome?")];
    let said: Vec<_> = said.iter().map(|(role, text)| (role.as_str(), text.as_str())).collect();
    assert_eq!(said, expected);
}
