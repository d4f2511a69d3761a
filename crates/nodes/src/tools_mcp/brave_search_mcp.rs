//! Brave's search, by its MCP server.

use flowstone_core::{Spec, spec::CredentialSlot};

use super::{ACTIONS, McpForm, program};

static SPEC: Spec = Spec {
    label: "Brave Search MCP",
    name: "braveSearchMCP",
    version: 1.0,
    kind: "BraveSearch MCP Tool",
    icon: "web-search.svg",
    category: "Tools (MCP)",
    description: "Search of the web, by Brave's MCP server, a program that the operator allows",
    base_classes: &["Tool"],
    credential: Some(CredentialSlot::required(&["braveSearchApi"])),
    inputs: &[ACTIONS.field],
    ..Spec::EMPTY
};

/// The node. What it starts is for the operator to say; the usual one is
/// `npx -y @modelcontextprotocol/server-brave-search`, whose only setting is the key.
pub(crate) static NODE: McpForm = McpForm {
    spec: &SPEC,
    server: |inputs| {
        let key = inputs.credential()?.require("braveApiKey", "BraveSearch Api Key")?;
        Ok(program(SPEC.name, Vec::new(), &[("BRAVE_API_KEY", key)]))
    },
    row: &ACTIONS.field,
    reads_run: None,
};
