//! Keeps answers of models in a Redis of Upstash, over HTTP.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Cache, Capability, Inputs, Node, Result, Spec, spec::CredentialSlot};
use flowstone_providers::{HttpClient, upstash::Database};

/// Before every key, so that nobody takes them for something else.
const PREFIX: &str = "flowstone:answer:";

static SPEC: Spec = Spec {
    label: "Upstash Redis Cache",
    name: "upstashRedisCache",
    version: 1.0,
    kind: "UpstashRedisCache",
    icon: "redis.svg",
    category: "Cache",
    description: "Answers from a Redis of Upstash what a model was asked before",
    base_classes: &["UpstashRedisCache", "BaseCache"],
    credential: Some(CredentialSlot::optional(&["upstashRedisApi"])),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct UpstashRedisCache;

#[async_trait]
impl Node for UpstashRedisCache {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let credential = inputs.credential()?;
        Ok(Capability::Cache(Arc::new(Answers(Database {
            http: inputs.services.get::<HttpClient>()?,
            address: credential
                .require("upstashConnectionUrl", "Upstash Redis REST URL")?
                .to_owned(),
            token: credential.require("upstashConnectionToken", "Token")?.to_owned(),
        }))))
    }
}

struct Answers(Database);

#[async_trait]
impl Cache for Answers {
    async fn get(&self, key: &str) -> Result<Option<String>> {
        let kept = self.0.run(&["GET", &format!("{PREFIX}{key}")]).await?;
        Ok(kept.as_str().map(str::to_owned))
    }

    async fn put(&self, key: &str, value: &str) -> Result<()> {
        self.0.run(&["SET", &format!("{PREFIX}{key}"), value]).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use flowstone_core::Credential;
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::json;

    use super::*;
    use crate::testing::{form, services_for};

    #[tokio::test]
    async fn answers_are_kept_by_commands() {
        let page = SitePage::new("application/json", r#"{"result": "kept"}"#);
        let site = FakeSite::start([("/", page)]).await;
        let mut form = form(&json!({}));
        form.services = services_for(site.address());
        let fields = [
            ("upstashConnectionUrl".to_owned(), site.url("/")),
            ("upstashConnectionToken".to_owned(), "secret".to_owned()),
        ];
        form.credential = Some(Credential::new(fields.into()));
        let made = UpstashRedisCache.init(&form).await.unwrap();
        let Capability::Cache(cache) = made else { panic!("no cache") };
        cache.put("k", "v").await.unwrap();
        assert_eq!(cache.get("k").await.unwrap().as_deref(), Some("kept"));
        let calls = site.calls();
        assert_eq!(calls[0].body, r#"["SET","flowstone:answer:k","v"]"#);
        assert_eq!(calls[1].body, r#"["GET","flowstone:answer:k"]"#);
        assert_eq!(calls[1].headers["authorization"], "Bearer secret");
    }
}
