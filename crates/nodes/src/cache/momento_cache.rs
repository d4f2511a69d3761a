//! Keeps answers of models in a cache of Momento.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flowstone_core::{Cache, Capability, Inputs, Node, Result, Spec, spec::CredentialSlot};
use flowstone_providers::{HttpClient, momento};

/// Before every key, so that nobody takes them for something else.
const PREFIX: &str = "flowstone:answer:";
/// How long an answer is kept.
const LIFE: Duration = Duration::from_hours(24);

static SPEC: Spec = Spec {
    label: "Momento Cache",
    name: "momentoCache",
    version: 1.0,
    kind: "MomentoCache",
    icon: "cache.svg",
    category: "Cache",
    description: "Answers from a cache of Momento what a model was asked within a day",
    base_classes: &["MomentoCache", "BaseCache"],
    credential: Some(CredentialSlot::optional(&["momentoCacheApi"])),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MomentoCache;

#[async_trait]
impl Node for MomentoCache {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let credential = inputs.credential()?;
        Ok(Capability::Cache(Arc::new(Answers(momento::Cache {
            http: inputs.services.get::<HttpClient>()?,
            endpoint: credential.require("momentoEndpoint", "Endpoint")?.to_owned(),
            key: credential.require("momentoApiKey", "API Key")?.to_owned(),
            name: credential.require("momentoCache", "Cache")?.to_owned(),
        }))))
    }
}

struct Answers(momento::Cache);

#[async_trait]
impl Cache for Answers {
    async fn get(&self, key: &str) -> Result<Option<String>> {
        self.0.get(&format!("{PREFIX}{key}")).await
    }

    async fn put(&self, key: &str, value: &str) -> Result<()> {
        self.0.put(&format!("{PREFIX}{key}"), value, LIFE).await
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
    async fn answers_are_kept_for_a_day() {
        let kept = SitePage::new("application/octet-stream", "kept");
        let path = "/cache/my%20answers?key=flowstone%3Aanswer%3Ak";
        let put = "/cache/my%20answers?key=flowstone%3Aanswer%3Ak&ttl_seconds=86400";
        let site = FakeSite::start([(path, kept.clone()), (put, kept)]).await;
        let mut form = form(&json!({}));
        form.services = services_for(site.address());
        let fields = [
            ("momentoEndpoint".to_owned(), site.url("")),
            ("momentoApiKey".to_owned(), "secret".to_owned()),
            ("momentoCache".to_owned(), "my answers".to_owned()),
        ];
        form.credential = Some(Credential::new(fields.into()));
        let made = MomentoCache.init(&form).await.unwrap();
        let Capability::Cache(cache) = made else { panic!("no cache") };
        cache.put("k", "v").await.unwrap();
        assert_eq!(cache.get("k").await.unwrap().as_deref(), Some("kept"));
        assert_eq!(cache.get("other").await.unwrap(), None);
        let calls = site.calls();
        assert_eq!((calls[0].method.as_str(), calls[0].body.as_str()), ("PUT", "v"));
        assert_eq!(calls[0].headers["authorization"], "secret");
    }
}
