//! Chats over several turns: memory, a given history, the rules of chat and session ids, stopping.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    site::{Site, events, exchange, send},
    transcript::Transcript,
};

#[tokio::test]
async fn the_second_turn_knows_the_first() {
    let site = Site::open().await;
    let id = site.flow("conversation").await;
    let mut transcript = Transcript::of(&site, &id);
    for question in ["I am Zoe", "What is my name?"] {
        let body = json!({"question": question, "overrideConfig": {"sessionId": "pier"}});
        transcript.ask(body).await;
    }
    let streamed = json!({
        "question": "Once more", "overrideConfig": {"sessionId": "pier"}, "streaming": true,
    });
    transcript.ask(streamed).await;
    // Another session knows nothing of it.
    let other = json!({"question": "And mine?", "overrideConfig": {"sessionId": "mole"}});
    transcript.ask(other).await;
    insta::assert_snapshot!(transcript.finish());
}

#[tokio::test]
async fn a_given_history_stands_in_for_the_memory() {
    let site = Site::open().await;
    let id = site.flow("conversation").await;
    let mut transcript = Transcript::of(&site, &id);
    let history = json!([
        {"role": "userMessage", "content": "I am Zed"},
        {"role": "apiMessage", "content": "Hi Zed"},
    ]);
    let body = json!({"question": "What is my name?", "history": history});
    transcript.ask_both_ways(body).await;
    insta::assert_snapshot!(transcript.finish());
}

/// The ids of an answer, with a made-up one as `new`.
fn ids(answer: &Value) -> (String, String) {
    let one = |name: &str| match answer[name].as_str().unwrap() {
        text if text.len() == 36 => "new".to_owned(),
        text => text.to_owned(),
    };
    (one("chatId"), one("sessionId"))
}

#[tokio::test]
async fn ids_are_taken_from_the_call_or_made() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let session = json!({"sessionId": "s"});
    for (given, expected) in [
        (json!({}), ("new", "new")),
        (json!({"chatId": "c"}), ("c", "c")),
        (json!({"overrideConfig": session}), ("s", "s")),
        (json!({"chatId": "c", "overrideConfig": session}), ("c", "s")),
        (json!({"chatId": null, "overrideConfig": null}), ("new", "new")),
    ] {
        let mut body = given.clone();
        body["question"] = "Bob".into();
        let whole = site.ask(&id, &body).await.json();
        body["streaming"] = true.into();
        let streamed = site.ask(&id, &body).await.events();
        let (_, metadata) = streamed.iter().find(|(name, _)| name == "metadata").unwrap();
        for answer in [&whole, metadata] {
            let (chat, session) = ids(answer);
            assert_eq!((&*chat, &*session), expected, "{given}");
        }
        if expected.0 == "new" {
            assert_eq!(whole["chatId"], whole["sessionId"], "one id is made, not two");
        }
    }
}

#[tokio::test]
async fn our_own_pages_ask_by_their_session() {
    let site = Site::open().await;
    let id = site.flow("conversation").await;
    let path = format!("/internal-prediction/{id}");
    let body = json!({"question": "Ahoy", "chatId": "desk", "streaming": true});
    let stranger = site.call(Method::POST, &path, &body).await;
    assert_eq!(stranger.status.as_u16(), 401, "{}", stranger.text);
    let answer = site.admin(Method::POST, &path, &body).await;
    let names: Vec<String> = answer.events().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[..2], ["start", "token"]);
    assert_eq!(names[names.len() - 2..], ["metadata", "end"]);
    let kept = site.messages(&id).await;
    assert!(
        kept.iter().all(|it| it["chatType"] == "INTERNAL" && it["chatId"] == "desk"),
        "{kept:?}"
    );
}

#[tokio::test]
async fn a_stop_ends_the_model_s_call_and_keeps_what_was_said() {
    let site = Site::open().await;
    let id = site.flow("conversation").await;
    let body = json!({"question": "[[hang]]", "chatId": "quay"});
    let mut stream = site.stream(&id, &body).await;
    stream.until("Mock").await;
    let abort = format!("/chatmessage/abort/{id}/quay");
    let aborted = site.call(Method::PUT, &abort, &json!({})).await;
    assert_eq!(aborted.json(), json!({"status": 200, "message": "Chat message aborted"}));
    let text = stream.rest().await.text;
    let names: Vec<String> = events(&text).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["start", "token", "metadata", "abort", "end"]);
    site.provider.dropped().await;
    assert_eq!(site.said(&id).await, exchange("[[hang]]", "Mock"));
    // The chat goes on, and its memory holds what was said.
    site.ask(&id, &json!({"question": "Go on", "chatId": "quay"})).await;
    let sent = site.provider.last_request().body["messages"].clone();
    assert_eq!(sent[2], json!({"role": "assistant", "content": "Mock"}), "{sent}");
}

#[tokio::test]
async fn a_stop_reaches_a_call_that_waits_for_the_whole_answer() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let body = json!({"question": "[[hang]]", "chatId": "quay"});
    let waiting = site.ask(&id, &body);
    let stopping = async {
        site.provider.received(1).await;
        site.call(Method::PUT, &format!("/chatmessage/abort/{id}/quay"), &json!({})).await
    };
    let (answer, _) = tokio::join!(waiting, stopping);
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    site.provider.dropped().await;
}

#[tokio::test]
async fn deleting_a_chat_empties_its_memory() {
    let site = Site::open().await;
    let id = site.flow("conversation").await;
    let body = json!({"question": "I am Zoe", "chatId": "quay"});
    site.ask(&id, &body).await;
    let path = format!("/chatmessage/{id}?chatId=quay&sessionId=quay&memoryType=Buffer+Memory");
    let deleted = send(site.signed_in(Method::DELETE, &path)).await;
    assert!(deleted.status.is_success(), "{}", deleted.text);
    assert!(site.said(&id).await.is_empty());
    site.ask(&id, &json!({"question": "Who am I?", "chatId": "quay"})).await;
    assert!(!site.provider.last_request().body.to_string().contains("Zoe"));
}

#[tokio::test]
async fn a_form_asks_like_json_does() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let form = reqwest::multipart::Form::new()
        .text("question", "Bob")
        .text("overrideConfig", r#"{"sessionId": "quay"}"#)
        .text("streaming", "true");
    let request = site.request(Method::POST, &format!("/prediction/{id}")).multipart(form);
    let events = send(request).await.events();
    let said = events.iter().filter(|(name, _)| name == "token");
    let said: String = said.map(|(_, piece)| piece.as_str().unwrap()).collect();
    assert_eq!(said, "Mock reply to: Say hi to Bob.");
    let (_, metadata) = events.iter().find(|(name, _)| name == "metadata").unwrap();
    assert_eq!(metadata["sessionId"], "quay");
}

#[tokio::test]
async fn a_flow_is_built_once_for_many_calls() {
    let site = Site::open().await;
    let id = site.flow("retrieval").await;
    let questions: Vec<_> =
        (0..8).map(|it| json!({"question": format!("Who bakes? {it}")})).collect();
    let asked = questions.iter().map(|it| site.ask(&id, it));
    for answer in futures::future::join_all(asked).await {
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    }
    let requests = site.provider.requests();
    let embedded =
        requests.iter().filter(|it| it.body["input"].as_array().is_some_and(|it| it.len() == 3));
    assert_eq!(embedded.count(), 1, "the texts are embedded once, not once a call");
}

/// An agentflow with one model that may see.
fn seeing(site: &Site) -> Value {
    let model = json!({
        "FLOWISE_CREDENTIAL_ID": site.credential, "basepath": site.provider.base_url(),
        "modelName": "gpt-4o-mini", "allowImageUploads": true, "imageResolution": "high",
    });
    let node = |id: &str, name: &str, inputs: Value| json!({"id": id, "data": {"id": id, "name": name, "label": name, "inputs": inputs}});
    json!({
        "nodes": [
            node("startAgentflow_0", "startAgentflow", json!({"startInputType": "chatInput"})),
            node("llmAgentflow_0", "llmAgentflow", json!({
                "llmModel": "chatOpenAI", "llmModelConfig": model, "llmEnableMemory": true,
                "llmMemoryType": "allMessages", "llmReturnResponseAs": "assistantMessage",
            })),
        ],
        "edges": [{"source": "startAgentflow_0", "target": "llmAgentflow_0",
            "sourceHandle": "startAgentflow_0-output-startAgentflow",
            "targetHandle": "llmAgentflow_0"}],
    })
}

#[tokio::test]
async fn the_files_of_an_earlier_turn_are_told_to_an_agentflow_s_model_again() {
    let site = Site::open().await;
    let id = site.save(&seeing(&site), &json!({"type": "AGENTFLOW"})).await;
    let picture = "data:image/png;base64,aGk=";
    let first = json!({"question": "Who?", "chatId": "pier", "uploads": [
        {"type": "file", "name": "dot.png", "mime": "image/png", "data": picture},
        {"type": "file:full", "name": "a.txt", "mime": "text/plain",
            "data": "data:text/plain;base64,SXQgd2FzIEFubi4="},
    ]});
    let shown = json!({"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": picture, "detail": "high"}},
    ]});
    let asked = json!({"role": "user", "content": "<doc name='a.txt'>It was Ann.</doc>\n\nWho?"});
    let answer = site.ask(&id, &first).await.json();
    let sent = || site.provider.last_request().body["messages"].clone();
    assert_eq!(sent(), json!([shown, asked]), "{answer}");

    let answer = site.ask(&id, &json!({"question": "And then?", "chatId": "pier"})).await.json();
    let sent = sent();
    assert_eq!(sent[0], shown, "{answer}");
    assert_eq!(sent[1], asked);
    assert_eq!(sent[2]["role"], "assistant");
    assert_eq!(sent[3], json!({"role": "user", "content": "And then?"}));
    assert_eq!(site.said(&id).await[0].1, "Who?", "the chat shows what was typed");
}
