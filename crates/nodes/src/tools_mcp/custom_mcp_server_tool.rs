//! An MCP server that was registered in the workspace.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Services, Spec,
    node::Entry,
    services::{McpRegistry, McpServer},
};
use flowstone_mcp::{HttpServer, Mcp, Target, ToolInfo, Wire};

use super::{ACTIONS, Server, chosen, entries, tools};

const SERVER: Input<String> =
    Input::async_options("Custom MCP Server", "mcpServerId", "listServers")
        .describe("A server of the Tools page that told its tools");

static SPEC: Spec = Spec {
    label: "Custom MCP Server",
    name: "customMcpServerTool",
    version: 1.0,
    kind: "Custom MCP Server Tool",
    icon: "mcp.svg",
    category: "Tools (MCP)",
    description: "Tools of an MCP server that is registered in this workspace",
    base_classes: &["Tool"],
    inputs: &[SERVER.field, ACTIONS.field],
    ..Spec::EMPTY
};

/// The node. Its tools are those that the server told when it was last authorized: what changes
/// there afterwards reaches no model before a person has looked.
pub(crate) struct CustomMcpServerTool;

#[async_trait]
impl Node for CustomMcpServerTool {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    /// A server may be changed at any time, and flows follow.
    fn depends_on_run(&self, _: &str) -> bool {
        true
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let registered = Registered::of(inputs)?;
        let told = told(&registered.find().await?, inputs)?;
        let server: Arc<dyn Server> = Arc::new(registered);
        tools(&told, &chosen(inputs)?, &server, &SERVER.field, inputs)
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        match method {
            "listServers" => {
                let registry = inputs.services.get::<McpRegistry>()?;
                let servers = registry.0.list(&inputs.workspace).await?.into_iter();
                let entry = |it: McpServer| Entry::new(it.id, it.name).describe(it.shown_url);
                Ok(servers.map(entry).collect())
            }
            "listActions" => match Registered::of(inputs) {
                Err(Error::MissingInput { .. }) => Ok(Vec::new()),
                other => Ok(entries(&told(&other?.find().await?, inputs)?)),
            },
            _ => Err(Error::Unsupported(format!("{} has no list {method}", SPEC.label))),
        }
    }
}

fn told(server: &McpServer, inputs: &Inputs) -> Result<Vec<ToolInfo>> {
    let longest = inputs.services.get::<Mcp>()?.settings().description;
    server.tools.iter().map(|it| ToolInfo::read(it, longest)).collect()
}

/// A server that is looked up anew for each call.
struct Registered {
    services: Arc<Services>,
    workspace: String,
    id: String,
}

impl Registered {
    fn of(inputs: &Inputs) -> Result<Self> {
        let (services, workspace) = (inputs.services.clone(), inputs.workspace.clone());
        Ok(Self { services, workspace, id: inputs.get(&SERVER)? })
    }

    async fn find(&self) -> Result<McpServer> {
        let registry = self.services.get::<McpRegistry>()?;
        let found = registry.0.get(&self.workspace, &self.id).await?.ok_or_else(|| {
            Error::invalid(&SERVER.field, "the chosen server is gone: choose another one")
        })?;
        if found.is_authorized {
            return Ok(found);
        }
        let reason = format!(
            "{} has not told its tools since it was last changed: ask it for them on the page Tools, MCP servers, to authorize it",
            found.name
        );
        Err(Error::invalid(&SERVER.field, reason))
    }
}

#[async_trait]
impl Server for Registered {
    async fn target(&self) -> Result<Target> {
        let McpServer { url, headers, .. } = self.find().await?;
        Ok(Target::Http(HttpServer { url, headers, wire: Wire::Either }))
    }
}
