//! Thinking in numbered steps, by an MCP server.

use flowstone_core::Spec;

use super::{ACTIONS, McpForm, program};

static SPEC: Spec = Spec {
    label: "Sequential Thinking MCP",
    name: "sequentialThinkingMCP",
    version: 1.0,
    kind: "Sequential Thinking MCP Tool",
    icon: "mcp.svg",
    category: "Tools (MCP)",
    description: "Lets a model think in steps that it may revise, by an MCP server, a program that the operator \
                  allows",
    base_classes: &["Tool"],
    inputs: &[ACTIONS.field],
    ..Spec::EMPTY
};

/// The node. What it starts is for the operator to say; the usual one is
/// `npx -y @modelcontextprotocol/server-sequential-thinking`.
pub(crate) static NODE: McpForm = McpForm {
    spec: &SPEC,
    server: |_| Ok(program(SPEC.name, Vec::new(), &[])),
    row: &ACTIONS.field,
    reads_run: None,
};
