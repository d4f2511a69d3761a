//! Anthropic's Messages against a server that follows a script, and against bytes as the reference
//! shows them.

use std::sync::Arc;

use flowstone_core::{Event, Image, Message, ToolCall, ToolSpec, Usage};
use flowstone_testkit::{FakeProvider, Reply, contract, transcript};
use serde_json::json;

use super::*;
use crate::{HttpClient, HttpSettings};

async fn model_called(name: &str) -> (Chat, FakeProvider) {
    let provider = FakeProvider::start().await;
    let settings = HttpSettings {
        allow: vec![provider.address().to_owned()],
        first_pause: Duration::ZERO,
        ..HttpSettings::default()
    };
    let client = Arc::new(HttpClient::new(settings).unwrap());
    let server = Server::new(client, provider.origin(), "sk-secret");
    (Chat::new(server, name), provider)
}

async fn model() -> (Chat, FakeProvider) {
    model_called("claude-haiku-4-5").await
}

fn ask(text: &str) -> ChatRequest {
    ChatRequest::new(vec![Message::user(text)])
}

/// Asks with somebody listening: the answer and what was told on the way.
async fn listen(chat: &Chat, request: &ChatRequest) -> (Result<ChatReply>, Vec<Event>) {
    let (events, receiver) = Events::channel();
    let asked = async {
        let reply = chat.chat(request, &events).await;
        drop(events);
        reply
    };
    futures::join!(asked, transcript::collect(receiver))
}

/// What is sent for a question.
async fn sent(chat: &Chat, provider: &FakeProvider, request: &ChatRequest) -> Value {
    chat.chat(request, &Events::silent()).await.unwrap();
    provider.last_request().body
}

/// The answer to these events, sent as a stream.
async fn read(events: &[Value]) -> (Result<ChatReply>, Vec<Event>) {
    let (chat, provider) = model().await;
    let frames = events.iter().map(|it| format!("event: x\ndata: {it}\n\n"));
    provider.reply(Reply::raw(200, "text/event-stream", frames));
    listen(&chat, &ask("Hi")).await
}

fn start() -> Value {
    json!({"type": "message_start", "message": {"usage": {"input_tokens": 5}}})
}

fn block(index: u64, content: &Value, deltas: &[Value]) -> Vec<Value> {
    let begin = json!({"type": "content_block_start", "index": index, "content_block": content});
    let deltas =
        deltas.iter().map(|it| json!({"type": "content_block_delta", "index": index, "delta": it}));
    [begin].into_iter().chain(deltas).collect()
}

fn stop(reason: &str) -> [Value; 2] {
    [
        json!({"type": "message_delta", "delta": {"stop_reason": reason},
               "usage": {"output_tokens": 7}}),
        json!({"type": "message_stop"}),
    ]
}

fn schema() -> Value {
    json!({"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]})
}

fn tool(name: &str) -> ToolSpec {
    ToolSpec {
        name: name.to_owned(),
        description: "For tests".to_owned(),
        parameters: json!({"properties": {"a": {"type": "string"}}}),
    }
}

fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() }
}

#[tokio::test]
async fn passes_the_contract_of_chat_models() {
    for name in ["claude-haiku-4-5", "claude-3-5-haiku-latest", "claude-opus-4-7"] {
        let (chat, provider) = model_called(name).await;
        contract::chat_model::speaks_to(&chat, &provider).await;
    }
}

#[tokio::test]
async fn passes_it_without_streaming_and_while_thinking_too() {
    let (mut chat, provider) = model().await;
    chat.stream = false;
    contract::chat_model::answers(&chat, true).await;
    chat.stream = true;
    chat.thinking = Thinking::Budget(1024);
    contract::chat_model::speaks_to(&chat, &provider).await;
}

#[tokio::test]
async fn a_question_is_put_into_the_wire_s_form() {
    let (mut chat, provider) = model().await;
    chat.sampling = json!({"temperature": 0.5, "top_k": 5}).as_object().cloned().unwrap();
    let image = |url: &str| Image { url: url.to_owned(), detail: None };
    let request = ChatRequest {
        tools: vec![tool("sum")],
        stop: vec!["END".to_owned(), "\n".to_owned()],
        ..ChatRequest::new(vec![
            Message::system("Be short."),
            Message {
                images: vec![image("https://x/y.png"), image("data:image/jpg;base64,AAAA")],
                ..Message::user("Look")
            },
            Message {
                tool_calls: vec![call("a.1", "sum", "{\"a\":1}"), call("b", "sum", "{\"a\"")],
                ..Message::assistant("")
            },
            Message::tool("a.1", "2"),
            Message::tool("b", ""),
            Message::user("And?"),
            Message::assistant(" "),
            Message::system("In English."),
        ])
    };
    let body = sent(&chat, &provider, &request).await;
    assert_eq!(
        body,
        json!({
            "model": "claude-haiku-4-5",
            "max_tokens": 16384,
            "system": "Be short.\n\nIn English.",
            "messages": [
                {"role": "user", "content": [
                    {"type": "image", "source": {"type": "url", "url": "https://x/y.png"}},
                    {"type": "image", "source": {
                        "type": "base64", "media_type": "image/jpeg", "data": "AAAA",
                    }},
                    {"type": "text", "text": "Look"},
                ]},
                {"role": "assistant", "content": [
                    {"type": "tool_use", "id": "a_1", "name": "sum", "input": {"a": 1}},
                    {"type": "tool_use", "id": "b", "name": "sum",
                     "input": {"INVALID_JSON": "{\"a\""}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "a_1",
                     "content": [{"type": "text", "text": "2"}]},
                    {"type": "tool_result", "tool_use_id": "b"},
                    {"type": "text", "text": "And?"},
                ]},
            ],
            "tools": [{
                "name": "sum", "description": "For tests", "input_schema": {
                    "type": "object", "properties": {"a": {"type": "string"}},
                },
            }],
            "temperature": 0.5,
            "top_k": 5,
            "stop_sequences": ["END"],
            "stream": false,
        })
    );
    let headers = provider.last_request().headers;
    assert_eq!(headers["x-api-key"], "sk-secret");
    assert_eq!(headers["anthropic-version"], "2023-06-01");
    assert!(!headers.contains_key("authorization"));
}

#[tokio::test]
async fn instructions_alone_are_the_question() {
    let (chat, provider) = model().await;
    let request = ChatRequest::new(vec![Message::system("Say hi")]);
    let body = sent(&chat, &provider, &request).await;
    assert_eq!(body["messages"][0]["content"][0]["text"], "Say hi");
    assert!(body.get("system").is_none());
}

#[tokio::test]
async fn an_answer_is_bound_to_a_schema_as_the_model_allows() {
    let request = ChatRequest { schema: Some(schema()), ..ask("Hi") };
    let (chat, provider) = model().await;
    let body = sent(&chat, &provider, &request).await;
    let format = &body["output_config"]["format"];
    assert_eq!(
        (&format["type"], &format["schema"]["additionalProperties"]),
        (&json!("json_schema"), &json!(false))
    );

    let (mut chat, provider) = model_called("claude-3-7-sonnet-latest").await;
    let (reply, told) = listen(&chat, &request).await;
    let reply = reply.unwrap();
    assert_eq!(reply.text, r#"{"answer":"mock-answer"}"#);
    assert_eq!(transcript::text(&told), reply.text);
    assert_eq!(reply.finish_reason.as_deref(), Some("stop"));
    assert!(reply.tool_calls.is_empty());
    let body = provider.last_request().body;
    assert_eq!(body["tool_choice"], json!({"type": "tool", "name": "answer"}));
    assert_eq!(body["tools"][0]["input_schema"], schema());

    let with_tools = ChatRequest { tools: vec![tool("answer")], ..request.clone() };
    let body = sent(&chat, &provider, &with_tools).await;
    assert_eq!(body["tool_choice"], json!({"type": "any"}));
    assert_eq!(body["tools"][1]["name"], "answer_");

    chat.thinking = Thinking::Budget(1024);
    let body = sent(&chat, &provider, &request).await;
    assert!(body.get("tools").is_none());
    assert!(body["system"].as_str().unwrap().contains(&schema().to_string()));
}

#[tokio::test]
async fn thinking_is_asked_for_as_the_model_knows_it() {
    let (mut chat, provider) = model().await;
    chat.sampling = json!({"temperature": 0.9, "top_p": 0.5}).as_object().cloned().unwrap();
    let body = sent(&chat, &provider, &ask("Hi")).await;
    assert_eq!((body.get("temperature"), &body["top_p"]), (None, &json!(0.5)));

    chat.thinking = Thinking::Budget(2000);
    let body = sent(&chat, &provider, &ask("Hi")).await;
    assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 2000}));
    assert_eq!((&body["max_tokens"], body.get("top_p")), (&json!(18384), None));

    chat.model = "claude-opus-5".to_owned();
    let body = sent(&chat, &provider, &ask("Hi")).await;
    assert_eq!(body["thinking"], json!({"type": "adaptive", "display": "summarized"}));

    chat.thinking = Thinking::Adaptive { effort: Some("low".to_owned()) };
    let body = sent(&chat, &provider, &ask("Hi")).await;
    assert_eq!(body["output_config"], json!({"effort": "low"}));

    chat.thinking = Thinking::Off;
    let body = sent(&chat, &provider, &ask("Hi")).await;
    assert_eq!((body.get("thinking"), body.get("top_p")), (None, None));
}

#[tokio::test]
async fn thoughts_are_told_and_go_back_with_their_signature() {
    let (chat, provider) = model().await;
    let request = ChatRequest { tools: vec![tool("sum")], ..ask("Hi") };
    provider.reply(Reply::tool_calls(&[("sum", "{\"a\":\"1\"}")]).thinking(["Hm, ", "sum"]));
    let (reply, told) = listen(&chat, &request).await;
    let reply = reply.unwrap();
    assert_eq!(reply.reasoning, "Hm, sum");
    let thoughts: Vec<_> = told.iter().filter(|it| matches!(it, Event::Thinking(_))).collect();
    assert_eq!(thoughts.len(), 2);

    let mut next = request.clone();
    next.messages.extend([reply.to_message(), Message::tool("call_0", "1")]);
    let body = sent(&chat, &provider, &next).await;
    let expected = json!([
        {"type": "thinking", "thinking": "Hm, sum", "signature": "c2lnbmVkIHRob3VnaHRz"},
        {"type": "tool_use", "id": "call_0", "name": "sum", "input": {"a": "1"}},
    ]);
    assert_eq!(body["messages"][1]["content"], expected);

    // A turn that says something else than the signed blocks is written anew.
    next.messages[1].text = "changed".to_owned();
    let body = sent(&chat, &provider, &next).await;
    assert_eq!(body["messages"][1]["content"][0], json!({"type": "text", "text": "changed"}));
}

#[tokio::test]
async fn blocks_of_every_kind_are_kept_in_their_order() {
    let mut events = vec![start(), json!({"type": "ping"}), json!({"type": "new_one", "x": 1})];
    events.extend(block(0, &json!({"type": "redacted_thinking", "data": "secret"}), &[]));
    events.extend(block(
        1,
        &json!({"type": "text", "text": ""}),
        &[
            json!({"type": "text_delta", "text": "žlu"}),
            json!({"type": "citations_delta", "citation": {"n": 1}}),
            json!({"type": "text_delta", "text": "ťoučký"}),
            json!({"type": "odd_delta"}),
        ],
    ));
    events.extend(block(
        2,
        &json!({"type": "tool_use", "id": "a", "name": "now", "input": {}}),
        &[],
    ));
    events.extend(stop("tool_use"));
    let (reply, told) = read(&events).await;
    let reply = reply.unwrap();
    assert_eq!(reply.text, "žluťoučký");
    assert_eq!(transcript::text(&told), reply.text);
    assert_eq!(reply.tool_calls, [call("a", "now", "{}")]);
    assert_eq!(reply.finish_reason.as_deref(), Some("tool_calls"));
    assert_eq!(
        reply.signed,
        Some(json!({"anthropic": [
            {"type": "redacted_thinking", "data": "secret"},
            {"type": "text", "text": "žluťoučký", "citations": [{"n": 1}]},
            {"type": "tool_use", "id": "a", "name": "now", "input": {}},
        ]}))
    );
}

#[tokio::test]
async fn parallel_calls_are_told_apart_and_malformed_arguments_kept_as_written() {
    let piece = |it: &str| json!({"type": "input_json_delta", "partial_json": it});
    let tool = |id: &str| json!({"type": "tool_use", "id": id, "name": "sum", "input": {}});
    let mut events = vec![start()];
    events.extend(block(0, &tool("a"), &[piece(""), piece("{\"x\""), piece(":1}")]));
    events.extend(block(1, &tool("b"), &[piece("{\"x\": ")]));
    events.extend(stop("tool_use"));
    let (reply, told) = read(&events).await;
    let calls = reply.unwrap().tool_calls;
    assert_eq!(calls, [call("a", "sum", "{\"x\":1}"), call("b", "sum", "{\"x\": ")]);
    assert_eq!(told, [Event::Start(String::new())]);
}

#[tokio::test]
async fn usage_counts_the_cache_in() {
    let usage = json!({
        "input_tokens": 5, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 100,
        "output_tokens": 1,
    });
    let mut events = vec![json!({"type": "message_start", "message": {"usage": usage}})];
    events.extend(block(0, &json!({"type": "text", "text": "Hi"}), &[]));
    events.push(json!({
        "type": "message_delta", "delta": {"stop_reason": "end_turn"},
        "usage": {"output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}},
    }));
    let (reply, _) = read(&events).await;
    let expected =
        Usage { input_tokens: 125, output_tokens: 9, cached_tokens: 100, reasoning_tokens: 4 };
    assert_eq!(reply.unwrap().usage, Some(expected));
}

#[tokio::test]
async fn reasons_for_the_end_are_told_in_common_words() {
    for (own, common) in [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "content_filter"),
    ] {
        let mut events = vec![start()];
        events.extend(block(0, &json!({"type": "text", "text": "half"}), &[]));
        events.extend(stop(own));
        let (reply, _) = read(&events).await;
        assert_eq!(reply.unwrap().finish_reason.as_deref(), Some(common), "{own}");
    }
}

#[tokio::test]
async fn a_refusal_without_words_is_an_error_that_says_so() {
    let details = json!({"type": "refusal", "category": "cyber", "explanation": null});
    let end = json!({
        "type": "message_delta", "delta": {"stop_reason": "refusal", "stop_details": details},
    });
    let (reply, _) = read(&[start(), end, json!({"type": "message_stop"})]).await;
    let said = reply.unwrap_err().to_string();
    assert_eq!(said, "Anthropic's content filter let the model give no answer (cyber)");
}

#[tokio::test]
async fn errors_are_the_provider_s_own_words_without_the_key() {
    let (chat, provider) = model().await;
    for (status, words) in [
        (401, "invalid x-api-key"),
        (400, "prompt is too long: 213462 tokens > 200000 maximum"),
        (403, "sk-secret may not use this model"),
    ] {
        provider.reply(Reply::error(status, words));
        let failed = chat.chat(&ask("Hi"), &Events::silent()).await.unwrap_err();
        let expected = format!("{status} {}", words.replace("sk-secret", "[key]"));
        assert_eq!(failed.to_string(), expected);
    }
    assert_eq!(provider.requests().len(), 3);
}

#[tokio::test]
async fn passing_trouble_is_tried_again_and_lasting_trouble_told() {
    let (chat, provider) = model().await;
    provider.reply(Reply::error(529, "Overloaded")).reply(Reply::error(500, "oops"));
    let (reply, _) = listen(&chat, &ask("Hi")).await;
    assert_eq!(reply.unwrap().text, "Mock reply to: Hi");
    for _ in 0..3 {
        provider.reply(Reply::error(429, "rate limit").header("retry-after", "0"));
    }
    let failed = chat.chat(&ask("Hi"), &Events::silent()).await.unwrap_err();
    assert_eq!(failed.to_string(), "429 rate limit");
    assert_eq!(provider.requests().len(), 6);
}

#[tokio::test]
async fn an_error_inside_the_stream_is_an_error() {
    let error = json!({"type": "overloaded_error", "message": "Overloaded"});
    let mut events = vec![start()];
    events.extend(block(0, &json!({"type": "text", "text": "half"}), &[]));
    events.push(json!({"type": "error", "error": error}));
    let (reply, told) = read(&events).await;
    assert_eq!(reply.unwrap_err().to_string(), "529 Overloaded");
    assert_eq!(transcript::text(&told), "half");
}

#[tokio::test]
async fn a_stream_that_ends_early_is_an_error() {
    let mut events = vec![start()];
    events.extend(block(0, &json!({"type": "text", "text": "half"}), &[]));
    let (reply, _) = read(&events).await;
    let said = reply.unwrap_err().to_string();
    assert!(said.ends_with("ended before it was complete"), "{said}");

    let (chat, provider) = model().await;
    for (kind, cut) in [
        ("text/event-stream", "data: {\"type\":\"mess"),
        ("application/json", "{\"type\":\"ping\"}"),
        ("application/json", "<html>"),
    ] {
        provider.reply(Reply::raw(200, kind, [cut]));
        let (reply, _) = listen(&chat, &ask("Hi")).await;
        assert!(matches!(reply, Err(Error::Transport(_))), "{cut}: {reply:?}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_stream_is_understood() {
    let (chat, provider) = model().await;
    let whole = json!({
        "type": "message", "role": "assistant", "stop_reason": "end_turn", "usage": {},
        "content": [
            {"type": "thinking", "thinking": "Hm", "signature": "s"},
            {"type": "text", "text": "all at once"},
        ],
    });
    provider.reply(Reply::raw(200, "application/json", [whole.to_string()]));
    let (reply, told) = listen(&chat, &ask("Hi")).await;
    let reply = reply.unwrap();
    assert_eq!((reply.reasoning.as_str(), reply.text.as_str()), ("Hm", "all at once"));
    assert_eq!(transcript::text(&told), "all at once");
}

#[tokio::test]
async fn tools_of_the_vendor_are_asked_for_and_a_pause_goes_on() {
    let (chat, provider) = model().await;
    let page = json!({"type": "web_search_result", "url": "https://tea.example", "title": "Tea",
        "encrypted_content": "sealed", "page_age": null});
    let first = [
        json!({"type": "server_tool_use", "id": "s1", "name": "web_search",
            "input": {"query": "tea"}}),
        json!({"type": "web_search_tool_result", "tool_use_id": "s1", "content": [page]}),
        json!({"type": "text", "text": "Found. "}),
    ];
    let second = [
        json!({"type": "server_tool_use", "id": "s2", "name": "web_fetch",
            "input": {"url": "https://gone.example"}}),
        json!({"type": "web_fetch_tool_result", "tool_use_id": "s2",
            "content": {"type": "web_fetch_tool_error", "error_code": "url_not_accessible"}}),
        json!({"type": "text", "text": "Done."}),
    ];
    for (content, reason) in [(&first[..], "pause_turn"), (&second[..], "end_turn")] {
        let answer = json!({"type": "message", "content": content, "stop_reason": reason,
            "usage": {"input_tokens": 2, "output_tokens": 3}});
        provider.reply(Reply::raw(200, "application/json", [answer.to_string()]));
    }
    let hosted = vec!["web_search_20250305".into(), "web_fetch_20250910".into()];
    let request = ChatRequest { hosted, tools: vec![tool("sum")], ..ask("Hi") };
    let reply = chat.chat(&request, &Events::silent()).await.unwrap();
    assert_eq!(reply.text, "Found. Done.");
    assert_eq!(reply.usage.map(|it| (it.input_tokens, it.output_tokens)), Some((4, 6)));
    let used = json!(reply.hosted.used);
    assert_eq!(used[0]["toolInput"], json!({"query": "tea"}));
    let shown = json!({"type": "web_search_result", "url": "https://tea.example",
        "title": "Tea", "page_age": null});
    assert_eq!(used[0]["toolOutput"], json!([shown]), "what is sealed is nobody's to read");
    assert_eq!(used[1]["error"], "the vendor says: url_not_accessible");
    let calls = provider.requests();
    let asked = &calls[0];
    assert_eq!(asked.headers["anthropic-beta"], "web-fetch-2025-09-10");
    let tools = asked.body["tools"].as_array().unwrap();
    assert_eq!(tools[1], json!({"type": "web_search_20250305", "name": "web_search"}));
    assert_eq!(tools[2]["name"], "web_fetch");
    // What was said goes back as it came, sealed parts and all.
    assert_eq!(calls[1].body["messages"][1]["content"], json!(first));
    let unknown = ChatRequest { hosted: vec!["googleSearch".into()], ..ask("Hi") };
    let said = chat.chat(&unknown, &Events::silent()).await.unwrap_err().to_string();
    assert!(said.contains("no tool googleSearch of its own"), "{said}");
}
