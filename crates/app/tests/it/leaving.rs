//! Clients that leave: the model's call ends within a second, and what was said is kept.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::site::{Site, exchange};

/// What a provider may still be paid for after its listener has gone.
const BOUND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_client_that_leaves_ends_the_call_and_what_was_said_is_kept() {
    let site = Site::open().await;
    let id = site.flow("conversation").await;
    let body = json!({"question": "[[hang]]", "chatId": "quay"});
    let mut stream = site.stream(&id, &body).await;
    stream.until("Mock").await;
    drop(stream);
    let left = Instant::now();
    tokio::time::timeout(BOUND, site.provider.dropped()).await.unwrap();
    assert!(left.elapsed() < BOUND);
    // The provider hears of it a moment before the exchange is written down; the next turn of the
    // same chat waits for nothing, so ask until it is there.
    let kept = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            let said = site.said(&id).await;
            if !said.is_empty() {
                return said;
            }
        }
    });
    assert_eq!(kept.await.unwrap(), exchange("[[hang]]", "Mock"));
    site.ask(&id, &json!({"question": "Go on", "chatId": "quay"})).await;
    let sent = site.provider.last_request().body["messages"].clone();
    assert_eq!(sent[2], json!({"role": "assistant", "content": "Mock"}), "{sent}");
}

#[tokio::test]
async fn a_client_that_leaves_a_whole_answer_ends_the_call_too() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let path = format!("/prediction/{id}");
    let call = site.request(Method::POST, &path).json(&json!({"question": "[[hang]]"})).send();
    tokio::select! {
        answer = call => panic!("a hanging call has no answer: {answer:?}"),
        () = site.provider.received(1) => {}
    }
    tokio::time::timeout(BOUND, site.provider.dropped()).await.unwrap();
    assert!(site.answers_ping().await);
}

#[tokio::test]
async fn many_that_leave_at_once_leave_nothing_behind() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = site.stream(&id, &json!({"question": "[[hang]]"})).await;
        stream.until("Mock").await;
        streams.push(stream);
    }
    drop(streams);
    tokio::time::timeout(BOUND, site.provider.dropped_times(20)).await.unwrap();
    assert_eq!(site.ask(&id, &json!({"question": "Bob"})).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_polite_end_lets_a_running_answer_finish() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    site.provider.reply(flowstone_testkit::Reply::pieces(vec!["one"; 2_000]));
    let mut stream = site.stream(&id, &json!({"question": "Bob"})).await;
    stream.until("token").await;
    let (answer, ended_well) = tokio::join!(stream.rest(), site.server.stop());
    assert!(answer.text.ends_with("{\"event\":\"end\",\"data\":\"[DONE]\"}\n\n"));
    assert_eq!(answer.events().iter().filter(|(name, _)| name == "token").count(), 2_000);
    assert!(ended_well, "a polite end is a success");
}
