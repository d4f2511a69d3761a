//! OpenAI's completions against a server that follows a script.

use std::sync::Arc;

use flowstone_core::{Event, Message, Usage};
use flowstone_testkit::{FakeProvider, Reply, contract, transcript};

use super::*;
use crate::{HttpClient, HttpSettings, openai::dialects};

async fn model() -> (Completion, FakeProvider) {
    let provider = FakeProvider::start().await;
    let settings =
        HttpSettings { allow: vec![provider.address().to_owned()], ..HttpSettings::default() };
    let client = Arc::new(HttpClient::new(settings).unwrap());
    (Completion::new(Endpoint::new(client, provider.base_url(), None), "mock"), provider)
}

#[tokio::test]
async fn keeps_what_holds_for_models_without_tools() {
    let (model, provider) = model().await;
    contract::chat_model::answers(&model, true).await;
    contract::chat_model::reports_failures(&model).await;
    contract::chat_model::cancels(&model, &provider).await;
}

#[tokio::test]
async fn a_prompt_is_put_into_the_wire_s_form() {
    let (mut model, provider) = model().await;
    model.settings.insert("max_tokens".to_owned(), 9.into());
    let request = ChatRequest {
        stop: vec!["END".to_owned()],
        ..ChatRequest::new(vec![Message::user("Once")])
    };
    let (events, receiver) = Events::channel();
    let asked = async {
        let reply = model.chat(&request, &events).await;
        drop(events);
        reply
    };
    let (reply, told) = futures::join!(asked, transcript::collect(receiver));
    let reply = reply.unwrap();
    assert_eq!(reply.text, "Mock reply to: Once");
    assert_eq!(told[0], Event::Start("Mock".to_owned()));
    assert_eq!(reply.usage, Some(Usage { output_tokens: 5, ..Usage::default() }));
    assert_eq!(
        provider.last_request().body,
        json!({
            "model": "mock", "prompt": "Once", "max_tokens": 9, "stop": ["END"],
            "stream": true, "stream_options": {"include_usage": true},
        })
    );
}

#[tokio::test]
async fn a_stream_that_is_cut_is_an_error_for_every_vendor() {
    let (mut model, provider) = model().await;
    for dialect in dialects::ALL {
        model.dialect = dialect;
        provider.reply(Reply::text("half an").then_break());
        let (events, _receiver) = Events::channel();
        let request = ChatRequest::new(vec![Message::user("Hi")]);
        let failed = model.chat(&request, &events).await.unwrap_err();
        assert!(matches!(failed, flowstone_core::Error::Transport(_)), "{failed}");
    }
}
