//! OpenAI's embeddings against a server that follows a script.

use std::sync::Arc;

use flowstone_core::Embeddings as _;
use flowstone_testkit::{BagOfWords, FakeProvider, Reply, contract};

use super::*;
use crate::{HttpClient, HttpSettings};

async fn model() -> (Embeddings, FakeProvider) {
    let provider = FakeProvider::start().await;
    let settings =
        HttpSettings { allow: vec![provider.address().to_owned()], ..HttpSettings::default() };
    let client = Arc::new(HttpClient::new(settings).unwrap());
    let endpoint = Endpoint::new(client, provider.base_url(), None);
    (Embeddings::new(endpoint, "mock"), provider)
}

#[tokio::test]
async fn passes_the_contract_of_embeddings_in_small_batches() {
    let (mut model, provider) = model().await;
    model.batch_size = 7;
    contract::embeddings::suite(&model).await;
    let requests = provider.requests();
    let sizes = requests.iter().map(|it| it.body["input"].as_array().unwrap().len());
    assert_eq!(sizes.max(), Some(7));
}

#[tokio::test]
async fn numbers_are_the_same_however_they_travel() {
    let (mut model, provider) = model().await;
    let text = "The cat\nsits";
    for encoding in [None, Some(Encoding::Float), Some(Encoding::Base64)] {
        model.encoding = encoding;
        assert_eq!(model.embed_query(text).await.unwrap(), BagOfWords::vector(text));
    }
    assert_eq!(provider.last_request().body["encoding_format"], "base64");
    assert_eq!(provider.last_request().body["input"][0], "The cat sits");
}

#[tokio::test]
async fn settings_are_sent_only_where_said() {
    let (mut model, provider) = model().await;
    model.embed_query("x").await.unwrap();
    let names: Vec<_> = provider.last_request().body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["model", "input"]);
    model.dimensions = Some(64);
    model.strip_new_lines = false;
    model.embed_query("a\nb").await.unwrap();
    assert_eq!(provider.last_request().body["dimensions"], 64);
    assert_eq!(provider.last_request().body["input"][0], "a\nb");
}

#[tokio::test]
async fn an_error_is_the_provider_s_own_words() {
    let (model, provider) = model().await;
    provider.reply(Reply::error(400, "input is too long"));
    let failed = model.embed_query("x").await.unwrap_err();
    assert_eq!(failed.to_string(), "400 input is too long");
}

#[tokio::test]
async fn lists_models() {
    let (model, _provider) = model().await;
    assert_eq!(model.endpoint.models().await.unwrap(), ["mock"]);
}
