//! Keeps answers of models in the memory of the process, as long as the flow is kept ready.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Cache, Capability, Inputs, Node, Result, Spec};

use super::CachePool;

static SPEC: Spec = Spec {
    label: "InMemory Cache",
    name: "inMemoryCache",
    version: 1.0,
    kind: "InMemoryCache",
    icon: "cache.svg",
    category: "Cache",
    description: "Answers from memory what a model was asked before, until the flow is changed or \
                  the server starts anew",
    base_classes: &["InMemoryCache", "BaseCache"],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct InMemoryCache;

#[async_trait]
impl Node for InMemoryCache {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    /// A flow that was changed is built anew and begins with nothing.
    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let pool = inputs.services.get::<CachePool>()?;
        let number = pool.open();
        Ok(Capability::Cache(Arc::new(Answers { pool, number })))
    }
}

struct Answers {
    pool: Arc<CachePool>,
    /// Keeps those of one flow apart from those of another.
    number: u64,
}

#[async_trait]
impl Cache for Answers {
    async fn get(&self, key: &str) -> Result<Option<String>> {
        Ok(self.pool.answer(self.number, key).await)
    }

    async fn put(&self, key: &str, value: &str) -> Result<()> {
        self.pool.keep_answer(self.number, key, value).await;
        Ok(())
    }
}
