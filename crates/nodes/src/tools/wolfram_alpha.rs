//! Computed answers of Wolfram|Alpha.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec, spec::CredentialSlot};

use super::web_search::{self, WebSearch};

static SPEC: Spec = Spec {
    label: "WolframAlpha",
    name: "wolframAlpha",
    version: 1.0,
    kind: "WolframAlpha",
    icon: "web-search.svg",
    category: "Tools",
    description: "Lets a model compute and look up facts with Wolfram|Alpha",
    base_classes: &["WolframAlpha", "Tool", "StructuredTool", "Runnable"],
    credential: Some(CredentialSlot::required(&["wolframAlphaAppId"])),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct WolframAlpha;

#[async_trait]
impl Node for WolframAlpha {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(tool(inputs, ADDRESS)?)))
    }
}

/// See products.wolframalpha.com/llm-api/documentation.
const ADDRESS: &str = "https://www.wolframalpha.com/api/v1/llm-api";

/// The tool over the service at `address`.
pub(super) fn tool(inputs: &Inputs, address: &str) -> Result<WebSearch> {
    let key = inputs.credential()?.require("wolframAlphaAppId", "App ID")?.to_owned();
    let address = address.to_owned();
    let about = "Computes mathematics, units and dates, and looks up facts of science, geography, \
                 history and more. Ask one short question in English.";
    Ok(WebSearch::new("wolfram_alpha", about, web_search::text, move |http, query| {
        Ok(http.get(&address)?.query("appid", &key).query("input", query))
    }))
}
