//! Ollama's chat against a server that follows a script.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use flowstone_core::{Embeddings as _, Image};
use flowstone_testkit::{FakeProvider, Reply, contract, transcript};

use super::*;
use crate::{HttpClient, HttpSettings, ollama};

fn server(provider: &FakeProvider) -> Server {
    let settings =
        HttpSettings { allow: vec![provider.address().to_owned()], ..HttpSettings::default() };
    Server::new(Arc::new(HttpClient::new(settings).unwrap()), provider.origin())
}

#[tokio::test]
async fn passes_the_contract_of_chat_models() {
    let provider = FakeProvider::start().await;
    contract::chat_model::speaks_to(&Chat::new(server(&provider), "mock"), &provider).await;
}

#[tokio::test]
async fn passes_the_contract_of_embeddings() {
    let provider = FakeProvider::start().await;
    let model = ollama::Embeddings {
        server: server(&provider),
        model: "mock".to_owned(),
        options: Map::new(),
    };
    contract::embeddings::suite(&model).await;
    assert_eq!(model.embed_query("one").await.unwrap().len(), 64);
}

#[tokio::test]
async fn sends_every_setting_in_the_server_s_own_words() {
    let provider = FakeProvider::start().await;
    let mut chat = Chat::new(server(&provider), "mock");
    chat.options.insert("num_ctx".to_owned(), 4096.into());
    chat.options.insert("stop".to_owned(), json!(["END"]));
    chat.keep_alive = Some("-1".to_owned());
    chat.think = Some(true.into());
    chat.json_mode = true;
    let picture = Image { url: "data:image/png;base64,AAAA".to_owned(), detail: None };
    let mut request = ChatRequest::new(vec![
        Message { images: vec![picture], ..Message::user("Look") },
        Message {
            tool_calls: vec![ToolCall {
                id: "1".to_owned(),
                name: "sum".to_owned(),
                arguments: "{\"a\":1}".to_owned(),
            }],
            ..Message::assistant("")
        },
        Message::tool("1", "2"),
    ]);
    request.stop = vec!["STOP".to_owned()];
    chat.chat(&request, &Events::silent()).await.unwrap();
    assert_eq!(
        provider.last_request().body,
        json!({
            "model": "mock",
            "messages": [
                {"role": "user", "content": "Look", "images": ["AAAA"]},
                {"role": "assistant", "content": "", "tool_calls": [
                    {"function": {"name": "sum", "arguments": {"a": 1}}},
                ]},
                {"role": "tool", "content": "2", "tool_name": "sum"},
            ],
            "stream": false,
            "format": "json",
            "options": {"num_ctx": 4096, "stop": ["END", "STOP"]},
            "keep_alive": -1,
            "think": true,
        })
    );
}

#[tokio::test]
async fn a_picture_that_is_an_address_is_fetched() {
    let provider = FakeProvider::start().await;
    let chat = Chat::new(server(&provider), "mock");
    let picture = Image { url: format!("{}/models", provider.base_url()), detail: None };
    let message = Message { images: vec![picture], ..Message::user("Look") };
    chat.chat(&ChatRequest::new(vec![message]), &Events::silent()).await.unwrap();
    let sent = provider.last_request().body["messages"][0]["images"][0].clone();
    let bytes = STANDARD.decode(sent.as_str().unwrap()).unwrap();
    assert!(bytes.starts_with(b"{"), "the bytes behind the address are sent");
}

#[tokio::test]
async fn thoughts_usage_and_the_end_are_told() {
    let provider = FakeProvider::start().await;
    provider.reply(Reply::pieces(["4", "2"]).thinking(["Hm", "m"]));
    let chat = Chat::new(server(&provider), "mock");
    let (events, receiver) = Events::channel();
    let request = ChatRequest::new(vec![Message::user("What is it?")]);
    let reply = chat.chat(&request, &events).await.unwrap();
    drop(events);
    let told = transcript::collect(receiver).await;
    assert_eq!(told[0], Event::Thinking("Hm".to_owned()));
    assert_eq!(transcript::text(&told), "42");
    assert_eq!((reply.text.as_str(), reply.reasoning.as_str()), ("42", "Hmm"));
    assert_eq!(reply.usage.map(|it| (it.input_tokens, it.output_tokens)), Some((3, 1)));
    assert_eq!(reply.finish_reason.as_deref(), Some("stop"));
}

#[tokio::test]
async fn an_error_line_inside_the_stream_is_an_error() {
    let provider = FakeProvider::start().await;
    provider.reply(Reply::text("half an").then_fail("out of memory"));
    let chat = Chat::new(server(&provider), "mock");
    let (events, _receiver) = Events::channel();
    let request = ChatRequest::new(vec![Message::user("Hi")]);
    let failed = chat.chat(&request, &events).await.unwrap_err();
    assert_eq!(failed.to_string(), "500 out of memory");
}

#[tokio::test]
async fn a_stream_without_its_last_line_is_an_error() {
    let provider = FakeProvider::start().await;
    let half = "{\"message\":{\"content\":\"half\"},\"done\":false}\n";
    provider.reply(Reply::raw(200, "application/x-ndjson", [half]));
    let chat = Chat::new(server(&provider), "mock");
    let (events, _receiver) = Events::channel();
    let request = ChatRequest::new(vec![Message::user("Hi")]);
    let failed = chat.chat(&request, &events).await.unwrap_err();
    assert!(failed.to_string().ends_with("ended before it was complete"), "{failed}");
}

#[tokio::test]
async fn lists_its_models() {
    let provider = FakeProvider::start().await;
    assert_eq!(server(&provider).models().await.unwrap(), ["mock:latest"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_asked_after() {
    // A port that was free a moment ago: nothing listens there.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let settings =
        HttpSettings { allow: vec![address.clone()], attempts: 1, ..HttpSettings::default() };
    let client = Arc::new(HttpClient::new(settings).unwrap());
    let server = Server::new(client, format!("http://{address}"));
    assert_eq!(
        server.models().await.unwrap_err().to_string(),
        format!("cannot reach {address}: nothing answers there. Is Ollama running there?")
    );
}
