//! The caches of vectors, and what happens where a cache fails.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatRequest, Embeddings, Inputs, Message, Node, Result,
};
use flowstone_testkit::{BagOfWords, FakeProvider, RedisProcess, transcript};
use serde_json::{Value, json};

use super::{
    in_memory_cache::InMemoryCache, in_memory_embedding_cache::InMemoryEmbeddingCache,
    redis_cache::RedisCache, redis_embeddings_cache::RedisEmbeddingsCache,
};
use crate::{
    chat_models::chat_openai::ChatOpenAi,
    testing::{form_of_redis, plug, run, told},
};

/// Counts the texts it is asked for.
#[derive(Default)]
struct Counting(AtomicUsize, Mutex<Vec<usize>>);

#[async_trait]
impl Embeddings for Counting {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        self.0.fetch_add(texts.len(), Ordering::Relaxed);
        self.1.lock().unwrap().push(texts.len());
        BagOfWords.embed(texts).await
    }
}

async fn cached(node: &dyn Node, form: &mut Inputs) -> (Arc<dyn Embeddings>, Arc<Counting>) {
    let model = Arc::new(Counting::default());
    form.plugged.remove("embeddings");
    plug(form, "embeddings", Capability::Embeddings(model.clone()));
    let Ok(Capability::Embeddings(cached)) = node.init(form).await else { panic!() };
    (cached, model)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|it| (*it).to_owned()).collect()
}

#[tokio::test]
async fn each_text_is_embedded_once() {
    let process = RedisProcess::start(&[]);
    for node in [&InMemoryEmbeddingCache as &dyn Node, &RedisEmbeddingsCache] {
        let mut form = form_of_redis(&process, &json!({"namespace": "a"}));
        let (first, model) = cached(node, &mut form).await;
        let vectors = first.embed(&texts(&["one", "two", "one"])).await.unwrap();
        assert_eq!(
            vectors,
            [BagOfWords::vector("one"), BagOfWords::vector("two"), BagOfWords::vector("one")]
        );
        assert_eq!(*model.1.lock().unwrap(), [2], "a text that comes twice is asked for once");

        // Another build of the same flow, as when its documents are written.
        let (second, model) = cached(node, &mut form).await;
        let vectors = second.embed(&texts(&["three", "two"])).await.unwrap();
        assert_eq!(vectors, [BagOfWords::vector("three"), BagOfWords::vector("two")]);
        assert_eq!(model.0.load(Ordering::Relaxed), 1);

        form.values.insert("namespace".to_owned(), "b".into());
        let (other, model) = cached(node, &mut form).await;
        other.embed(&texts(&["one"])).await.unwrap();
        assert_eq!(model.0.load(Ordering::Relaxed), 1, "namespaces are apart");
    }
}

#[tokio::test]
async fn vectors_in_memory_belong_to_one_flow() {
    let process = RedisProcess::start(&[]);
    let mut form = form_of_redis(&process, &json!({}));
    for (workspace, flow) in [("w", "f"), ("w", "g"), ("v", "f")] {
        form.workspace = workspace.to_owned();
        form.flow_id = flow.to_owned();
        let (cached, model) = cached(&InMemoryEmbeddingCache, &mut form).await;
        cached.embed(&texts(&["one"])).await.unwrap();
        assert_eq!(model.0.load(Ordering::Relaxed), 1, "{workspace} {flow}");
    }
}

#[tokio::test]
async fn vectors_in_redis_are_found_where_langchain_keeps_them() {
    let process = RedisProcess::start(&[]);
    let mut form = form_of_redis(&process, &json!({"namespace": "ada-"}));
    // SHA-1 of "hello".
    let key = "ada-aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d".to_owned();
    let client = crate::redis_form::client(&form).unwrap();
    client.set_all(&[(key.clone(), "[0.25,-1]".to_owned())], None).await.unwrap();
    let (cached, model) = cached(&RedisEmbeddingsCache, &mut form).await;
    assert_eq!(cached.embed(&texts(&["hello"])).await.unwrap(), [[0.25, -1.0]]);
    assert_eq!(model.0.load(Ordering::Relaxed), 0);

    client.set_all(&[(key.clone(), "no vector".to_owned())], None).await.unwrap();
    let made = cached.embed(&texts(&["hello"])).await.unwrap();
    let kept: Vec<f32> = serde_json::from_str(&client.get(&key).await.unwrap().unwrap()).unwrap();
    assert_eq!(made, [kept], "what cannot be read is written anew");
}

async fn model(
    provider: &FakeProvider,
    process: &RedisProcess,
    cache: &dyn Node,
    values: &Value,
) -> Arc<dyn ChatModel> {
    let mut form = form_of_redis(process, values);
    let plugged = cache.init(&form).await.unwrap();
    form.services = crate::testing::calling(&[&process.address(), provider.address()]);
    form.credential = Some(flowstone_core::Credential::new(
        [("openAIApiKey".to_owned(), "sk-fake".to_owned())].into(),
    ));
    form.values.insert("modelName".to_owned(), "mock".into());
    form.values.insert("basepath".to_owned(), provider.base_url().into());
    plug(&mut form, "cache", plugged);
    let Ok(Capability::ChatModel(model)) = ChatOpenAi.init(&form).await else { panic!("no model") };
    model
}

async fn asked(model: &dyn ChatModel) -> String {
    let (run, receiver) = run("hi");
    let request = ChatRequest::new(vec![Message::user("hi")]);
    let reply = model.chat(&request, &run.events).await.unwrap();
    drop(run);
    assert_eq!(transcript::text(&told(receiver).await), reply.text, "what is said is told");
    reply.text
}

#[tokio::test]
async fn a_question_that_comes_again_is_answered_from_the_cache_and_told() {
    let process = RedisProcess::start(&[]);
    for cache in [&InMemoryCache as &dyn Node, &RedisCache] {
        let provider = FakeProvider::start().await;
        let model = model(&provider, &process, cache, &json!({})).await;
        let first = asked(model.as_ref()).await;
        assert_eq!(asked(model.as_ref()).await, first);
        assert_eq!(provider.requests().len(), 1, "{}", cache.spec().name);
    }
    // Redis is shared by all who ask the same model with the same settings.
    let provider = FakeProvider::start().await;
    let warmer = model(&provider, &process, &RedisCache, &json!({"temperature": 1})).await;
    asked(warmer.as_ref()).await;
    assert_eq!(provider.requests().len(), 1, "other settings are another question");
}

#[tokio::test]
async fn a_cache_that_fails_costs_no_answer() {
    let mut process = RedisProcess::start(&[]);
    let provider = FakeProvider::start().await;
    let model = model(&provider, &process, &RedisCache, &json!({})).await;
    let mut form = form_of_redis(&process, &json!({}));
    let (cached, counting) = cached(&RedisEmbeddingsCache, &mut form).await;
    process.stop();
    assert_eq!(asked(model.as_ref()).await, "Mock reply to: hi");
    assert_eq!(asked(model.as_ref()).await, "Mock reply to: hi");
    assert_eq!(provider.requests().len(), 2);
    assert_eq!(cached.embed(&texts(&["one"])).await.unwrap(), [BagOfWords::vector("one")]);
    assert_eq!(counting.0.load(Ordering::Relaxed), 1);
}
