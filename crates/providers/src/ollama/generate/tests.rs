//! Ollama's generate against a server that follows a script.

use std::sync::Arc;

use flowstone_core::Message;
use flowstone_testkit::{FakeProvider, contract};

use super::*;
use crate::{HttpClient, HttpSettings};

#[tokio::test]
async fn keeps_what_holds_for_models_without_tools() {
    let provider = FakeProvider::start().await;
    let settings =
        HttpSettings { allow: vec![provider.address().to_owned()], ..HttpSettings::default() };
    let client = Arc::new(HttpClient::new(settings).unwrap());
    let server = Server::new(client, provider.origin());
    let options = Map::from_iter([("temperature".to_owned(), 0.into())]);
    let model = Generate { server, model: "mock".to_owned(), options };
    contract::chat_model::answers(&model, true).await;
    contract::chat_model::reports_failures(&model).await;
    contract::chat_model::cancels(&model, &provider).await;

    let request = ChatRequest::new(vec![Message::user("Once")]);
    let reply = model.chat(&request, &Events::silent()).await.unwrap();
    assert_eq!(reply.text, "Mock reply to: Once");
    assert_eq!(reply.finish_reason.as_deref(), Some("stop"));
    let expected = json!({
        "model": "mock", "prompt": "Once", "stream": false, "options": {"temperature": 0},
    });
    assert_eq!(provider.last_request().body, expected);
}
