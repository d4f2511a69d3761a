//! Google through serpapi.com.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec, spec::CredentialSlot};
use serde_json::Value;

use super::web_search::{self, WebSearch};

static SPEC: Spec = Spec {
    label: "Serp API",
    name: "serpAPI",
    version: 1.0,
    kind: "SerpAPI",
    icon: "web-search.svg",
    category: "Tools",
    description: "Lets a model search with Google through SerpApi",
    base_classes: &["SerpAPI", "Tool", "StructuredTool", "Runnable"],
    credential: Some(CredentialSlot::required(&["serpApi"])),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct SerpApi;

#[async_trait]
impl Node for SerpApi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(tool(inputs, ADDRESS)?)))
    }
}

/// See serpapi.com/search-api.
const ADDRESS: &str = "https://serpapi.com/search";

/// The tool over the service at `address`.
pub(super) fn tool(inputs: &Inputs, address: &str) -> Result<WebSearch> {
    let key = inputs.credential()?.require("serpApiKey", "Serp Api Key")?.to_owned();
    let address = address.to_owned();
    Ok(WebSearch::new("search", "Searches the web with Google.", read, move |http, query| {
        let request = http.get(&address)?.query("engine", "google");
        Ok(request.query("q", query).query("api_key", &key))
    }))
}

fn read(text: &str) -> Result<String> {
    let found = web_search::json(text)?;
    let answers = ["/answer_box/answer", "/answer_box/snippet", "/knowledge_graph/description"];
    let answers = answers.map(|it| found.pointer(it).unwrap_or(&Value::Null));
    let pages = web_search::pages(&found["organic_results"], "title", "link", "snippet");
    Ok(web_search::with_answer(&answers, pages))
}
