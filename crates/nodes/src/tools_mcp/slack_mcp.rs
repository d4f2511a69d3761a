//! Slack, by the MCP server that it hosts, or for a bot by a program that the operator allows.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_mcp::Target;

use super::{ACTIONS, McpForm, Server, hosted, program};
use crate::account::Account;

/// See docs.slack.dev/ai/slack-mcp-server.
const ADDRESS: &str = "https://mcp.slack.com/mcp";

/// Where Slack gives tokens to apps that act for a user.
const TOKENS: &str = "https://slack.com/api/oauth.v2.user.access";

static SPEC: Spec = Spec {
    label: "Slack MCP",
    name: "slackMCP",
    version: 1.0,
    kind: "Slack MCP Tool",
    icon: "chat-service.svg",
    category: "Tools (MCP)",
    description: "Channels and messages: as a user by Slack's own MCP server, as a bot by a program that the \
                  operator allows",
    base_classes: &["Tool"],
    credential: Some(CredentialSlot::required(&["slackOAuth2", "slackApi"])),
    inputs: &[ACTIONS.field],
    ..Spec::EMPTY
};

/// The node. The usual program for bots is `npx -y @modelcontextprotocol/server-slack`.
pub(crate) static NODE: McpForm =
    McpForm { spec: &SPEC, server, row: &ACTIONS.field, reads_run: None };

fn server(inputs: &Inputs) -> Result<Arc<dyn Server>> {
    let credential = inputs.credential()?;
    if let Some(token) = credential.get("botToken") {
        let team = credential.require("teamId", "Team ID")?;
        let environment = [("SLACK_BOT_TOKEN", token), ("SLACK_TEAM_ID", team)];
        return Ok(program(SPEC.name, Vec::new(), &environment));
    }
    Ok(Arc::new(User(Account::of(inputs, TOKENS)?)))
}

/// A user who agreed that we act for them.
struct User(Account);

#[async_trait]
impl Server for User {
    async fn target(&self) -> Result<Target> {
        Ok(hosted(ADDRESS, &self.0.token().await?))
    }
}
