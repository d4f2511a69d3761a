//! Brave's own search of the web.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec, spec::CredentialSlot};

use super::web_search::{self, WebSearch};

static SPEC: Spec = Spec {
    label: "BraveSearch API",
    name: "braveSearchAPI",
    version: 1.0,
    kind: "BraveSearchAPI",
    icon: "web-search.svg",
    category: "Tools",
    description: "Lets a model search with Brave",
    base_classes: &["BraveSearchAPI", "Tool", "StructuredTool", "Runnable"],
    credential: Some(CredentialSlot::required(&["braveSearchApi"])),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct BraveSearchApi;

#[async_trait]
impl Node for BraveSearchApi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(tool(inputs, ADDRESS)?)))
    }
}

/// See api-dashboard.search.brave.com, "Web search".
const ADDRESS: &str = "https://api.search.brave.com/res/v1/web/search";

/// The tool over the service at `address`.
pub(super) fn tool(inputs: &Inputs, address: &str) -> Result<WebSearch> {
    let key = inputs.credential()?.require("braveApiKey", "BraveSearch Api Key")?.to_owned();
    let address = address.to_owned();
    Ok(WebSearch::new("brave-search", "Searches the web with Brave.", read, move |http, query| {
        let request = http.get(&address)?.query("q", query);
        Ok(request.header("x-subscription-token", &key).header("accept", "application/json"))
    }))
}

fn read(text: &str) -> Result<String> {
    let found = web_search::json(text)?;
    Ok(web_search::told(web_search::pages(&found["web"]["results"], "title", "url", "description")))
}
