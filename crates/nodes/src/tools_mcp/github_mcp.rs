//! GitHub, by the MCP server that it hosts.

use std::sync::Arc;

use flowstone_core::{Error, Input, Inputs, Result, Spec, spec::CredentialSlot};
use url::Url;

use super::{ACTIONS, McpForm, hosted};

/// See docs.github.com, "Setting up the GitHub MCP Server".
const ADDRESS: &str = "https://api.githubcopilot.com/mcp/";

const ENTERPRISE: Input<Option<String>> = Input::text("GitHub Enterprise URL", "githubEnterpriseUrl")
    .describe(
        "Your address at ghe.com, or the whole address of another MCP server for GitHub; empty for github.com",
    )
    .placeholder("https://octocorp.ghe.com")
    .additional()
    .optional();

static SPEC: Spec = Spec {
    label: "Github MCP",
    name: "githubMCP",
    version: 1.0,
    kind: "Github MCP Tool",
    icon: "code-service.svg",
    category: "Tools (MCP)",
    description: "Repositories, issues and pull requests, by GitHub's own MCP server",
    base_classes: &["Tool"],
    credential: Some(CredentialSlot::required(&["githubApi"])),
    inputs: &[ACTIONS.field, ENTERPRISE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: McpForm = McpForm {
    spec: &SPEC,
    server: |inputs| {
        let token = inputs.credential()?.require("accessToken", "Access Token")?;
        Ok(Arc::new(hosted(&address(inputs)?, token)))
    },
    row: &ENTERPRISE.field,
    reads_run: None,
};

/// Where the server is: GitHub keeps one beside each enterprise of ghe.com.
fn address(inputs: &Inputs) -> Result<String> {
    let Some(text) = inputs.get(&ENTERPRISE)? else { return Ok(ADDRESS.to_owned()) };
    let wrong = || {
        let reason = "an address such as https://octocorp.ghe.com is expected, or the whole address of an MCP \
                      server, such as https://mcp.example.com/mcp";
        Error::invalid(&ENTERPRISE.field, reason)
    };
    let url = Url::parse(text.trim()).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    if !matches!(url.path(), "/" | "") {
        return Ok(url.into());
    }
    match host {
        "github.com" | "www.github.com" => Ok(ADDRESS.to_owned()),
        host if host.ends_with(".ghe.com") => Ok(format!("https://copilot-api.{host}/mcp")),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::form;

    #[test]
    fn an_enterprise_has_a_server_of_its_own() {
        for (given, expected) in [
            ("", Some(ADDRESS)),
            ("https://github.com", Some(ADDRESS)),
            ("https://octocorp.ghe.com/", Some("https://copilot-api.octocorp.ghe.com/mcp")),
            ("http://10.0.0.1:8082/mcp", Some("http://10.0.0.1:8082/mcp")),
            ("https://github.example.com", None),
            ("octocorp", None),
        ] {
            let found = address(&form(&json!({"githubEnterpriseUrl": given}))).ok();
            assert_eq!(found.as_deref(), expected, "{given}");
        }
    }
}
