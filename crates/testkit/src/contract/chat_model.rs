//! What every chat model must do.

use flowstone_core::{
    ChatModel, ChatReply, ChatRequest, Error, Event, Events, Message, Result, ToolSpec,
};
use futures::future::{Either, select};
use serde_json::json;

use crate::{FakeProvider, transcript};

/// Laws that hold for any model that answers a greeting in words: named, streams its answer in
/// pieces that make up the returned text, and works with nobody listening.
///
/// `deterministic` says that the same question always has the same answer.
pub async fn answers(model: &dyn ChatModel, deterministic: bool) {
    assert!(!model.provider().is_empty(), "a model says who serves it");
    assert!(!model.model().is_empty(), "a model has a name");

    let request = ChatRequest::new(vec![Message::system("Be short."), Message::user("Say hi")]);
    let (reply, told) = listen(model, &request).await;
    let reply = reply.expect("a greeting is answered");
    assert!(!reply.text.is_empty(), "a greeting is answered in words");
    assert_eq!(transcript::text(&told), reply.text, "the pieces make up the answer");
    let starts = told.iter().filter(|it| matches!(it, Event::Start(_))).count();
    assert_eq!(starts, 1, "an answer begins once");
    assert!(
        told.iter().all(|it| !matches!(it, Event::Token(piece) if piece.is_empty())),
        "an empty piece carries nothing"
    );

    let silent = model.chat(&request, &Events::silent()).await.expect("nobody need listen");
    assert!(!silent.text.is_empty());
    if deterministic {
        assert_eq!(silent.text, reply.text, "streamed or not, the answer is the same");
    }
}

/// Laws for a model behind `provider` (which follows its script): calls tools and takes their
/// results, follows a schema, reports errors in the provider's words, notices a torn stream, and
/// ends the call at the provider when the caller leaves.
pub async fn speaks_to(model: &dyn ChatModel, provider: &FakeProvider) {
    answers(model, true).await;
    calls_tools(model).await;
    follows_a_schema(model).await;
    reports_failures(model).await;
    cancels(model, provider).await;
}

/// Asks with somebody listening: the answer and what was told on the way.
async fn listen(model: &dyn ChatModel, request: &ChatRequest) -> (Result<ChatReply>, Vec<Event>) {
    let (events, receiver) = Events::channel();
    let asked = async {
        let reply = model.chat(request, &events).await;
        drop(events);
        reply
    };
    futures::join!(asked, transcript::collect(receiver))
}

/// Offered tools are called, several at once, and their results are taken.
pub async fn calls_tools(model: &dyn ChatModel) {
    let tool = |name: &str| ToolSpec {
        name: name.to_owned(),
        description: "For tests".to_owned(),
        parameters: json!({"type": "object", "properties": {"a": {"type": "string"}}}),
    };
    let question =
        Message::user("[[tool:first {\"a\":\"žluťoučký kůň\"}]] [[tool:second {\"a\":\"x\"}]]");
    let mut request = ChatRequest {
        tools: vec![tool("first"), tool("second")],
        ..ChatRequest::new(vec![question])
    };
    let silent = model.chat(&request, &Events::silent()).await;
    let (streamed, _) = listen(model, &request).await;
    for reply in [silent, streamed] {
        let calls = reply.expect("offered tools are called").tool_calls;
        let names: Vec<_> = calls.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["first", "second"], "parallel calls keep their order");
        assert_ne!(calls[0].id, calls[1].id, "each call has an id of its own");
        let arguments: serde_json::Value =
            serde_json::from_str(&calls[0].arguments).expect("arguments are whole");
        assert_eq!(arguments, json!({"a": "žluťoučký kůň"}));
    }

    let reply = model.chat(&request, &Events::silent()).await.expect("offered tools are called");
    request.messages.push(reply.to_message());
    for (call, result) in reply.tool_calls.iter().zip(["one", "two"]) {
        request.messages.push(Message::tool(&call.id, result));
    }
    let reply = model.chat(&request, &Events::silent()).await.expect("results are taken");
    assert_eq!(reply.text, "Tool said: two");
}

/// An answer is bound to a schema.
pub async fn follows_a_schema(model: &dyn ChatModel) {
    let request = ChatRequest {
        schema: Some(json!({
            "type": "object",
            "properties": {"answer": {"type": "string"}},
            "required": ["answer"],
            "additionalProperties": false,
        })),
        ..ChatRequest::new(vec![Message::user("Say hi")])
    };
    let reply = model.chat(&request, &Events::silent()).await.expect("a schema is understood");
    let value: serde_json::Value = serde_json::from_str(&reply.text).expect("JSON is answered");
    assert!(value["answer"].is_string(), "the schema is followed: {value}");
}

/// Errors come in the provider's words, and a torn stream is no answer.
pub async fn reports_failures(model: &dyn ChatModel) {
    let ask = |text: &str| ChatRequest::new(vec![Message::user(text)]);
    let failed = model.chat(&ask("[[error:400]]"), &Events::silent()).await;
    match failed {
        Err(Error::Provider { status: 400, message }) => {
            assert!(message.contains("mock upstream error 400"), "{message}");
        }
        other => panic!("an error status is an error: {other:?}"),
    }
    let (torn, _) = listen(model, &ask("[[break]]")).await;
    assert!(matches!(torn, Err(Error::Transport(_))), "a torn stream is no answer: {torn:?}");
}

/// Dropping the call ends it at the provider, before and after the first piece.
pub async fn cancels(model: &dyn ChatModel, provider: &FakeProvider) {
    let request = ChatRequest::new(vec![Message::user("[[hang]]")]);
    let (events, mut receiver) = Events::channel();
    let call = Box::pin(model.chat(&request, &events));
    let first_piece = Box::pin(async {
        while let Some(event) = receiver.recv().await {
            if matches!(event, Event::Token(_)) {
                return;
            }
        }
    });
    match select(call, first_piece).await {
        Either::Left((ended, _)) => panic!("a hanging call does not end: {ended:?}"),
        Either::Right(((), call)) => drop(call),
    }
    provider.dropped().await;
}
