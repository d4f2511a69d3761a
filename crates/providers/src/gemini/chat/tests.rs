//! Gemini against a server that follows a script, and against bytes as the reference shows them.

use std::{sync::Arc, time::Duration};

use flowstone_core::{Embeddings as _, Event, Image, Message, ToolCall, ToolSpec, Usage};
use flowstone_testkit::{FakeProvider, Reply, contract, transcript};
use serde_json::json;

use super::*;
use crate::{HttpClient, HttpSettings, gemini};

async fn server() -> (Server, FakeProvider) {
    let provider = FakeProvider::start().await;
    let settings = HttpSettings {
        allow: vec![provider.address().to_owned()],
        first_pause: Duration::ZERO,
        ..HttpSettings::default()
    };
    let client = Arc::new(HttpClient::new(settings).unwrap());
    (Server::new(client, provider.origin(), "secret"), provider)
}

async fn model_called(name: &str) -> (Chat, FakeProvider) {
    let (server, provider) = server().await;
    (Chat::new(server, name), provider)
}

async fn model() -> (Chat, FakeProvider) {
    model_called("gemini-2.5-flash").await
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

/// The answer to these pieces, sent as a stream.
async fn read(pieces: &[Value]) -> (Result<ChatReply>, Vec<Event>) {
    let (chat, provider) = model().await;
    let frames = pieces.iter().map(|it| format!("data: {it}\r\n\r\n"));
    provider.reply(Reply::raw(200, "text/event-stream", frames));
    listen(&chat, &ask("Hi")).await
}

/// A piece with these parts, the last one where it tells why.
fn piece(parts: &Value, finish: Option<&str>) -> Value {
    let content = json!({"parts": parts, "role": "model"});
    match finish {
        None => json!({"candidates": [{"content": content, "index": 0}]}),
        Some(reason) => json!({"candidates": [{"content": content, "finishReason": reason}]}),
    }
}

fn tool(name: &str) -> ToolSpec {
    ToolSpec {
        name: name.to_owned(),
        description: "For tests".to_owned(),
        parameters: json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {"a": {"type": "string", "pattern": "x+"}},
        }),
    }
}

fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() }
}

#[tokio::test]
async fn passes_the_contract_of_chat_models() {
    for name in ["gemini-2.5-flash", "gemini-3-flash-preview"] {
        let (chat, provider) = model_called(name).await;
        contract::chat_model::speaks_to(&chat, &provider).await;
    }
}

#[tokio::test]
async fn passes_it_without_streaming_too() {
    let (mut chat, _provider) = model().await;
    chat.stream = false;
    contract::chat_model::answers(&chat, true).await;
}

#[tokio::test]
async fn passes_the_contract_of_embeddings() {
    let (server, provider) = server().await;
    let mut model = gemini::Embeddings::new(server, "gemini-embedding-001");
    contract::embeddings::suite(&model).await;
    let sizes = provider.requests().into_iter();
    let sizes = sizes.map(|it| it.body["requests"].as_array().unwrap().len());
    assert_eq!(sizes.max(), Some(100));

    model.task = Some("RETRIEVAL_DOCUMENT".to_owned());
    model.strip_new_lines = true;
    model.embed(&["one\ntwo".to_owned()]).await.unwrap();
    let document = provider.last_request();
    assert_eq!(
        document.body["requests"][0],
        json!({
            "model": "models/gemini-embedding-001",
            "content": {"parts": [{"text": "one two"}]},
            "taskType": "RETRIEVAL_DOCUMENT",
        })
    );
    assert_eq!(document.path, "/v1beta/models/gemini-embedding-001:batchEmbedContents");
    model.embed_query("one").await.unwrap();
    assert_eq!(provider.last_request().body["requests"][0]["taskType"], "RETRIEVAL_QUERY");
}

#[tokio::test]
async fn a_question_is_put_into_the_wire_s_form() {
    let (mut chat, provider) = model().await;
    chat.generation.insert("temperature".to_owned(), 0.5.into());
    chat.safety = vec![json!({"category": "C", "threshold": "T"})];
    let image = Image { url: "data:image/png;base64,AAAA".to_owned(), detail: None };
    let request = ChatRequest {
        tools: vec![tool("sum"), ToolSpec { parameters: json!({}), ..tool("now") }],
        stop: vec!["END".to_owned()],
        ..ChatRequest::new(vec![
            Message::system("Be short."),
            Message { images: vec![image], ..Message::user("Look") },
            Message {
                tool_calls: vec![call("1", "sum", "{\"a\":1}"), call("2", "now", "{\"a\"")],
                ..Message::assistant("")
            },
            Message::tool("1", "2"),
            Message::tool("2", "noon"),
            Message::user("And?"),
        ])
    };
    let body = sent(&chat, &provider, &request).await;
    let pattern = "It must keep to: pattern \"x+\"";
    assert_eq!(
        body,
        json!({
            "systemInstruction": {"parts": [{"text": "Be short."}]},
            "contents": [
                {"role": "user", "parts": [
                    {"text": "Look"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
                ]},
                {"role": "model", "parts": [
                    {"functionCall": {"name": "sum", "args": {"a": 1}}},
                    {"functionCall": {"name": "now", "args": {"malformed": "{\"a\""}}},
                ]},
                {"role": "user", "parts": [
                    {"functionResponse": {"name": "sum", "response": {"output": "2"}}},
                    {"functionResponse": {"name": "now", "response": {"output": "noon"}}},
                ]},
                {"role": "user", "parts": [{"text": "And?"}]},
            ],
            "tools": [{"functionDeclarations": [
                {"name": "sum", "description": "For tests", "parametersJsonSchema": {
                    "type": "object",
                    "properties": {"a": {"type": "string", "description": pattern}},
                }},
                {"name": "now", "description": "For tests"},
            ]}],
            "safetySettings": [{"category": "C", "threshold": "T"}],
            "generationConfig": {"temperature": 0.5, "stopSequences": ["END"]},
        })
    );
    let asked = provider.last_request();
    assert_eq!(asked.path, "/v1beta/models/gemini-2.5-flash:generateContent");
    assert_eq!(asked.headers["x-goog-api-key"], "secret");
    listen(&chat, &request).await.0.unwrap();
    let path = provider.last_request().path;
    assert_eq!(path, "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
}

#[tokio::test]
async fn an_address_may_name_the_version_and_a_model_its_place() {
    let (mut chat, provider) = model_called("models/gemini-2.0-flash").await;
    for base in [format!("{}/v1beta/", provider.origin()), provider.origin()] {
        chat.server.base_url = base;
        chat.chat(&ask("Hi"), &Events::silent()).await.unwrap();
        let path = provider.last_request().path;
        assert_eq!(path, "/v1beta/models/gemini-2.0-flash:generateContent");
    }
    chat.model = "../x?key=1".to_owned();
    let failed = chat.chat(&ask("Hi"), &Events::silent()).await;
    assert!(matches!(failed, Err(Error::Unsupported(_))), "{failed:?}");
}

#[tokio::test]
async fn an_answer_is_bound_to_a_schema_as_the_model_allows() {
    let schema = json!({"type": "object", "properties": {"a": {"const": "x"}}});
    let mut request = ChatRequest { schema: Some(schema.clone()), ..ask("Hi") };
    let (mut chat, provider) = model().await;
    let body = sent(&chat, &provider, &request).await;
    let generation = &body["generationConfig"];
    assert_eq!(generation["responseMimeType"], "application/json");
    assert_eq!(generation["responseJsonSchema"]["properties"]["a"], json!({"enum": ["x"]}));

    request.tools = vec![tool("sum")];
    let body = sent(&chat, &provider, &request).await;
    assert!(body.get("generationConfig").is_none());
    let told = body["systemInstruction"]["parts"][0]["text"].as_str().unwrap();
    assert!(told.contains(&schema.to_string()), "{told}");

    chat.model = "gemini-3-flash-preview".to_owned();
    let body = sent(&chat, &provider, &request).await;
    assert_eq!(body["generationConfig"]["responseMimeType"], "application/json");
}

#[tokio::test]
async fn thinking_is_asked_for_as_the_model_knows_it() {
    let (mut chat, provider) = model().await;
    chat.thinking_level = Some("LOW".to_owned());
    let body = sent(&chat, &provider, &ask("Hi")).await;
    assert!(body.get("generationConfig").is_none());
    for (budget, shown) in [(0, false), (-1, true), (512, true)] {
        chat.thinking_budget = Some(budget.into());
        let body = sent(&chat, &provider, &ask("Hi")).await;
        let expected = json!({"thinkingBudget": budget, "includeThoughts": shown});
        assert_eq!(body["generationConfig"]["thinkingConfig"], expected);
    }
    chat.model = "gemini-3.1-pro-preview".to_owned();
    let body = sent(&chat, &provider, &ask("Hi")).await;
    let expected = json!({"thinkingLevel": "LOW", "includeThoughts": true});
    assert_eq!(body["generationConfig"]["thinkingConfig"], expected);
}

#[tokio::test]
async fn thoughts_are_told_and_signatures_go_back_where_they_came() {
    let (chat, provider) = model_called("gemini-3-flash-preview").await;
    let request = ChatRequest { tools: vec![tool("sum")], ..ask("Hi") };
    let calls = [("sum", "{\"a\":\"1\"}"), ("sum", "{\"a\":\"2\"}")];
    provider.reply(Reply::tool_calls(&calls).thinking(["Hm, ", "sum"]));
    let (reply, told) = listen(&chat, &request).await;
    let reply = reply.unwrap();
    assert_eq!(reply.reasoning, "Hm, sum");
    assert_eq!(told[0], Event::Thinking("Hm, ".to_owned()));
    assert_eq!(reply.finish_reason.as_deref(), Some("tool_calls"));

    let mut next = request.clone();
    let results = [Message::tool("call_0", "1"), Message::tool("call_1", "2")];
    next.messages.push(reply.to_message());
    next.messages.extend(results);
    let body = sent(&chat, &provider, &next).await;
    let parts = &body["contents"][1]["parts"];
    assert_eq!(parts[0]["thoughtSignature"], "c2lnbmVkIHRob3VnaHRz");
    assert_eq!(parts[0]["functionCall"]["id"], "call_0");
    assert!(parts[1].get("thoughtSignature").is_none());
    let response = &body["contents"][2]["parts"][1]["functionResponse"];
    assert_eq!((&response["id"], &response["name"]), (&json!("call_1"), &json!("sum")));

    // Calls that another model made carry the mark that the reference gives for them.
    next.messages[1].signed = Some(json!({"anthropic": []}));
    let body = sent(&chat, &provider, &next).await;
    let part = &body["contents"][1]["parts"][0];
    assert_eq!(part["thoughtSignature"], "skip_thought_signature_validator");
}

#[tokio::test]
async fn words_are_joined_but_not_across_a_signature() {
    let (reply, told) = read(&[
        piece(&json!([{"text": "One "}, {"text": "", "thought": true}]), None),
        piece(&json!([{"text": "two"}]), None),
        piece(&json!([{"text": "", "thoughtSignature": "s"}]), Some("STOP")),
        json!({"usageMetadata": {
            "promptTokenCount": 7, "toolUsePromptTokenCount": 1, "cachedContentTokenCount": 3,
            "candidatesTokenCount": 5, "thoughtsTokenCount": 4,
        }}),
    ])
    .await;
    let reply = reply.unwrap();
    assert_eq!(reply.text, "One two");
    assert_eq!(transcript::text(&told), reply.text);
    let parts = json!([{"text": "One two"}, {"text": "", "thoughtSignature": "s"}]);
    assert_eq!(reply.signed, Some(json!({"gemini": parts})));
    let usage = Usage { input_tokens: 8, output_tokens: 9, cached_tokens: 3, reasoning_tokens: 4 };
    assert_eq!(reply.usage, Some(usage));
}

#[tokio::test]
async fn calls_without_ids_get_some() {
    let parts = json!([
        {"functionCall": {"name": "now"}}, {"functionCall": {"name": "now", "args": {"x": 1}}},
    ]);
    let (reply, told) = read(&[piece(&parts, Some("STOP"))]).await;
    let calls = reply.unwrap().tool_calls;
    assert_ne!(calls[0].id, calls[1].id);
    assert_eq!((&*calls[0].arguments, &*calls[1].arguments), ("{}", "{\"x\":1}"));
    assert_eq!(told, [Event::Start(String::new())]);
}

#[tokio::test]
async fn reasons_for_the_end_are_told_in_common_words() {
    for (own, common) in [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("LANGUAGE", "language"),
    ] {
        let (reply, _) = read(&[piece(&json!([{"text": "half"}]), Some(own))]).await;
        assert_eq!(reply.unwrap().finish_reason.as_deref(), Some(common), "{own}");
    }
}

#[tokio::test]
async fn what_the_filter_holds_back_is_an_error_that_says_so() {
    let feedback = json!({"promptFeedback": {"blockReason": "SAFETY"}});
    let malformed = json!({"candidates": [{
        "finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "print(sum(",
    }]});
    for (answer, expected) in [
        (feedback, "Gemini's content filter refused the question (SAFETY)"),
        (
            json!({"candidates": [{"content": {}, "finishReason": "SPII"}]}),
            "Gemini's content filter let the model give no answer (SPII)",
        ),
        (
            malformed,
            "Gemini called a tool in a way that cannot be read (MALFORMED_FUNCTION_CALL): \
             print(sum(",
        ),
    ] {
        let (reply, _) = read(&[answer]).await;
        let error = reply.unwrap_err();
        assert!(matches!(error, Error::ModelAnswer(_)));
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn errors_are_the_provider_s_own_words_without_the_key() {
    let (chat, provider) = model().await;
    for (status, words, expected) in [
        (
            400,
            "API key not valid. Please pass a valid API key.",
            "401 API key not valid. Please pass a valid API key.",
        ),
        (
            400,
            "The input token count (1200000) exceeds the maximum number of tokens allowed",
            "400 The input token count (1200000) exceeds the maximum number of tokens allowed",
        ),
        (403, "secret is leaked", "403 [key] is leaked"),
    ] {
        provider.reply(Reply::error(status, words));
        let failed = chat.chat(&ask("Hi"), &Events::silent()).await.unwrap_err();
        assert_eq!(failed.to_string(), expected);
    }
    assert_eq!(provider.requests().len(), 3);
}

#[tokio::test]
async fn passing_trouble_is_tried_again_and_lasting_trouble_told() {
    let (chat, provider) = model().await;
    provider.reply(Reply::error(503, "The model is overloaded.")).reply(Reply::error(500, "oops"));
    let (reply, _) = listen(&chat, &ask("Hi")).await;
    assert_eq!(reply.unwrap().text, "Mock reply to: Hi");
    for _ in 0..3 {
        provider.reply(Reply::error(429, "You exceeded your current quota"));
    }
    let failed = chat.chat(&ask("Hi"), &Events::silent()).await.unwrap_err();
    assert_eq!(failed.to_string(), "429 You exceeded your current quota");
    assert_eq!(provider.requests().len(), 6);
}

#[tokio::test]
async fn an_error_inside_the_stream_is_an_error() {
    let error = json!({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}});
    let (reply, told) = read(&[piece(&json!([{"text": "half"}]), None), error]).await;
    assert_eq!(reply.unwrap_err().to_string(), "503 overloaded");
    assert_eq!(transcript::text(&told), "half");
}

#[tokio::test]
async fn a_stream_that_ends_early_is_an_error() {
    let (reply, _) = read(&[piece(&json!([{"text": "half"}]), None)]).await;
    let said = reply.unwrap_err().to_string();
    assert!(said.ends_with("ended before it was complete"), "{said}");

    let (chat, provider) = model().await;
    for (kind, cut) in [
        ("text/event-stream", "data: {\"candi"),
        ("application/json", "{}"),
        ("application/json", "<html>"),
    ] {
        provider.reply(Reply::raw(200, kind, [cut]));
        let (reply, _) = listen(&chat, &ask("Hi")).await;
        assert!(matches!(reply, Err(Error::Transport(_))), "{cut}: {reply:?}");
    }
}

#[tokio::test]
async fn tools_of_the_vendor_are_asked_for_and_what_they_did_is_read() {
    let (chat, provider) = model().await;
    let parts = json!([
        {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
        {"inlineData": {"mimeType": "image/png", "data": "aW1n"}},
        {"text": "One."},
    ]);
    let answer = json!({"candidates": [{
        "content": {"parts": parts}, "finishReason": "STOP",
        "groundingMetadata": {"webSearchQueries": ["tea"],
            "groundingChunks": [{"web": {"uri": "https://tea.example", "title": "Tea"}}]},
        "urlContextMetadata": {"urlMetadata": [{"retrievedUrl": "https://a.example",
            "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS"}]},
    }]});
    provider.reply(Reply::raw(200, "application/json", [answer.to_string()]));
    let hosted = ["urlContext", "googleSearch", "codeExecution"].map(Into::into).to_vec();
    let request = ChatRequest { hosted, ..ask("Hi") };
    let reply = chat.chat(&request, &Events::silent()).await.unwrap();
    assert_eq!(
        provider.last_request().body["tools"],
        json!([{"urlContext": {}}, {"googleSearch": {}}, {"codeExecution": {}}])
    );
    assert_eq!(reply.text, "One.");
    let used = json!(reply.hosted.used);
    assert_eq!(used[0]["toolInput"]["code"], "print(1)");
    assert_eq!((&used[0]["toolOutput"], &used[1]["tool"]), (&json!("1\n"), &json!("urlContext")));
    assert_eq!(used[2]["toolInput"], json!({"queries": ["tea"]}));
    assert_eq!(used[2]["toolOutput"], json!([{"url": "https://tea.example", "title": "Tea"}]));
    assert_eq!(reply.hosted.files[0].name, "image-1.png");
    let unknown = ChatRequest { hosted: vec!["image_generation".into()], ..ask("Hi") };
    let said = chat.chat(&unknown, &Events::silent()).await.unwrap_err().to_string();
    assert!(said.contains("no tool image_generation of its own"), "{said}");
}
