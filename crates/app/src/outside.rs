//! The services that routes ask, over the one HTTP client.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Credential, Result};
use flowstone_providers::{
    Gateways, HttpClient, crawl,
    http::Retry,
    key_check, oauth2, prompt_hub,
    speech::{self, Speaker},
};
use flowstone_server::{LinkSource, Outside, Speech, TokenRequest, Voice};
use futures::stream::BoxStream;
use serde_json::{Map, Value};

/// The services, reached through this client, or through gateways that stand in for them.
pub(crate) struct Services {
    pub(crate) client: Arc<HttpClient>,
    pub(crate) gateways: Gateways,
    #[cfg(feature = "mcp")]
    pub(crate) mcp: Arc<flowstone_mcp::Mcp>,
}

impl Services {
    fn speaker(&self, provider: &str, credential: &Credential) -> Result<Speaker> {
        let vendor = speech::vendor(provider)?;
        let key = credential.require(vendor.key_field, vendor.key_label)?.to_owned();
        Ok(Speaker { http: self.client.clone(), vendor, key, base_url: None })
    }
}

#[async_trait]
impl Outside for Services {
    async fn links(&self, page: &str, source: LinkSource, limit: usize) -> Result<Vec<String>> {
        match source {
            LinkSource::Pages => crawl::links(&self.client, page, limit).await,
            LinkSource::SiteMap => crawl::sitemap(&self.client, page, limit).await,
        }
    }

    async fn prompts(&self, tags: &str) -> Result<Vec<Value>> {
        prompt_hub::list(&self.client, prompt_hub::HUB, tags).await
    }

    async fn prompt(&self, name: &str) -> Result<Value> {
        prompt_hub::manifest(&self.client, prompt_hub::HUB, name).await
    }

    async fn voices(&self, provider: &str, credential: &Credential) -> Result<Vec<Voice>> {
        let voices = match speech::vendor(provider)?.fixed_voices() {
            Some(voices) => voices,
            None => self.speaker(provider, credential)?.voices().await?,
        };
        let voices = voices.into_iter();
        Ok(voices.map(|it| Voice { id: it.id, name: it.name, category: it.category }).collect())
    }

    async fn speak(&self, speech: Speech) -> Result<BoxStream<'static, Result<bytes::Bytes>>> {
        let speaker = self.speaker(&speech.provider, &speech.credential)?;
        speaker.speak(&speech.text, speech.voice.as_deref(), speech.model.as_deref()).await
    }

    async fn call_back(&self, url: &str, body: String, signature: Option<String>) -> Result<()> {
        let mut request = self
            .client
            .post(url)?
            .header("content-type", "application/json")
            .body(body)
            .retry(Retry::Always)
            .stay();
        if let Some(signature) = signature {
            request = request.header("x-webhook-signature", &signature);
        }
        let answer = request.send().await?;
        tracing::debug!(status = %answer.status(), "a webhook's answer was delivered");
        Ok(())
    }

    #[cfg(feature = "mcp")]
    async fn mcp_tools(&self, url: &str, headers: Vec<(String, String)>) -> Result<Vec<Value>> {
        use flowstone_mcp::{HttpServer, Target, Wire};
        let server = HttpServer { url: url.to_owned(), headers, wire: Wire::Either };
        let tools = self.mcp.tools(&Target::Http(server), None).await?;
        Ok(tools.iter().map(flowstone_mcp::ToolInfo::to_value).collect())
    }

    #[cfg(not(feature = "mcp"))]
    async fn mcp_tools(&self, _: &str, _: Vec<(String, String)>) -> Result<Vec<Value>> {
        let said = "this installation was built without MCP servers";
        Err(flowstone_core::Error::Unsupported(said.to_owned()))
    }

    async fn try_credential(&self, kind: &str, credential: &Credential) -> Option<Result<()>> {
        key_check::check(&self.client, &self.gateways, kind, credential).await
    }

    async fn token(&self, request: TokenRequest) -> Result<Map<String, Value>> {
        oauth2::token(&self.client, &request.url, &request.fields).await
    }
}
