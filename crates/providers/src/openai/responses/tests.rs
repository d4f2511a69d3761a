//! OpenAI's responses against a server that follows a script, and against recorded bytes.

use std::sync::Arc;

use flowstone_core::{Error, Event, HostedFile, Image, Message, ToolSpec, Usage};
use flowstone_testkit::{FakeProvider, FakeSite, Reply, SitePage, contract, transcript};
use serde_json::json;

use super::*;
use crate::{HttpClient, HttpSettings, openai::Endpoint};

async fn model() -> (Responses, FakeProvider) {
    let provider = FakeProvider::start().await;
    let settings = HttpSettings {
        allow: vec![provider.address().to_owned()],
        first_pause: std::time::Duration::ZERO,
        ..HttpSettings::default()
    };
    let client = Arc::new(HttpClient::new(settings).unwrap());
    let endpoint = Endpoint::new(client, provider.base_url(), Some("sk-secret".to_owned()));
    let reasoning = json!({"effort": "low", "summary": "auto"});
    let reasoning = reasoning.as_object().cloned().unwrap();
    (Responses::new(Chat::new(endpoint, "mock"), reasoning), provider)
}

async fn listen(model: &Responses, request: &ChatRequest) -> (Result<ChatReply>, Vec<Event>) {
    let (events, receiver) = Events::channel();
    let asked = async {
        let reply = model.chat(request, &events).await;
        drop(events);
        reply
    };
    futures::join!(asked, transcript::collect(receiver))
}

fn ask(text: &str) -> ChatRequest {
    ChatRequest::new(vec![Message::user(text)])
}

#[tokio::test]
async fn passes_the_contract_of_chat_models() {
    let (model, provider) = model().await;
    contract::chat_model::speaks_to(&model, &provider).await;
}

#[tokio::test]
async fn a_summary_of_the_thoughts_is_told_before_the_answer() {
    let (mut model, provider) = model().await;
    for stream in [true, false] {
        model.chat.stream = stream;
        provider.reply(Reply::text("Yes.").thinking(["Let", " me see"]));
        let (reply, told) = listen(&model, &ask("Hi")).await;
        let reply = reply.unwrap();
        assert_eq!((reply.reasoning.as_str(), reply.text.as_str()), ("Let me see", "Yes."));
        assert!(matches!(told[0], Event::Thinking(_)), "{told:?}");
        assert_eq!(reply.signed, None, "an answer ends the thoughts");
    }
}

#[tokio::test]
async fn sealed_thoughts_go_back_with_the_calls_they_led_to() {
    let (model, provider) = model().await;
    let calls = Reply::tool_calls(&[("sum", "{\"a\":1")]).thinking(["Hm"]);
    provider.reply(calls);
    let (reply, _) = listen(&model, &ask("Hi")).await;
    let reply = reply.unwrap();
    assert_eq!(reply.tool_calls[0].arguments, "{\"a\":1", "malformed arguments stay as they are");
    assert_eq!(reply.finish_reason.as_deref(), Some("tool_calls"));
    let mut request = ask("Hi");
    request.messages.extend([reply.to_message(), Message::tool("call_0", "2")]);
    model.chat(&request, &Events::silent()).await.unwrap();
    let sent = provider.last_request().body;
    assert_eq!(
        sent["input"],
        json!([
            {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            {"type": "reasoning", "id": "rs_mock", "encrypted_content": "sealed",
             "summary": [{"type": "summary_text", "text": "Hm"}]},
            {"type": "function_call", "call_id": "call_0", "name": "sum", "arguments": "{\"a\":1"},
            {"type": "function_call_output", "call_id": "call_0", "output": "2"},
        ])
    );
}

#[tokio::test]
async fn a_question_is_put_into_the_wire_s_form() {
    let (mut model, provider) = model().await;
    model.chat.settings.insert("max_completion_tokens".to_owned(), 64.into());
    model.chat.settings.insert("reasoning_effort".to_owned(), "low".into());
    let image = Image { url: "https://x/y.png".to_owned(), detail: None };
    let request = ChatRequest {
        tools: vec![ToolSpec {
            name: "sum".to_owned(),
            description: "Adds".to_owned(),
            parameters: json!({"type": "object"}),
        }],
        ..ChatRequest::new(vec![
            Message::system("Be short."),
            Message { images: vec![image], ..Message::user("Look") },
            Message::assistant("Where?"),
            Message::user("There"),
        ])
    };
    model.chat(&request, &Events::silent()).await.unwrap();
    assert_eq!(
        provider.last_request().body,
        json!({
            "model": "mock",
            "input": [
                {"role": "developer", "content": [{"type": "input_text", "text": "Be short."}]},
                {"role": "user", "content": [
                    {"type": "input_text", "text": "Look"},
                    {"type": "input_image", "image_url": "https://x/y.png", "detail": "auto"},
                ]},
                {"role": "assistant", "content": [{"type": "output_text", "text": "Where?"}]},
                {"role": "user", "content": [{"type": "input_text", "text": "There"}]},
            ],
            "reasoning": {"effort": "low", "summary": "auto"},
            "include": ["reasoning.encrypted_content"],
            "store": false,
            "stream": false,
            "tools": [{"type": "function", "name": "sum", "description": "Adds",
                       "parameters": {"type": "object"}, "strict": false}],
            "max_output_tokens": 64,
        })
    );
    model.chat.settings.insert("stop".to_owned(), json!(["END"]));
    let said = model.chat(&request, &Events::silent()).await.unwrap_err().to_string();
    assert!(said.starts_with("the provider does not take a stop sequence"), "{said}");
}

/// The answer to these events.
async fn read(events: &[serde_json::Value]) -> Result<ChatReply> {
    let (model, provider) = model().await;
    let events = events.iter().map(|it| format!("data: {it}\n\n"));
    provider.reply(Reply::raw(200, "text/event-stream", events));
    listen(&model, &ask("Hi")).await.0
}

#[tokio::test]
async fn every_way_a_stream_can_end_is_understood() {
    let words = json!({"type": "response.output_text.delta", "delta": "half"});
    let incomplete = |reason: &str| {
        json!({"type": "response.incomplete", "response": {
            "status": "incomplete", "incomplete_details": {"reason": reason},
            "usage": {"input_tokens": 7, "output_tokens": 9,
                      "input_tokens_details": {"cached_tokens": 3},
                      "output_tokens_details": {"reasoning_tokens": 4}},
        }})
    };
    let reply = read(&[words.clone(), incomplete("max_output_tokens")]).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.finish_reason.as_deref()), ("half", Some("length")));
    let usage = Usage { input_tokens: 7, output_tokens: 9, cached_tokens: 3, reasoning_tokens: 4 };
    assert_eq!(reply.usage, Some(usage));

    let filtered = read(&[incomplete("content_filter")]).await;
    assert!(matches!(filtered, Err(Error::ModelAnswer(_))), "{filtered:?}");
    let cut = read(std::slice::from_ref(&words)).await;
    assert!(matches!(cut, Err(Error::Transport(_))), "{cut:?}");
    let error = json!({"code": "server_error", "message": "key sk-secret broke it"});
    let failed =
        json!({"type": "response.failed", "response": {"status": "failed", "error": error}});
    assert_eq!(read(&[words, failed]).await.unwrap_err().to_string(), "500 key [key] broke it");
    let error = json!({"type": "error", "code": null, "message": "overloaded", "param": null});
    assert_eq!(read(&[error]).await.unwrap_err().to_string(), "500 overloaded");
}

#[tokio::test]
async fn parts_of_a_summary_are_paragraphs() {
    let part = json!({"type": "response.reasoning_summary_part.added", "part": {}});
    let thought =
        |text: &str| json!({"type": "response.reasoning_summary_text.delta", "delta": text});
    let end = json!({"type": "response.completed", "response": {"status": "completed"}});
    let reply = read(&[part.clone(), thought("One."), part, thought("Two."), end]).await.unwrap();
    assert_eq!(reply.reasoning, "One.\n\nTwo.");
}

#[tokio::test]
async fn tools_of_the_vendor_are_asked_for_and_what_they_did_is_read() {
    let output = json!([
        {"type": "web_search_call", "id": "ws_1", "status": "completed",
         "action": {"type": "search", "query": "tea"}},
        {"type": "code_interpreter_call", "id": "ci_1", "status": "completed",
         "container_id": "cntr_1", "code": "print(1)",
         "outputs": [{"type": "logs", "logs": "1"}]},
        {"type": "image_generation_call", "id": "ig_1", "status": "completed",
         "result": "aW1n", "output_format": "webp", "revised_prompt": "a cup"},
        {"type": "message", "role": "assistant", "content": [{
            "type": "output_text",
            "text": "See [table](sandbox:/mnt/data/t.csv).",
            "annotations": [
                {"type": "url_citation", "url": "https://tea.example", "title": "Tea",
                 "start_index": 0, "end_index": 3},
                {"type": "container_file_citation", "container_id": "cntr_1",
                 "file_id": "cfile_1", "filename": "t.csv", "start_index": 4, "end_index": 9},
                {"type": "container_file_citation", "container_id": "cntr_1",
                 "file_id": "cfile_2", "filename": "gone.csv", "start_index": 4, "end_index": 9},
                {"type": "container_file_citation", "container_id": "../up",
                 "file_id": "x", "filename": "far.csv", "start_index": 4, "end_index": 9},
            ],
        }]},
    ]);
    let done = json!({"status": "completed", "output": output, "usage": {"input_tokens": 1}});
    let items = output.as_array().unwrap().iter();
    let items = items.map(|it| json!({"type": "response.output_item.done", "item": it}));
    let words = json!({"type": "response.output_text.delta",
        "delta": "See [table](sandbox:/mnt/data/t.csv)."});
    let end = json!({"type": "response.completed", "response": {"status": "completed"}});
    let events = [words].into_iter().chain(items).chain([end]);
    let streamed = events.map(|it| format!("data: {it}\n\n")).collect::<Vec<_>>().concat();
    for page in [
        SitePage::new("application/json", done.to_string()),
        SitePage::new("text/event-stream", streamed),
    ] {
        let file = SitePage::new("text/csv", "a,b");
        let content = "/v1/containers/cntr_1/files/cfile_1/content";
        let site = FakeSite::start([("/v1/responses", page), (content, file)]).await;
        let settings =
            HttpSettings { allow: vec![site.address().to_owned()], ..HttpSettings::default() };
        let client = Arc::new(HttpClient::new(settings).unwrap());
        let endpoint = Endpoint::new(client, site.url("/v1"), Some("sk-secret".to_owned()));
        // The model of the other wire goes this way by itself.
        let model = Chat::new(endpoint, "gpt-4o");
        let names = ["web_search_preview", "code_interpreter", "image_generation"];
        let hosted = names.map(Into::into).to_vec();
        let (reply, _) = {
            let (events, receiver) = Events::channel();
            let request = ChatRequest { hosted, ..ask("Hi") };
            let asked = async {
                let reply = model.chat(&request, &events).await;
                drop(events);
                reply
            };
            futures::join!(asked, transcript::collect(receiver))
        };
        let reply = reply.unwrap();
        let sent: Value = serde_json::from_str(&site.calls()[0].body).unwrap();
        assert_eq!(
            sent["tools"],
            json!([{"type": "web_search_preview"},
                   {"type": "code_interpreter", "container": {"type": "auto"}},
                   {"type": "image_generation"}])
        );
        assert_eq!(sent["include"], json!(["code_interpreter_call.outputs"]));
        assert!(sent.get("reasoning").is_none());
        let used = json!(reply.hosted.used);
        assert_eq!(used[0]["toolInput"]["query"], "tea");
        assert_eq!(used[0]["toolOutput"], json!([{"url": "https://tea.example", "title": "Tea"}]));
        assert_eq!(used[1]["toolInput"], json!({"code": "print(1)"}));
        assert_eq!(used[1]["toolOutput"], "1");
        assert!(used[1]["error"].as_str().unwrap().starts_with("the file far.csv could not"));
        assert_eq!(used[2]["toolOutput"], "image-1.webp");
        let file = |name: &str, base64: &str, link: Option<&str>| HostedFile {
            name: name.to_owned(),
            base64: base64.to_owned(),
            link: link.map(str::to_owned),
        };
        assert_eq!(
            reply.hosted.files,
            [
                file("image-1.webp", "aW1n", None),
                file("t.csv", "YSxi", Some("sandbox:/mnt/data/t.csv"))
            ]
        );
        let unknown = ChatRequest { hosted: vec!["urlContext".into()], ..ask("Hi") };
        let said = model.chat(&unknown, &Events::silent()).await.unwrap_err().to_string();
        assert!(said.contains("no tool urlContext of its own"), "{said}");
    }
}
