//! A provider that cannot be reached, refuses, or fails in the middle: said with the node's label.

use flowstone_testkit::{FakeProvider, Reply};
use serde_json::{Value, json};

use crate::{
    site::{Answer, Site, node},
    transcript::Transcript,
};

/// Asks both ways after queueing `reply` for each; gives the sentences.
async fn failures(site: &Site, id: &str, reply: impl Fn() -> Reply, times: usize) -> [String; 2] {
    let queue = || {
        for _ in 0..times {
            site.provider.reply(reply());
        }
    };
    queue();
    let whole = site.ask(id, &json!({"question": "Bob"})).await;
    queue();
    let streamed = site.ask(id, &json!({"question": "Bob", "streaming": true})).await;
    assert!(site.answers_ping().await);
    [whole.failure(), error_of(&streamed)]
}

/// The error that ends a stream.
fn error_of(answer: &Answer) -> String {
    let events = answer.events();
    let [.., (error, message), (end, _)] = &events[..] else { panic!("{}", answer.text) };
    assert_eq!((error.as_str(), end.as_str()), ("error", "end"), "{}", answer.text);
    message.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_error_status_is_told_in_the_provider_s_words() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let mut transcript = Transcript::of(&site, &id);
    for status in [400, 401, 404] {
        transcript.ask_both_ways(json!({"question": format!("[[error:{status}]]")})).await;
    }
    insta::assert_snapshot!(transcript.finish());
    assert!(site.said(&id).await.is_empty(), "a failed call leaves no half exchange");
}

#[tokio::test]
async fn a_failing_provider_is_asked_again_before_it_is_given_up() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let busy = || Reply::error(503, "overloaded").header("retry-after", "0");
    site.provider.reply(busy());
    let answer = site.ask(&id, &json!({"question": "Bob"})).await;
    assert_eq!(answer.json()["text"], "Mock reply to: Say hi to Bob.");
    assert_eq!(site.provider.requests().len(), 2);
    // More often than anybody retries.
    let given_up = failures(&site, &id, busy, 20).await;
    for said in given_up {
        assert_eq!(said, "OpenAI: 503 overloaded");
    }
}

#[tokio::test]
async fn a_provider_that_fails_in_the_middle_ends_the_stream_with_its_words() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let torn = || Reply::pieces(["So", " far"]).then_break();
    let failing = || Reply::pieces(["So", " far"]).then_fail("the model fell over");
    site.provider.reply(torn()).reply(failing());
    let mut transcript = Transcript::of(&site, &id);
    for _ in 0..2 {
        transcript.ask(json!({"question": "Bob", "streaming": true})).await;
    }
    insta::assert_snapshot!(transcript.finish());
    assert!(site.said(&id).await.is_empty(), "a failed call leaves no half exchange");
    assert_eq!(site.provider.requests().len(), 2, "what was begun is not asked again");
}

#[tokio::test]
async fn nonsense_from_a_provider_is_not_taken_for_an_answer() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let page = || Reply::raw(200, "text/html", ["<html>Sign in to the harbour</html>"]);
    for said in failures(&site, &id, page, 1).await {
        assert!(said.starts_with("OpenAI: "), "{said}");
        assert!(!said.contains("Mock"), "{said}");
    }
    assert!(site.said(&id).await.is_empty());
}

#[tokio::test]
async fn a_wrong_key_is_told_apart_from_a_broken_flow() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let whole = site.ask(&id, &json!({"question": "[[error:401]]"})).await;
    assert_eq!(whole.status.as_u16(), 401, "{}", whole.text);
    assert!(whole.failure().starts_with("401 Unauthorized"), "{}", whole.text);
}

/// `llm-chain` with its model at another address.
fn at(site: &Site, base: &str) -> Value {
    let mut flow = site.flow_data("llm-chain");
    node(&mut flow, "chatOpenAI_0")["inputs"]["basepath"] = base.into();
    flow
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_named_by_its_address() {
    // A port that is taken, so that nobody else gets it, but where nobody listens.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let gone = taken.local_addr().unwrap().to_string();
    let provider = FakeProvider::start().await;
    let home = tempfile::TempDir::new().unwrap();
    let list = format!("{},{gone}", provider.address());
    let server = crate::process::Server::start(home.path(), &[("HTTP_ALLOW_LIST", &list)]).await;
    let site = Site::set_up(server, provider, home).await;
    let id = site.save(&at(&site, &format!("http://{gone}/v1")), &json!({})).await;
    let whole = site.ask(&id, &json!({"question": "Bob"})).await;
    assert_eq!(whole.status.as_u16(), 500);
    let said = whole.failure();
    assert!(said.starts_with("OpenAI: ") && said.contains(&gone), "{said}");
    let streamed = site.ask(&id, &json!({"question": "Bob", "streaming": true})).await;
    assert_eq!(error_of(&streamed), said);
    assert!(site.said(&id).await.is_empty());
}

#[tokio::test]
async fn a_private_address_is_refused_with_the_entry_that_would_open_it() {
    let site = Site::open().await;
    for base in ["http://127.0.0.1:9/v1", "http://169.254.169.254/v1", "http://[::1]:9/v1"] {
        let id = site.save(&at(&site, base), &json!({})).await;
        let said = site.ask(&id, &json!({"question": "Bob"})).await.failure();
        assert!(said.starts_with("OpenAI: ") && said.contains("HTTP_ALLOW_LIST"), "{said}");
    }
    // The entry of the provider opens its port for no other spelling of the machine.
    let other = site.provider.base_url().replace("127.0.0.1", "localhost");
    let id = site.save(&at(&site, &other), &json!({})).await;
    let said = site.ask(&id, &json!({"question": "Bob"})).await.failure();
    assert!(said.contains("HTTP_ALLOW_LIST"), "{said}");
    assert!(site.provider.requests().is_empty());
}
