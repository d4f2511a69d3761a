//! OpenAI's chat against a server that follows a script, and against recorded bytes.

use std::{sync::Arc, time::Duration};

use flowstone_core::{Error, Event, Image, Message, ToolCall, ToolSpec, Usage};
use flowstone_testkit::{FakeProvider, Reply, contract, transcript};
use serde_json::json;

use super::*;
use crate::{HttpClient, HttpSettings, openai::dialects};

fn endpoint(provider: &FakeProvider) -> Endpoint {
    let settings = HttpSettings {
        allow: vec![provider.address().to_owned()],
        first_pause: Duration::ZERO,
        ..HttpSettings::default()
    };
    let client = Arc::new(HttpClient::new(settings).unwrap());
    Endpoint::new(client, provider.base_url(), Some("sk-secret".to_owned()))
}

async fn model() -> (Chat, FakeProvider) {
    let provider = FakeProvider::start().await;
    (Chat::new(endpoint(&provider), "mock"), provider)
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

/// The answer to these bytes, sent as a stream in these pieces.
async fn read<I: IntoIterator<Item: Into<bytes::Bytes>>>(
    pieces: I,
) -> (Result<ChatReply>, Vec<Event>) {
    let (chat, provider) = model().await;
    provider.reply(Reply::raw(200, "text/event-stream", pieces));
    listen(&chat, &ask("Hi")).await
}

#[tokio::test]
async fn passes_the_contract_of_chat_models() {
    let (chat, provider) = model().await;
    contract::chat_model::speaks_to(&chat, &provider).await;
}

#[tokio::test]
async fn passes_it_without_streaming_too() {
    let (mut chat, _provider) = model().await;
    chat.stream = false;
    contract::chat_model::answers(&chat, true).await;
}

#[tokio::test]
async fn the_first_piece_is_told_though_it_is_empty() {
    let (chat, _provider) = model().await;
    let (_, told) = listen(&chat, &ask("Say hi")).await;
    let pieces = ["Mock", " reply", " to:", " Say", " hi"];
    let tokens = pieces.into_iter().map(|it| Event::Token(it.to_owned()));
    let expected: Vec<_> = [Event::Start(String::new())].into_iter().chain(tokens).collect();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn usage_is_recorded_streamed_or_not() {
    let (chat, provider) = model().await;
    let usage = Some(Usage { input_tokens: 2, output_tokens: 6, ..Usage::default() });
    let (reply, _) = listen(&chat, &ask("Say hi")).await;
    assert_eq!(reply.unwrap().usage, usage);
    assert_eq!(provider.last_request().body["stream_options"], json!({"include_usage": true}));
    let silent = chat.chat(&ask("Say hi"), &Events::silent()).await.unwrap();
    assert_eq!(silent.usage, usage);
    assert_eq!(provider.last_request().body["stream"], false);
}

#[tokio::test]
async fn a_question_is_put_into_the_wire_s_form() {
    let (mut chat, provider) = model().await;
    chat.settings.insert("temperature".to_owned(), 0.5.into());
    chat.strict_tools = true;
    chat.endpoint = chat.endpoint.organization("org-1").header("x-extra", "yes");
    let image = Image { url: "https://x/y.png".to_owned(), detail: Some("low".to_owned()) };
    let call =
        ToolCall { id: "1".to_owned(), name: "sum".to_owned(), arguments: "{\"a\":1}".to_owned() };
    let request = ChatRequest {
        tools: vec![ToolSpec {
            name: "sum".to_owned(),
            description: "Adds".to_owned(),
            parameters: json!({"type": "object"}),
        }],
        stop: vec!["END".to_owned()],
        ..ChatRequest::new(vec![
            Message::system("Be short."),
            Message { images: vec![image], ..Message::user("Look") },
            Message { tool_calls: vec![call], ..Message::assistant("") },
            Message::tool("1", "2"),
        ])
    };
    chat.chat(&request, &Events::silent()).await.unwrap();
    let sent = provider.last_request();
    assert_eq!(sent.headers["authorization"], "Bearer sk-secret");
    assert_eq!(sent.headers["openai-organization"], "org-1");
    assert_eq!(sent.headers["x-extra"], "yes");
    assert!(sent.headers["user-agent"].starts_with("flowstone/"));
    assert_eq!(
        sent.body,
        json!({
            "model": "mock",
            "messages": [
                {"role": "system", "content": "Be short."},
                {"role": "user", "content": [
                    {"type": "text", "text": "Look"},
                    {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "low"}},
                ]},
                {"role": "assistant", "content": "", "tool_calls": [
                    {"id": "1", "type": "function",
                     "function": {"name": "sum", "arguments": "{\"a\":1}"}},
                ]},
                {"role": "tool", "content": "2", "tool_call_id": "1"},
            ],
            "tools": [{"type": "function", "function": {
                "name": "sum", "description": "Adds",
                "parameters": {"type": "object"}, "strict": true,
            }}],
            "temperature": 0.5,
            "stop": ["END"],
            "stream": false,
        })
    );
}

#[tokio::test]
async fn a_dialect_without_schemas_is_told_the_schema() {
    let (mut chat, provider) = model().await;
    chat.dialect = &dialects::DEEPSEEK;
    let schema = json!({"type": "object", "properties": {"x": {"type": "string"}}});
    let request = ChatRequest { schema: Some(schema.clone()), ..ask("Hi") };
    let reply = chat.chat(&request, &Events::silent()).await.unwrap();
    assert_eq!(reply.text, r#"{"mock":true}"#);
    let sent = provider.last_request().body;
    assert_eq!(sent["response_format"], json!({"type": "json_object"}));
    assert!(sent["messages"][0]["content"].as_str().unwrap().contains(&schema.to_string()));
}

#[tokio::test]
async fn thoughts_are_told_apart_from_the_answer_under_every_name() {
    for delta in [
        r#"{"reasoning_content":"Hm","content":null}"#,
        r#"{"reasoning":"Hm","reasoning_content":"Hm"}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]}"#,
    ] {
        let stream = format!(
            "data: {{\"choices\":[{{\"delta\":{delta}}}]}}\n\n\
             data: {{\"choices\":[{{\"delta\":{{\"content\":\"Yes\"}},\
             \"finish_reason\":\"stop\"}}]}}\n\ndata: [DONE]\n\n"
        );
        let (reply, told) = read([stream]).await;
        let reply = reply.unwrap();
        assert_eq!((reply.reasoning.as_str(), reply.text.as_str()), ("Hm", "Yes"), "{delta}");
        assert_eq!(told[0], Event::Thinking("Hm".to_owned()), "{delta}");
    }
}

/// A stream as vendors send it, with everything the format allows.
const ODD: &str = concat!(
    ": OPENROUTER PROCESSING\r\n\r\n",
    "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",",
    "\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\r\n\r\n",
    "event: message\r\ndata:{\"choices\":[{\"delta\":{\"content\":\"žluťoučký\"}}]}\r\n\r\n",
    "data: {\"choices\":\ndata: [{\"delta\":{\"content\":\" \\\"kůň\\\" \"}}]}\n\n",
    "data: {\"choices\":null}\n\n",
    "data: {\"choices\":[{\"delta\":null,\"finish_reason\":null}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"🐎\"},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":9,",
    "\"prompt_tokens_details\":{\"cached_tokens\":3},",
    "\"completion_tokens_details\":{\"reasoning_tokens\":4}}}\n\n",
    "data: [DONE]\n\n",
);

#[tokio::test]
async fn an_odd_stream_is_read_wherever_its_pieces_end() {
    for size in [1, 2, 3, 7, 64, ODD.len()] {
        let pieces: Vec<_> = ODD.as_bytes().chunks(size).map(<[u8]>::to_vec).collect();
        let (reply, told) = read(pieces).await;
        let reply = reply.unwrap();
        assert_eq!(reply.text, "žluťoučký \"kůň\" 🐎", "pieces of {size}");
        assert_eq!(transcript::text(&told), reply.text);
        assert_eq!(reply.finish_reason.as_deref(), Some("stop"));
        let usage =
            Usage { input_tokens: 7, output_tokens: 9, cached_tokens: 3, reasoning_tokens: 4 };
        assert_eq!(reply.usage, Some(usage));
    }
}

#[tokio::test]
async fn parallel_calls_are_told_apart_however_they_come() {
    let interleaved = [
        r#"[{"index":0,"id":"a","function":{"name":"first","arguments":""}}]"#,
        r#"[{"index":1,"id":"b","function":{"name":"second","arguments":"{\"y\":"}}]"#,
        r#"[{"index":0,"function":{"arguments":"{\"x\""}},{"index":1,"function":{"arguments":"2}"}}]"#,
        r#"[{"index":0,"id":"a","function":{"name":"first","arguments":":1}"}}]"#,
    ];
    let whole = [r#"[{"id":"a","function":{"name":"first","arguments":{"x":1}}},
                     {"id":"b","function":{"name":"second","arguments":"{\"y\":2}"}}]"#];
    let without_index = [
        r#"[{"id":"a","function":{"name":"first","arguments":"{\"x\""}}]"#,
        r#"[{"function":{"arguments":":1}"}}]"#,
        r#"[{"id":"b","function":{"name":"second","arguments":"{\"y\":2}"}}]"#,
    ];
    for pieces in [&interleaved[..], &whole, &without_index] {
        let each = pieces.iter().map(|calls| {
            let calls = calls.replace('\n', " ");
            format!("data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":{calls}}}}}]}}\n\n")
        });
        let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n";
        let (reply, told) = read(each.chain([end.to_owned()])).await;
        let calls = reply.unwrap().tool_calls;
        let calls: Vec<_> = calls.iter().map(|it| (&*it.id, &*it.name, &*it.arguments)).collect();
        assert_eq!(calls, [("a", "first", "{\"x\":1}"), ("b", "second", "{\"y\":2}")]);
        assert_eq!(told, [Event::Start(String::new())]);
    }
}

#[tokio::test]
async fn a_call_without_id_gets_one() {
    let call = r#"{"choices":[{"message":{"content":null,"tool_calls":[
        {"function":{"name":"now"}}]},"finish_reason":"tool_calls"}]}"#;
    let (chat, provider) = model().await;
    provider.reply(Reply::raw(200, "application/json", [call]));
    let reply = chat.chat(&ask("Hi"), &Events::silent()).await.unwrap();
    assert!(reply.tool_calls[0].id.starts_with("call_"));
    assert_eq!(reply.tool_calls[0].name, "now");
}

#[tokio::test]
async fn a_server_that_cannot_stream_is_understood() {
    let (chat, provider) = model().await;
    let whole = r#"{"choices":[{"message":{"content":"all at once"},"finish_reason":"stop"}]}"#;
    provider.reply(Reply::raw(200, "application/json", [whole]));
    let (reply, told) = listen(&chat, &ask("Hi")).await;
    assert_eq!(reply.unwrap().text, "all at once");
    assert_eq!(transcript::text(&told), "all at once");
}

#[tokio::test]
async fn a_refusal_is_the_answer() {
    let refusal = r#"{"choices":[{"message":{"content":null,"refusal":"I'd rather not."},
        "finish_reason":"stop"}]}"#;
    let (chat, provider) = model().await;
    provider.reply(Reply::raw(200, "application/json", [refusal]));
    assert_eq!(chat.chat(&ask("Hi"), &Events::silent()).await.unwrap().text, "I'd rather not.");
}

#[tokio::test]
async fn errors_are_the_provider_s_own_words() {
    let (chat, _provider) = model().await;
    let failed = chat.chat(&ask("[[error:400]]"), &Events::silent()).await.unwrap_err();
    assert_eq!(failed.to_string(), "400 mock upstream error 400");
    let failed = chat.chat(&ask("[[error:401]]"), &Events::silent()).await.unwrap_err();
    assert_eq!(
        failed.to_string(),
        "401 Unauthorized – check your API key and ensure it has access to the requested model."
    );
}

#[tokio::test]
async fn the_key_is_never_told() {
    let (chat, provider) = model().await;
    provider.reply(Reply::error(403, "key sk-secret has no access"));
    let failed = chat.chat(&ask("Hi"), &Events::silent()).await.unwrap_err();
    assert_eq!(failed.to_string(), "403 key [key] has no access");
}

#[tokio::test]
async fn passing_trouble_is_tried_again() {
    let (chat, provider) = model().await;
    provider
        .reply(Reply::error(429, "slow down").header("retry-after-ms", "1"))
        .reply(Reply::error(503, "overloaded"));
    let (reply, _) = listen(&chat, &ask("Hi")).await;
    assert_eq!(reply.unwrap().text, "Mock reply to: Hi");
    assert_eq!(provider.requests().len(), 3);
}

#[tokio::test]
async fn lasting_trouble_is_told() {
    let (chat, provider) = model().await;
    for _ in 0..3 {
        provider.reply(Reply::error(500, "broken"));
    }
    let failed = chat.chat(&ask("Hi"), &Events::silent()).await.unwrap_err();
    assert_eq!(failed.to_string(), "500 broken");
    assert_eq!(provider.requests().len(), 3);
}

#[tokio::test]
async fn an_error_inside_the_stream_is_an_error() {
    let (chat, provider) = model().await;
    provider.reply(Reply::text("half an").then_fail("the model crashed"));
    let (reply, told) = listen(&chat, &ask("Hi")).await;
    assert_eq!(reply.unwrap_err().to_string(), "500 the model crashed");
    assert_eq!(transcript::text(&told), "half an");
}

#[tokio::test]
async fn a_stream_that_ends_early_is_an_error() {
    let (reply, _) = read(["data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n"]).await;
    let said = reply.unwrap_err().to_string();
    assert!(said.ends_with("ended before it was complete"), "{said}");
    let (reply, _) = read(["data: {\"choices\":[{\"del"]).await;
    assert!(matches!(reply, Err(Error::Transport(_))), "{reply:?}");
}

#[tokio::test]
async fn the_connection_serves_the_next_call() {
    let (chat, provider) = model().await;
    let mut ports = Vec::new();
    for _ in 0..3 {
        listen(&chat, &ask("Hi")).await.0.unwrap();
        ports.push(provider.last_request().peer);
    }
    assert!(ports.iter().all(|it| *it == ports[0]), "{ports:?}");
}

#[tokio::test]
async fn thoughts_go_back_to_a_vendor_that_wants_them() {
    let (mut chat, provider) = model().await;
    chat.dialect = &dialects::DEEPSEEK;
    provider.reply(Reply::tool_calls(&[("sum", "{}")]).thinking(["Hm"]));
    let reply = chat.chat(&ask("Hi"), &Events::silent()).await.unwrap();
    let mut request = ask("Hi");
    request.messages.extend([reply.to_message(), Message::tool("call_0", "2")]);
    chat.chat(&request, &Events::silent()).await.unwrap();
    assert_eq!(provider.last_request().body["messages"][1]["reasoning_content"], "Hm");
    chat.dialect = &dialects::OPENAI;
    chat.chat(&request, &Events::silent()).await.unwrap();
    assert_eq!(provider.last_request().body["messages"][1].get("reasoning_content"), None);
}

#[tokio::test]
async fn azure_is_called_by_deployment_and_version() {
    let provider = FakeProvider::start().await;
    let http = endpoint(&provider).http;
    let base = format!("{}/openai/deployments/mine", provider.origin());
    let azure = Endpoint::azure(http, base, "azure-key".to_owned(), Some("2024-10-21"));
    let mut chat = Chat::new(azure, "gpt-4o");
    chat.dialect = &dialects::AZURE;
    listen(&chat, &ask("Hi")).await.0.unwrap();
    let sent = provider.last_request();
    assert_eq!(sent.path, "/openai/deployments/mine/chat/completions?api-version=2024-10-21");
    assert_eq!(sent.headers["api-key"], "azure-key");
    assert_eq!(sent.headers.get("authorization"), None);
}

#[tokio::test]
async fn turns_without_choices_are_an_answer_too() {
    let (chat, provider) = model().await;
    let turns = r#"{"messages":[{"role":"assistant","content":"I cannot talk about that."}]}"#;
    provider.reply(Reply::raw(200, "application/json", [turns]));
    let reply = chat.chat(&ask("Hi"), &Events::silent()).await.unwrap();
    assert_eq!(reply.text, "I cannot talk about that.");
}

#[tokio::test]
async fn moderation_judges_texts() {
    let provider = FakeProvider::start().await;
    let endpoint = endpoint(&provider);
    assert!(endpoint.flags("so [[flag]]").await.unwrap());
    assert!(!endpoint.flags("hello").await.unwrap());
    assert_eq!(provider.last_request().body, json!({"input": "hello"}));
}
