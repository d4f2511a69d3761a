//! Bedrock against a server of the test, with bodies as Amazon documents them.

use std::sync::Arc;

use flowstone_core::{ChatModel, Embeddings as _, ToolSpec};
use flowstone_testkit::{FakeSite, SitePage};

use super::*;
use crate::{
    aws::{Keys, event_stream::framed},
    http::{HttpClient, HttpSettings},
};

const MODEL: &str = "anthropic.claude-3-haiku-20240307-v1:0";
const PATH: &str = "/model/anthropic.claude-3-haiku-20240307-v1%3A0";

fn service(site: &FakeSite) -> Service {
    let allow = vec![site.address().to_owned()];
    let http = HttpClient::new(HttpSettings { allow, ..HttpSettings::default() }).unwrap();
    let keys = Keys { id: "id".to_owned(), secret: "secret".to_owned(), session: None };
    Service::with_keys(Arc::new(http), keys, "us-east-1", RUNTIME).at(&site.url(""))
}

fn chat(site: &FakeSite) -> Chat {
    Chat {
        service: service(site),
        model: MODEL.to_owned(),
        inference: Map::from_iter([("maxTokens".to_owned(), 200.into())]),
        fast: false,
        takes_images: true,
        stream: true,
    }
}

fn page(value: &Value) -> SitePage {
    SitePage::new("application/json", value.to_string())
}

fn sent(site: &FakeSite) -> Value {
    serde_json::from_str(&site.calls().pop().unwrap().body).unwrap()
}

async fn listened(model: &Chat, request: &ChatRequest) -> (Result<ChatReply>, Vec<Event>) {
    let (events, mut receiver) = Events::channel();
    let reply = model.chat(request, &events).await;
    drop(events);
    let mut told = Vec::new();
    while let Some(event) = receiver.recv().await {
        told.push(event);
    }
    (reply, told)
}

#[tokio::test]
async fn a_conversation_is_told_as_converse_wants_it() {
    let answer = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 7, "outputTokens": 2},
    });
    let site = FakeSite::start([(&*format!("{PATH}/converse"), page(&answer))]).await;
    let call = ToolCall { id: "c1".into(), name: "add".into(), arguments: r#"{"a":1}"#.into() };
    let image = Image { url: "data:image/png;base64,QUJD".to_owned(), detail: None };
    let request = ChatRequest {
        messages: vec![
            Message::system("Be brief"),
            Message { images: vec![image], ..Message::user("Look") },
            Message { tool_calls: vec![call], ..Message::assistant("") },
            Message { tool_call_id: Some("c1".to_owned()), ..Message::new(Role::Tool, "3") },
            Message::user("And?"),
        ],
        tools: vec![ToolSpec {
            name: "add".to_owned(),
            description: "Adds".to_owned(),
            parameters: json!({"type": "object"}),
        }],
        stop: vec!["END".to_owned()],
        ..ChatRequest::default()
    };
    let reply = chat(&site).chat(&request, &Events::silent()).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.finish_reason.as_deref()), ("Hi", Some("stop")));
    assert_eq!(reply.usage.unwrap().input_tokens, 7);
    let tool =
        json!({"name": "add", "description": "Adds", "inputSchema": {"json": {"type": "object"}}});
    let expected = json!({
        "system": [{"text": "Be brief"}],
        "messages": [
            {"role": "user", "content": [
                {"text": "Look"},
                {"image": {"format": "png", "source": {"bytes": "QUJD"}}},
            ]},
            {"role": "assistant", "content": [
                {"toolUse": {"toolUseId": "c1", "name": "add", "input": {"a": 1}}},
            ]},
            {"role": "user", "content": [
                {"toolResult": {"toolUseId": "c1", "content": [{"text": "3"}]}},
                {"text": "And?"},
            ]},
        ],
        "inferenceConfig": {"maxTokens": 200, "stopSequences": ["END"]},
        "toolConfig": {"tools": [{"toolSpec": tool}]},
    });
    assert_eq!(sent(&site), expected);
    let call = site.calls().pop().unwrap();
    assert!(call.headers["authorization"].contains("/us-east-1/bedrock/aws4_request"));
}

#[tokio::test]
async fn an_answer_is_streamed_with_thoughts_and_calls() {
    let frames = [
        framed("messageStart", "event", r#"{"role":"assistant"}"#),
        framed(
            "contentBlockDelta",
            "event",
            r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Hm"}}}"#,
        ),
        framed("contentBlockDelta", "event", r#"{"contentBlockIndex":1,"delta":{"text":"He"}}"#),
        framed("contentBlockDelta", "event", r#"{"contentBlockIndex":1,"delta":{"text":"llo"}}"#),
        framed(
            "contentBlockStart",
            "event",
            r#"{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"c1","name":"add"}}}"#,
        ),
        framed(
            "contentBlockDelta",
            "event",
            r#"{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"a\""}}}"#,
        ),
        framed(
            "contentBlockDelta",
            "event",
            r#"{"contentBlockIndex":2,"delta":{"toolUse":{"input":":1}"}}}"#,
        ),
        framed("messageStop", "event", r#"{"stopReason":"tool_use"}"#),
        framed("metadata", "event", r#"{"usage":{"inputTokens":3,"outputTokens":5}}"#),
    ];
    let page = SitePage::new("application/vnd.amazon.eventstream", frames.concat());
    let site = FakeSite::start([(&*format!("{PATH}/converse-stream"), page)]).await;
    let (reply, told) = listened(&chat(&site), &ChatRequest::new(vec![Message::user("Hi")])).await;
    let reply = reply.unwrap();
    assert_eq!((reply.text.as_str(), reply.reasoning.as_str()), ("Hello", "Hm"));
    assert_eq!(reply.tool_calls[0].arguments, r#"{"a":1}"#);
    assert_eq!(reply.finish_reason.as_deref(), Some("tool_calls"));
    assert_eq!(reply.usage.unwrap().output_tokens, 5);
    assert!(told.contains(&Event::Token("llo".to_owned())));
    assert!(told.contains(&Event::Thinking("Hm".to_owned())));
}

#[tokio::test]
async fn a_stream_that_breaks_off_or_fails_is_an_error() {
    let begun =
        framed("contentBlockDelta", "event", r#"{"contentBlockIndex":0,"delta":{"text":"He"}}"#);
    let failed = framed("", "exception", r#"{"message":"Too many requests"}"#);
    for (bytes, reason) in
        [(begun.clone(), "before it was complete"), ([begun, failed].concat(), "Too many requests")]
    {
        let page = SitePage::new("application/vnd.amazon.eventstream", bytes);
        let site = FakeSite::start([(&*format!("{PATH}/converse-stream"), page)]).await;
        let request = ChatRequest::new(vec![Message::user("Hi")]);
        let said = listened(&chat(&site), &request).await.0.unwrap_err().to_string();
        assert!(said.contains(reason), "{said}");
    }
}

#[tokio::test]
async fn an_answer_in_a_form_is_a_tool_that_is_filled_in() {
    let call = json!({"toolUse": {"toolUseId": "1", "name": "answer", "input": {"n": 1}}});
    let answer = json!({
        "output": {"message": {"role": "assistant", "content": [call]}}, "stopReason": "tool_use",
    });
    let site = FakeSite::start([(&*format!("{PATH}/converse"), page(&answer))]).await;
    let schema = Some(json!({"type": "object"}));
    let request = ChatRequest { schema, ..ChatRequest::new(vec![Message::user("Hi")]) };
    let reply = listened(&chat(&site), &request).await.0.unwrap();
    assert_eq!((reply.text.as_str(), reply.tool_calls.len()), (r#"{"n":1}"#, 0));
    assert_eq!(sent(&site)["toolConfig"]["toolChoice"], json!({"tool": {"name": "answer"}}));
}

#[tokio::test]
async fn each_vendor_s_vectors_have_bodies_of_their_own() {
    let titan = page(&json!({"embedding": [1.0]}));
    let cohere = page(&json!({"embeddings": [[1.0], [2.0]]}));
    let site = FakeSite::start([
        ("/model/amazon.titan-embed-text-v1/invoke", titan),
        ("/model/cohere.embed-english-v3/invoke", cohere),
    ])
    .await;
    let model = |name: &str| Embeddings {
        service: service(&site),
        model: name.to_owned(),
        input_type: None,
        batch: 50,
    };
    let texts = ["a\nb".to_owned(), "c".to_owned()];
    let titan = model("amazon.titan-embed-text-v1").embed(&texts).await.unwrap();
    assert_eq!(titan, [[1.0], [1.0]]);
    assert!(site.calls().iter().any(|it| it.body == r#"{"inputText":"a b"}"#));
    let cohere = model("cohere.embed-english-v3");
    assert_eq!(cohere.embed(&texts).await.unwrap(), [[1.0], [2.0]]);
    assert_eq!(sent(&site)["input_type"], "search_document");
    assert!(cohere.embed_query("one").await.is_err(), "two vectors for one question");
    assert_eq!(sent(&site)["input_type"], "search_query");
}
