//! A browser in Browserless' cloud, by its MCP server.

use std::sync::Arc;

use flowstone_core::{Spec, spec::CredentialSlot};

use super::{ACTIONS, McpForm, hosted};

/// See docs.browserless.io/mcp.
const ADDRESS: &str = "https://mcp.browserless.io/mcp";

static SPEC: Spec = Spec {
    label: "Browserless MCP",
    name: "browserlessMCP",
    version: 1.0,
    kind: "Browserless MCP Tool",
    icon: "web-page.svg",
    category: "Tools (MCP)",
    description: "Pages read, printed and photographed by a browser of Browserless",
    base_classes: &["Tool"],
    credential: Some(CredentialSlot::required(&["browserlessApi"])),
    inputs: &[ACTIONS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: McpForm = McpForm {
    spec: &SPEC,
    server: |inputs| {
        let token = inputs.credential()?.require("browserlessApiToken", "API Token")?;
        Ok(Arc::new(hosted(ADDRESS, token)))
    },
    row: &ACTIONS.field,
    reads_run: None,
};
