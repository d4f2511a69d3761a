//! Requests that cannot be understood: refused in the recorded shape, while others are served.

use std::fmt::Write;

use reqwest::Method;
use serde_json::json;

use crate::site::{Site, send};

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn an_unknown_flow_is_not_found_streamed_or_not() {
    let site = Site::open().await;
    for streaming in [false, true] {
        let body = json!({"question": "Bob", "streaming": streaming});
        let answer = site.ask(UNKNOWN, &body).await;
        let expected = format!("Chatflow {UNKNOWN} not found in the database!");
        assert_eq!((answer.status.as_u16(), answer.failure()), (404, expected));
        let answer = site.ask("no-id-at-all", &body).await;
        assert_eq!((answer.status.as_u16(), answer.failure()), (400, "Invalid Chatflow ID".into()));
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_by_its_place() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let mut sentences = String::new();
    for (name, body) in [
        ("cut off", b"{\"question\": \"Bo".as_slice()),
        ("no JSON", b"question=Bob"),
        ("two values", b"{} {}"),
        ("a list", b"[1, 2]"),
        ("a word", b"\"Bob\""),
        ("invalid UTF-8", b"{\"question\": \"B\xff\xfeb\"}"),
        ("deeply nested", "[".repeat(100_000).as_bytes()),
    ] {
        let request = site.request(Method::POST, &format!("/prediction/{id}"));
        let request = request.header("content-type", "application/json").body(body.to_vec());
        let answer = send(request).await;
        assert_eq!(answer.status.as_u16(), 400, "{name}: {}", answer.text);
        let _ = writeln!(sentences, "{name}: {}", answer.failure());
    }
    assert!(site.provider.requests().is_empty() && site.said(&id).await.is_empty());
    insta::assert_snapshot!(sentences);
}

#[tokio::test]
async fn fields_of_the_wrong_type_are_named() {
    let site = Site::open().await;
    let mut sentences = String::new();
    for form in [
        json!({"name": 5, "type": "CHATFLOW", "flowData": "{}"}),
        json!({"name": "A", "type": "SPREADSHEET", "flowData": "{}"}),
        json!({"name": "A", "type": "CHATFLOW", "flowData": {"nodes": []}}),
        json!({"name": "A", "type": "CHATFLOW", "flowData": "no json"}),
        json!({"name": "A", "type": "CHATFLOW"}),
        json!({"type": "CHATFLOW", "flowData": "{}"}),
    ] {
        let answer = send(site.signed_in(Method::POST, "/chatflows").json(&form)).await;
        assert_eq!(answer.status.as_u16(), 400, "{form}: {}", answer.text);
        let _ = writeln!(sentences, "{form}: {}", answer.failure());
    }
    let flows = site.admin(Method::GET, "/chatflows", &json!({})).await;
    assert_eq!(flows.json(), json!([]), "nothing was saved");
    insta::assert_snapshot!(sentences);
}

#[tokio::test]
async fn a_malformed_history_is_refused_only_where_it_would_be_read() {
    let site = Site::open().await;
    let body = json!({"question": "Bob", "history": [{"role": "parrot", "content": "Ahoy"}]});
    let (with, without) = (site.flow("conversation").await, site.flow("llm-chain").await);
    let refused = site.ask(&with, &body).await;
    let expected = "history: the role of entry 1 must be userMessage or apiMessage";
    assert_eq!((refused.status.as_u16(), refused.failure()), (400, expected.to_owned()));
    assert_eq!(site.ask(&without, &body).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_huge_body_is_refused_while_others_are_served() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let path = format!("/prediction/{id}");
    // 100 MB in pieces, so that the server cannot know the size beforehand.
    let pieces =
        futures::stream::iter((0..100).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1 << 20])));
    let huge = site.request(Method::POST, &path).header("content-type", "application/json");
    let huge = huge.body(reqwest::Body::wrap_stream(pieces)).send();
    let meanwhile = async {
        assert!(site.answers_ping().await);
        site.ask(&id, &json!({"question": "Bob"})).await
    };
    let (huge, answer) = tokio::join!(huge, meanwhile);
    assert_eq!(answer.json()["text"], "Mock reply to: Say hi to Bob.");
    // A server may also hang up on who goes on sending.
    if let Ok(response) = huge {
        assert_eq!(response.status().as_u16(), 413);
    }
    // Whoever tells the size gets to read the reason.
    let told = site.request(Method::POST, &path).header("content-type", "application/json");
    let refused = send(told.body(vec![b' '; 51 << 20])).await;
    assert_eq!(refused.status.as_u16(), 413);
    assert_eq!(refused.failure(), "the request is larger than the 50 MB this installation accepts");
    assert_eq!(site.said(&id).await.len(), 2, "only the small question was kept");
    assert!(site.answers_ping().await);
}

#[tokio::test]
async fn an_unknown_path_of_the_api_is_not_found_as_json() {
    let site = Site::open().await;
    let answer = send(site.signed_in(Method::GET, "/crystal-ball")).await;
    assert_eq!(answer.status.as_u16(), 404);
    assert!(answer.header("content-type").starts_with("application/json"), "{}", answer.text);
}
