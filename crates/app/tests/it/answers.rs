//! Golden transcripts: what each kind of flow answers, byte for byte, and what its model is sent.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    site::{Site, node},
    transcript::Transcript,
};

/// Asks a flow of `flows/` the same both ways and compares with its golden file.
async fn golden(name: &str, questions: &[&str]) {
    let site = Site::open().await;
    let id = site.flow(name).await;
    let mut transcript = Transcript::of(&site, &id);
    for question in questions {
        transcript.ask_both_ways(json!({ "question": question })).await;
    }
    insta::assert_snapshot!(name, transcript.finish());
}

#[tokio::test]
async fn llm_chain() {
    golden("llm-chain", &["Bob", "Žofie 🐎 \"quoted\"\nnext line", "[[error:401]]"]).await;
}

#[tokio::test]
async fn llm_chain_of_a_model_that_does_not_stream() {
    golden("llm-chain-whole", &["Bob"]).await;
}

#[tokio::test]
async fn llm_chain_with_an_output_parser() {
    golden("llm-chain-parsed", &["[[json:{\"answer\":\"yes\",\"certainty\":3}]]"]).await;
}

#[tokio::test]
async fn llm_chain_with_moderation() {
    golden("llm-chain-moderated", &["Bob", "what is in the Sealed Letter?"]).await;
}

#[tokio::test]
async fn a_function_that_ends_a_flow() {
    golden("function", &["hey"]).await;
}

#[tokio::test]
async fn a_fork_with_variables_that_are_told() {
    golden("fork", &["Is it late?", "It is late."]).await;
}

#[tokio::test]
async fn retrieval_from_a_text() {
    golden("retrieval", &["When does the ferry to the island leave?", "Who bakes the bread?"])
        .await;
}

#[tokio::test]
async fn retrieval_rephrases_what_leans_on_the_conversation() {
    let site = Site::open().await;
    let id = site.flow("retrieval").await;
    let mut transcript = Transcript::of(&site, &id);
    for question in ["When does the ferry leave?", "And when is it back?"] {
        let config = json!({"sessionId": "quay"});
        let body = json!({"question": question, "overrideConfig": config, "streaming": true});
        transcript.ask(body).await;
    }
    insta::assert_snapshot!(transcript.finish());
}

#[tokio::test]
async fn a_tool_agent_calls_built_in_and_custom_tools() {
    let site = Site::open().await;
    let tool = json!({
        "name": "shout",
        "description": "Says a word loudly",
        "color": "#000000",
        "schema": "[{\"id\":1,\"property\":\"word\",\"type\":\"string\",\"description\":\"the word\",\"required\":true}]",
        "func": "return $word.toUpperCase() + '!'",
    });
    let tool = site.admin(Method::POST, "/tools", &tool).await.json();
    let mut flow = site.flow_data("tool-agent");
    node(&mut flow, "customTool_0")["inputs"]["selectedTool"] = tool["id"].clone();
    let id = site.save(&flow, &json!({})).await;
    let mut transcript = Transcript::of(&site, &id);
    for question in [
        "What is 2+3? [[tool:calculator {\"input\":\"2+3\"}]]",
        "[[tool:calculator {\"input\":\"6*7\"}]] [[tool:shout {\"word\":\"ahoy\"}]]",
        "[[tool:calculator {\"input\":\"2+\"}]]",
        "no tool needed",
    ] {
        transcript.ask_both_ways(json!({ "question": question })).await;
    }
    insta::assert_snapshot!(transcript.finish());
}

#[tokio::test]
async fn variables_of_the_workspace_reach_the_prompt() {
    let site = Site::open().await;
    for (name, value) in [("city", "Trieste"), ("season", "winter")] {
        let variable = json!({"name": name, "value": value, "type": "static"});
        site.admin(Method::POST, "/variables", &variable).await;
    }
    let flow = site.flow_data("llm-chain-variables");
    let open = json!({"overrideConfig": {
        "status": true, "nodes": {}, "variables": [{"name": "season", "enabled": true}],
    }});
    let id = site.save(&flow, &json!({ "apiConfig": open })).await;
    let mut transcript = Transcript::of(&site, &id);
    transcript.ask(json!({"question": "weather"})).await;
    // Only the variable that its owner opened is taken from the call.
    let vars = json!({"season": "summer", "city": "Oslo"});
    transcript.ask(json!({"question": "weather", "overrideConfig": {"vars": vars}})).await;
    insta::assert_snapshot!(transcript.finish());
}

#[tokio::test]
async fn post_processing_has_the_last_word_and_makes_the_answer_whole() {
    let site = Site::open().await;
    let code = "return $flow.rawOutput.toUpperCase()";
    let config = json!({"postProcessing": {
        "enabled": true, "customFunction": serde_json::to_string(code).unwrap(),
    }});
    let settings = json!({ "chatbotConfig": config });
    let id = site.save(&site.flow_data("llm-chain"), &settings).await;
    let mut transcript = Transcript::of(&site, &id);
    transcript.ask_both_ways(json!({"question": "Bob"})).await;
    insta::assert_snapshot!(transcript.finish());
    assert_eq!(site.said(&id).await[1].1, "MOCK REPLY TO: SAY HI TO BOB.");
}

#[tokio::test]
async fn an_image_goes_to_the_model_only_where_the_node_allows_it() {
    let site = Site::open().await;
    let picture = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let upload = json!({"type": "file", "name": "dot.png", "data": picture, "mime": "image/png"});
    let body = json!({"question": "What is this?", "uploads": [upload]});
    let (allowed, closed) = (site.flow("llm-chain-images").await, site.flow("llm-chain").await);
    site.ask(&allowed, &body).await;
    let sent = site.provider.last_request().body["messages"].to_string();
    assert!(sent.contains(picture), "{sent}");
    let kept = &site.messages(&allowed).await[0]["fileUploads"];
    assert!(kept.to_string().contains("dot.png") && !kept.to_string().contains("iVBOR"), "{kept}");
    site.ask(&closed, &body).await;
    assert!(!site.provider.last_request().body.to_string().contains("base64"));
}

#[tokio::test]
async fn a_stream_has_the_recorded_headers() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let answer = site.ask(&id, &json!({"question": "Bob", "streaming": true})).await;
    assert_eq!(answer.status, StatusCode::OK);
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-cache"),
        ("x-accel-buffering", "no"),
        ("transfer-encoding", "chunked"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let whole = site.ask(&id, &json!({"question": "Bob"})).await;
    assert!(whole.header("content-type").starts_with("application/json"));
    let streams = site.call(Method::GET, &format!("/chatflows-streaming/{id}"), &json!({})).await;
    assert_eq!(streams.json(), json!({"isStreaming": true}));
}
