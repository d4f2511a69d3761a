//! What goes wrong at vendors, for every dialect: the user reads the vendor's words, never the
//! key, and never half an answer as a whole one.

use std::{sync::Arc, time::Duration};

use flowstone_core::{ChatModel, ChatReply, ChatRequest, Error, Events, Message, Result};
use flowstone_testkit::{FakeProvider, Reply};
use serde_json::json;

use super::Chat;
use crate::{
    HttpClient, HttpSettings,
    openai::{Endpoint, dialects},
};

/// How often a call is tried in all.
const TRIES: usize = 3;

/// Asks once for each dialect after queueing what `prepare` queues, with somebody listening and
/// with nobody: where, what came of it, and how often the vendor was called.
async fn each(prepare: impl Fn(&FakeProvider)) -> Vec<(String, Result<ChatReply>, usize)> {
    let provider = FakeProvider::start().await;
    let settings = HttpSettings {
        allow: vec![provider.address().to_owned()],
        first_pause: Duration::ZERO,
        ..HttpSettings::default()
    };
    let client = Arc::new(HttpClient::new(settings).unwrap());
    let endpoint = Endpoint::new(client, provider.base_url(), Some("sk-secret".to_owned()));
    let mut outcomes = Vec::new();
    for dialect in dialects::ALL {
        let chat = Chat { dialect, ..Chat::new(endpoint.clone(), "mock") };
        for listens in [true, false] {
            prepare(&provider);
            let before = provider.requests().len();
            let (events, _receiver) = Events::channel();
            let events = if listens { events } else { Events::silent() };
            let request = ChatRequest::new(vec![Message::user("Hi")]);
            let outcome = chat.chat(&request, &events).await;
            let place = format!("{}, {listens}", dialect.provider);
            outcomes.push((place, outcome, provider.requests().len() - before));
        }
    }
    outcomes
}

fn body(status: u16, body: &serde_json::Value) -> Reply {
    Reply::raw(status, "application/json", [body.to_string()])
}

#[tokio::test]
async fn a_refusal_is_told_in_the_vendor_s_words_and_asked_once() {
    let filter = "The response was filtered due to the prompt triggering the content management \
                  policy.";
    let cases = [
        // A wrong key, as OpenAI, Azure, Cohere and others say it.
        (
            401,
            json!({"error": {"message": "bad key sk-secret", "code": "invalid_api_key"}}),
            "401 bad key [key]",
        ),
        (401, json!({"error": {"code": "401", "message": "Access denied"}}), "401 Access denied"),
        (401, json!({"message": "invalid api token"}), "401 invalid api token"),
        (402, json!({"error": {"message": "Insufficient Balance"}}), "402 Insufficient Balance"),
        // Too long a conversation.
        (
            400,
            json!({"error": {"message": "maximum context length is 8192 tokens",
                               "code": "context_length_exceeded"}}),
            "400 maximum context length is 8192 tokens",
        ),
        (
            422,
            json!({"object": "error", "message": "Prompt contains 9000 tokens"}),
            "422 Prompt contains 9000 tokens",
        ),
        // A filter, as Azure says it.
        (
            400,
            json!({"error": {"message": filter, "code": "content_filter", "status": 400,
                               "innererror": {"code": "ResponsibleAIPolicyViolation"}}}),
            &format!("400 {filter}"),
        ),
    ];
    for (status, answer, expected) in cases {
        for (place, outcome, calls) in each(|it| {
            it.reply(body(status, &answer));
        })
        .await
        {
            assert_eq!(outcome.unwrap_err().to_string(), expected, "{place}");
            assert_eq!(calls, 1, "{place}");
        }
    }
}

#[tokio::test]
async fn a_quota_that_does_not_pass_is_told() {
    let answer =
        json!({"error": {"message": "You exceeded your quota", "type": "insufficient_quota"}});
    let queue = |it: &FakeProvider| {
        for _ in 0..TRIES {
            it.reply(body(429, &answer));
        }
    };
    for (place, outcome, calls) in each(queue).await {
        assert_eq!(outcome.unwrap_err().to_string(), "429 You exceeded your quota", "{place}");
        assert_eq!(calls, TRIES, "{place}");
    }
}

#[tokio::test]
async fn a_server_that_recovers_is_asked_again() {
    let queue = |it: &FakeProvider| {
        it.reply(Reply::error(500, "broken")).reply(Reply::error(503, "overloaded"));
    };
    for (place, outcome, calls) in each(queue).await {
        assert_eq!(outcome.unwrap().text, "Mock reply to: Hi", "{place}");
        assert_eq!(calls, TRIES, "{place}");
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_in_the_middle_is_none() {
    for (place, outcome, _) in each(|it| {
        it.reply(Reply::text("half an").then_break());
    })
    .await
    {
        assert!(matches!(outcome, Err(Error::Transport(_))), "{place}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_answer_that_a_filter_took_away_is_an_error() {
    let answer =
        json!({"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]});
    for (place, outcome, _) in each(|it| {
        it.reply(body(200, &answer));
    })
    .await
    {
        assert!(matches!(outcome, Err(Error::ModelAnswer(_))), "{place}: {outcome:?}");
    }
}

#[tokio::test]
async fn malformed_arguments_reach_the_agent_as_they_are() {
    let calls = Reply::tool_calls(&[("sum", "{\"a\": 1,")]);
    for (place, outcome, _) in each(|it| {
        it.reply(calls.clone());
    })
    .await
    {
        let reply = outcome.unwrap();
        assert_eq!(reply.tool_calls[0].arguments, "{\"a\": 1,", "{place}");
    }
}
