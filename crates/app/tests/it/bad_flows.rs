//! Flows that cannot run: each says which node and which row is wrong, and nothing is kept.

use std::fmt::Write;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    site::{Site, node},
    transcript::masked,
};

/// Asks a damaged flow whole and in pieces: the sentence, which is the same both ways.
async fn sentence(site: &Site, flow: &Value, status: u16) -> String {
    let id = site.save(flow, &json!({})).await;
    let whole = site.ask(&id, &json!({"question": "Bob"})).await;
    assert_eq!(whole.status.as_u16(), status, "{}", whole.text);
    let said = whole.failure();
    let streamed = site.ask(&id, &json!({"question": "Bob", "streaming": true})).await;
    if streamed.status == StatusCode::OK {
        let expected = [("error".to_owned(), json!(said)), ("end".to_owned(), json!("[DONE]"))];
        assert_eq!(streamed.events(), expected);
    } else {
        assert_eq!((streamed.status, streamed.failure()), (whole.status, said.clone()));
    }
    assert!(site.said(&id).await.is_empty(), "a failed call leaves no half exchange");
    assert!(site.answers_ping().await);
    masked(&said)
}

#[tokio::test]
async fn what_is_wrong_with_a_flow_is_said_by_its_labels() {
    let site = Site::open().await;
    let good = site.flow_data("llm-chain");

    let mut unknown = good.clone();
    node(&mut unknown, "promptTemplate_0")["name"] = "crystalBall".into();
    let mut newer = good.clone();
    node(&mut newer, "chatOpenAI_0")["version"] = json!(99);
    let mut lost = good.clone();
    node(&mut lost, "llmChain_0")["inputs"]["model"] = "{{chatOpenAI_7.data.instance}}".into();
    let mut missing = good.clone();
    missing["edges"] = json!([]);
    node(&mut missing, "llmChain_0")["inputs"]["prompt"] = "".into();
    let mut empty = good.clone();
    node(&mut empty, "promptTemplate_0")["inputs"]["template"] = "".into();
    let mut no_number = good.clone();
    node(&mut no_number, "chatOpenAI_0")["inputs"]["temperature"] = "lukewarm".into();
    let mut headless = good.clone();
    headless["nodes"].as_array_mut().unwrap().retain(|it| it["id"] != "llmChain_0");
    headless["edges"] = json!([]);
    let nothing = json!({"nodes": [], "edges": []});
    let shapeless = json!({"nodes": "many", "edges": 3});
    let mut circle = good.clone();
    node(&mut circle, "promptTemplate_0")["inputs"]["promptValues"] =
        r#"{"name": "{{llmChain_0.data.instance}}"}"#.into();

    let mut sentences = String::new();
    for (name, status, flow) in [
        ("unknown node", 400, unknown),
        ("newer version", 400, newer),
        ("reference to nothing", 400, lost),
        ("required socket is empty", 500, missing),
        ("required row is empty", 500, empty),
        ("not a number", 500, no_number),
        ("no ending node", 400, headless),
        ("no nodes at all", 400, nothing),
        ("not an export", 400, shapeless),
        ("circle", 400, circle),
    ] {
        let said = sentence(&site, &flow, status).await;
        let _ = writeln!(sentences, "{name} ({status}): {said}");
    }
    assert!(site.provider.requests().is_empty(), "no model was asked");
    insta::assert_snapshot!(sentences);
}

#[tokio::test]
async fn a_missing_or_foreign_credential_is_named_with_its_node() {
    let site = Site::open().await;
    let mut none = site.flow_data("llm-chain");
    node(&mut none, "chatOpenAI_0")["credential"] = "".into();
    let mut gone = site.flow_data("llm-chain");
    node(&mut gone, "chatOpenAI_0")["credential"] = "00000000-0000-4000-8000-000000000000".into();
    let mut sentences = String::new();
    for (name, flow) in [("none", none), ("gone", gone)] {
        let _ = writeln!(sentences, "{name}: {}", sentence(&site, &flow, 500).await);
    }
    assert!(site.provider.requests().is_empty(), "no model was asked");
    insta::assert_snapshot!(sentences);
}
