//! Who may call a flow and what a call may change: the flow's key, origins, call limit, overrides.

use reqwest::Method;
use serde_json::{Value, json};

use crate::site::{Site, exchange, send};

/// What a call wants to change in `llm-chain`.
fn wishes() -> Value {
    json!({"temperature": 1, "template": "Shout at {name}!", "basepath": "http://127.0.0.1:9/v1"})
}

#[tokio::test]
async fn overrides_are_closed_unless_the_owner_opens_them() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    site.ask(&id, &json!({"question": "Bob", "overrideConfig": wishes()})).await;
    let sent = site.provider.last_request().body;
    assert_eq!(sent["temperature"], 0);
    assert_eq!(sent["messages"][0]["content"], "Say hi to Bob.");
}

#[tokio::test]
async fn the_owner_opens_single_rows_of_single_nodes() {
    let site = Site::open().await;
    let open =
        |name: &str| json!([{"label": name, "name": name, "type": "string", "enabled": true}]);
    let gate = json!({"overrideConfig": {"status": true, "nodes": {
        "Prompt Template": open("template"), "OpenAI": open("temperature"),
    }}});
    let flow = site.flow_data("llm-chain");
    let id = site.save(&flow, &json!({ "apiConfig": gate })).await;
    let changed = site.ask(&id, &json!({"question": "Bob", "overrideConfig": wishes()})).await;
    assert_eq!(changed.json()["text"], "Mock reply to: Shout at Bob!");
    assert_eq!(site.provider.last_request().body["temperature"], 1);
    // The next call sees the flow as it was saved.
    site.ask(&id, &json!({"question": "Bob"})).await;
    let sent = site.provider.last_request().body;
    assert_eq!(
        (&sent["temperature"], &sent["messages"][0]["content"]),
        (&json!(0), &json!("Say hi to Bob."))
    );
}

#[tokio::test]
async fn a_flow_with_a_key_answers_nobody_else() {
    let site = Site::open().await;
    let (key_id, key) = site.make_key().await;
    let (_, other) = site.make_key().await;
    let flow = site.flow_data("llm-chain");
    let id = site.save(&flow, &json!({ "apikeyid": key_id })).await;
    let ask = |key: Option<String>, streaming: bool| {
        let request = site.request(Method::POST, &format!("/prediction/{id}"));
        let request = request.json(&json!({"question": "Bob", "streaming": streaming}));
        match key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    };
    for streaming in [false, true] {
        for wrong in [None, Some("nonsense".to_owned()), Some(other.clone())] {
            let refused = send(ask(wrong, streaming)).await;
            assert_eq!((refused.status.as_u16(), refused.failure()), (401, "Unauthorized".into()));
        }
    }
    assert!(site.provider.requests().is_empty() && site.said(&id).await.is_empty());
    let answer = send(ask(Some(key), false)).await;
    assert_eq!(answer.json()["text"], "Mock reply to: Say hi to Bob.");
}

#[tokio::test]
async fn pages_of_other_origins_are_refused_in_the_owner_s_words() {
    let site = Site::open().await;
    let config = json!({
        "allowedOrigins": ["https://harbour.example"], "allowedOriginsError": "Not from there",
    });
    let flow = site.flow_data("llm-chain");
    let id = site.save(&flow, &json!({ "chatbotConfig": config })).await;
    let ask = |origin: &str, streaming: bool| {
        let request = site.request(Method::POST, &format!("/prediction/{id}"));
        let body = json!({"question": "Bob", "streaming": streaming});
        send(request.header("origin", origin.to_owned()).json(&body))
    };
    let refused = ask("https://elsewhere.example", false).await;
    assert_eq!((refused.status.as_u16(), refused.failure()), (403, "Not from there".into()));
    let refused = ask("https://elsewhere.example", true).await;
    assert_eq!((refused.status.as_u16(), &*refused.text), (403, "Not from there"));
    assert_eq!(ask("https://harbour.example", false).await.status.as_u16(), 200);
    assert_eq!(site.provider.requests().len(), 1);
}

#[tokio::test]
async fn one_call_too_many_is_told_the_owner_s_words() {
    let site = Site::open().await;
    let limit =
        json!({"rateLimit": {"limitMax": 2, "limitDuration": 600, "limitMsg": "Slow down"}});
    let flow = site.flow_data("llm-chain");
    let id = site.save(&flow, &json!({ "apiConfig": limit })).await;
    let body = json!({"question": "Bob"});
    for _ in 0..2 {
        assert_eq!(site.ask(&id, &body).await.status.as_u16(), 200);
    }
    for streaming in [false, true] {
        let refused = site.ask(&id, &json!({"question": "Bob", "streaming": streaming})).await;
        assert_eq!((refused.status.as_u16(), &*refused.text), (429, "Slow down"));
    }
    assert_eq!(site.provider.requests().len(), 2);
    assert!(site.answers_ping().await, "only this flow is limited");
}

#[tokio::test]
async fn a_changed_flow_answers_as_changed_at_once() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    site.ask(&id, &json!({"question": "Bob"})).await;
    let flow = site.flow_data("llm-chain").to_string().replace("Say hi to", "Wave to");
    site.admin(Method::PUT, &format!("/chatflows/{id}"), &json!({ "flowData": flow })).await;
    let answer = site.ask(&id, &json!({"question": "Bob"})).await;
    assert_eq!(answer.json()["text"], "Mock reply to: Wave to Bob.");
    let said = site.said(&id).await;
    assert_eq!(said[2..], exchange("Bob", "Mock reply to: Wave to Bob."));
}

#[tokio::test]
async fn a_changed_credential_is_used_at_once() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let shown = || site.provider.last_request().headers["authorization"].clone();
    site.ask(&id, &json!({"question": "Bob"})).await;
    assert_eq!(shown(), "Bearer sk-test-1");
    let credentials = site.admin(Method::GET, "/credentials", &json!({})).await.json();
    let form = json!({
        "name": "Harbour", "credentialName": "openAIApi",
        "plainDataObj": {"openAIApiKey": "sk-test-2"},
    });
    let path = format!("/credentials/{}", credentials[0]["id"].as_str().unwrap());
    site.admin(Method::PUT, &path, &form).await;
    site.ask(&id, &json!({"question": "Bob"})).await;
    assert_eq!(shown(), "Bearer sk-test-2");
}
