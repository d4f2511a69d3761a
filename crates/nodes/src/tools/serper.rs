//! Google through serper.dev.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec, spec::CredentialSlot};
use serde_json::{Value, json};

use super::web_search::{self, WebSearch};

static SPEC: Spec = Spec {
    label: "Serper",
    name: "serper",
    version: 1.0,
    kind: "Serper",
    icon: "web-search.svg",
    category: "Tools",
    description: "Lets a model search with Google through Serper",
    base_classes: &["Serper", "Tool", "StructuredTool", "Runnable"],
    credential: Some(CredentialSlot::required(&["serperApi"])),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Serper;

#[async_trait]
impl Node for Serper {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(tool(inputs, ADDRESS)?)))
    }
}

/// See serper.dev, "Playground".
const ADDRESS: &str = "https://google.serper.dev/search";

/// The tool over the service at `address`.
pub(super) fn tool(inputs: &Inputs, address: &str) -> Result<WebSearch> {
    let key = inputs.credential()?.require("serperApiKey", "Serper Api Key")?.to_owned();
    let address = address.to_owned();
    Ok(WebSearch::new("serper", "Searches the web with Google.", read, move |http, query| {
        Ok(http.post(&address)?.header("x-api-key", &key).json(&json!({"q": query})))
    }))
}

fn read(text: &str) -> Result<String> {
    let found = web_search::json(text)?;
    let answers = ["/answerBox/answer", "/answerBox/snippet", "/knowledgeGraph/description"];
    let answers = answers.map(|it| found.pointer(it).unwrap_or(&Value::Null));
    let pages = web_search::pages(&found["organic"], "title", "link", "snippet");
    Ok(web_search::with_answer(&answers, pages))
}
