//! Teradata, by an MCP server that its users run.

use std::sync::Arc;

use base64::Engine as _;
use flowstone_core::{Error, Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_mcp::{HttpServer, Target, Wire};

use super::{ACTIONS, McpForm, Server};

const URL: Input<String> = Input::text("MCP Server URL", "mcpUrl")
    .describe("Where the MCP server for Teradata listens")
    .placeholder("https://teradata-mcp.example.com/mcp/");
const BEARER: Input<Option<String>> = Input::text("Bearer Token", "bearerToken")
    .describe("A token for this server alone, instead of the credential")
    .optional();

static SPEC: Spec = Spec {
    label: "Teradata MCP",
    name: "teradataMCP",
    version: 1.0,
    kind: "Teradata MCP Tool",
    icon: "sql-database.svg",
    category: "Tools (MCP)",
    description: "A Teradata system, by the MCP server beside it",
    base_classes: &["Tool"],
    credential: Some(CredentialSlot::required(&["teradataTD2Auth", "teradataBearerToken"])),
    inputs: &[URL.field, BEARER.field, ACTIONS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: McpForm = McpForm { spec: &SPEC, server, row: &URL.field, reads_run: None };

fn server(inputs: &Inputs) -> Result<Arc<dyn Server>> {
    let url = inputs.get(&URL)?.trim().to_owned();
    let headers = vec![("Authorization".to_owned(), authorization(inputs)?)];
    Ok(Arc::new(Target::Http(HttpServer { url, headers, wire: Wire::Either })))
}

/// A token where there is one, else user and password.
fn authorization(inputs: &Inputs) -> Result<String> {
    if let Some(token) = inputs.get(&BEARER)? {
        return Ok(format!("Bearer {token}"));
    }
    let credential = inputs.credential()?;
    if let Some(token) = credential.get("token") {
        return Ok(format!("Bearer {token}"));
    }
    let (Some(user), Some(password)) = (credential.get("tdUsername"), credential.get("tdPassword"))
    else {
        return Err(Error::Credential(
            "the credential has neither a token nor a user with a password: open it and fill that in"
                .to_owned(),
        ));
    };
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    Ok(format!("Basic {pair}"))
}
