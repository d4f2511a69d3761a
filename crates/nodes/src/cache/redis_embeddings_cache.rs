//! Keeps the vectors of documents in Redis, where other programs may find them too.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use flowstone_providers::redis::RedisClient;
use serde_json::json;
use sha1::{Digest as _, Sha1};

use super::{
    EMBEDDINGS, NAMESPACE,
    cached_embeddings::{CachedEmbeddings, Vectors},
};
use crate::redis_form;

/// The label is that of the reference, which counts in seconds all the same.
const TTL: Input<Option<u64>> = Input::whole("Time to Live (ms)", "ttl")
    .step(10.0)
    .default(3600)
    .describe(
        "How many seconds a vector is kept, whatever the label says: 3600 is an hour. Until it is \
         removed where it is empty",
    )
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Redis Embeddings Cache",
    name: "redisEmbeddingsCache",
    version: 1.0,
    kind: "RedisEmbeddingsCache",
    icon: "redis.svg",
    category: "Cache",
    description: "Keeps the vectors of documents in Redis, in the form that LangChain keeps them",
    base_classes: &["RedisEmbeddingsCache", "Embeddings"],
    credential: Some(redis_form::CREDENTIAL),
    inputs: &[EMBEDDINGS.field, TTL.field, NAMESPACE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct RedisEmbeddingsCache;

#[async_trait]
impl Node for RedisEmbeddingsCache {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let vectors = InRedis {
            client: redis_form::client(inputs)?,
            namespace: inputs.get(&NAMESPACE)?.unwrap_or_default(),
            life: inputs.get(&TTL)?.filter(|it| *it > 0).map(Duration::from_secs),
        };
        let model = inputs.get(&EMBEDDINGS)?;
        Ok(Capability::Embeddings(Arc::new(CachedEmbeddings { model, vectors })))
    }
}

/// Vectors as LangChain's `CacheBackedEmbeddings` keeps them: a JSON list of numbers under the
/// namespace, directly followed by the SHA-1 of the text.
struct InRedis {
    client: Arc<RedisClient>,
    namespace: String,
    life: Option<Duration>,
}

impl InRedis {
    fn key(&self, text: &str) -> String {
        format!("{}{}", self.namespace, hex::encode(Sha1::digest(text)))
    }
}

#[async_trait]
impl Vectors for InRedis {
    async fn get(&self, texts: &[String]) -> Result<Vec<Option<Vec<f32>>>> {
        let keys: Vec<String> = texts.iter().map(|it| self.key(it)).collect();
        let kept = self.client.get_all(&keys).await?;
        let read = |text: String| serde_json::from_str::<Vec<f32>>(&text).ok();
        // What cannot be read, or holds nothing, is made and written anew.
        let vectors = kept.into_iter().map(|it| it.and_then(read).filter(|it| !it.is_empty()));
        Ok(vectors.collect())
    }

    async fn put(&self, entries: &[(String, Vec<f32>)]) -> Result<()> {
        let entries: Vec<(String, String)> =
            entries.iter().map(|(text, it)| (self.key(text), json!(it).to_string())).collect();
        self.client.set_all(&entries, self.life).await
    }
}
