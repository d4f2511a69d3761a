//! A search engine that its author set up at Google.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec, spec::CredentialSlot};

use super::web_search::{self, WebSearch};

static SPEC: Spec = Spec {
    label: "Google Custom Search",
    name: "googleCustomSearch",
    version: 1.0,
    kind: "GoogleCustomSearchAPI",
    icon: "web-search.svg",
    category: "Tools",
    description: "Lets a model search with a search engine that its author set up at Google",
    base_classes: &["GoogleCustomSearchAPI", "Tool", "StructuredTool", "Runnable"],
    credential: Some(CredentialSlot::required(&["googleCustomSearchApi"])),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct GoogleCustomSearch;

#[async_trait]
impl Node for GoogleCustomSearch {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(tool(inputs, ADDRESS)?)))
    }
}

/// See developers.google.com/custom-search/v1/reference/rest/v1/cse/list.
const ADDRESS: &str = "https://www.googleapis.com/customsearch/v1";

/// The tool over the service at `address`.
pub(super) fn tool(inputs: &Inputs, address: &str) -> Result<WebSearch> {
    let credential = inputs.credential()?;
    let key = credential.require("googleCustomSearchApiKey", "Google Custom Search Api Key")?;
    let engine = credential.require("googleCustomSearchApiId", "Programmable Search Engine ID")?;
    let (key, engine, address) = (key.to_owned(), engine.to_owned(), address.to_owned());
    let about = "Searches the web with Google.";
    Ok(WebSearch::new("google-custom-search", about, read, move |http, query| {
        Ok(http.get(&address)?.query("key", &key).query("cx", &engine).query("q", query))
    }))
}

fn read(text: &str) -> Result<String> {
    let found = web_search::json(text)?;
    Ok(web_search::told(web_search::pages(&found["items"], "title", "link", "snippet")))
}
