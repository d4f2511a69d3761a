//! Flows as models of OpenAI's clients.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::site::{Answer, Site, send};

async fn complete(site: &Site, body: &Value) -> Answer {
    let (_, key) = site.make_key().await;
    send(site.request(Method::POST, "/chat/completions").bearer_auth(key).json(body)).await
}

fn asked(flow: &str, more: &Value) -> Value {
    let mut body = json!({"model": flow, "messages": [{"role": "user", "content": "Bob"}]});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    body
}

#[tokio::test]
async fn a_flow_answers_as_a_model_and_tells_what_it_used() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let answer = complete(&site, &asked(&id, &json!({}))).await.json();
    assert_eq!(answer["object"], "chat.completion");
    let said = answer["choices"][0]["message"]["content"].clone();
    assert_eq!(said, "Mock reply to: Say hi to Bob.");
    let usage = &answer["usage"];
    let number = |name: &str| usage[name].as_u64().unwrap();
    assert!(number("prompt_tokens") > 0 && number("completion_tokens") > 0, "{usage}");
    assert_eq!(number("total_tokens"), number("prompt_tokens") + number("completion_tokens"));

    let streamed = json!({"stream": true, "stream_options": {"include_usage": true}});
    let text = complete(&site, &asked(&id, &streamed)).await.text;
    let pieces: Vec<Value> = text
        .lines()
        .filter_map(|it| it.strip_prefix("data: "))
        .filter(|it| *it != "[DONE]")
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let words = pieces.iter().filter_map(|it| it["choices"][0]["delta"]["content"].as_str());
    assert_eq!(Value::from(words.collect::<String>()), said);
    let (last, before) = pieces.split_last().unwrap();
    assert_eq!((&last["choices"], &last["usage"]), (&json!([]), usage));
    assert!(before.iter().all(|it| it["usage"].is_null() && it.get("usage").is_some()));
    assert!(text.ends_with("data: [DONE]\n\n"));

    let text = complete(&site, &asked(&id, &json!({"stream": true}))).await.text;
    assert!(!text.contains("usage"), "only where it is asked for: {text}");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_as_openai_would() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    for (body, status) in [
        (json!({"messages": []}), StatusCode::BAD_REQUEST),
        (json!({"model": id}), StatusCode::BAD_REQUEST),
        (json!({"model": id, "messages": []}), StatusCode::BAD_REQUEST),
        (asked("nobody", &json!({})), StatusCode::NOT_FOUND),
    ] {
        let answer = complete(&site, &body).await;
        assert_eq!(answer.status, status, "{body}");
        let error = &answer.json()["error"];
        assert_eq!(error["type"], "invalid_request_error", "{body}");
        assert!(!error["message"].as_str().unwrap().is_empty(), "{body}");
    }
}
