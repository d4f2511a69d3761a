//! A PostgreSQL database, by an MCP server.

use flowstone_core::{Spec, spec::CredentialSlot};

use super::{ACTIONS, McpForm, program};

static SPEC: Spec = Spec {
    label: "PostgreSQL MCP",
    name: "postgreSQLMCP",
    version: 1.0,
    kind: "PostgreSQL MCP Tool",
    icon: "sql-database.svg",
    category: "Tools (MCP)",
    description: "A PostgreSQL database to read, by an MCP server, a program that the operator allows",
    base_classes: &["Tool"],
    credential: Some(CredentialSlot::required(&["PostgresUrl"])),
    inputs: &[ACTIONS.field],
    ..Spec::EMPTY
};

/// The node. What it starts is for the operator to say; the usual one is
/// `npx -y @modelcontextprotocol/server-postgres`, which takes the database as its last argument.
pub(crate) static NODE: McpForm = McpForm {
    spec: &SPEC,
    server: |inputs| {
        let url = inputs.credential()?.require("postgresUrl", "Postgres URL")?;
        Ok(program(SPEC.name, vec![url.to_owned()], &[]))
    },
    row: &ACTIONS.field,
    reads_run: None,
};
