//! Keeps answers of models in Redis, where several servers share them.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flowstone_core::{Cache, Capability, Input, Inputs, Node, Result, Spec};
use flowstone_providers::redis::RedisClient;

use crate::redis_form;

const TTL: Input<Option<u64>> = Input::whole("Time to Live (ms)", "ttl")
    .step(1.0)
    .describe("How many milliseconds an answer is kept; until it is removed where it is empty")
    .optional()
    .additional();

/// Before every key, so that nobody takes them for something else. LangChain's own keys hold its
/// inner form of a model's settings, so its answers cannot be found.
const PREFIX: &str = "flowstone:answer:";

static SPEC: Spec = Spec {
    label: "Redis Cache",
    name: "redisCache",
    version: 1.0,
    kind: "RedisCache",
    icon: "redis.svg",
    category: "Cache",
    description: "Answers from Redis what a model was asked before, for all servers that share it",
    base_classes: &["RedisCache", "BaseCache"],
    credential: Some(redis_form::CREDENTIAL),
    inputs: &[TTL.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct RedisCache;

#[async_trait]
impl Node for RedisCache {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let life = inputs.get(&TTL)?.filter(|it| *it > 0).map(Duration::from_millis);
        Ok(Capability::Cache(Arc::new(Answers { client: redis_form::client(inputs)?, life })))
    }
}

struct Answers {
    client: Arc<RedisClient>,
    life: Option<Duration>,
}

#[async_trait]
impl Cache for Answers {
    async fn get(&self, key: &str) -> Result<Option<String>> {
        self.client.get(&format!("{PREFIX}{key}")).await
    }

    async fn put(&self, key: &str, value: &str) -> Result<()> {
        let entry = (format!("{PREFIX}{key}"), value.to_owned());
        self.client.set_all(&[entry], self.life).await
    }
}
