//! Nodes whose tools come from MCP servers, and what they share: the row of actions, how chosen
//! actions become tools, and where a server is.

pub(crate) mod brave_search_mcp;
pub(crate) mod browserless_mcp;
pub(crate) mod custom_mcp;
pub(crate) mod custom_mcp_server_tool;
pub(crate) mod github_mcp;
pub(crate) mod pipedream_mcp;
pub(crate) mod postgresql_mcp;
pub(crate) mod sequential_thinking_mcp;
pub(crate) mod slack_mcp;
pub(crate) mod supergateway_mcp;
pub(crate) mod teradata_mcp;

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Field, Input, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
    node::Entry,
};
use flowstone_mcp::{HttpServer, Mcp, Program, Sessions, Target, ToolInfo, Wire};
use serde_json::{Map, Value};

use crate::{pictures, tools::name_for_models};

/// Which tools of the server the model may call.
pub(super) const ACTIONS: Input<Vec<String>> = {
    let mut it = Input::of("Available Actions", "mcpActions", "asyncMultiOptions")
        .describe("Which tools of the server the model may call. Refresh asks the server for them");
    it.field.load_method = Some("listActions");
    it.field.refresh = true;
    it
};

/// Where a node's server is. It is asked at every call, since a token may have run out meanwhile.
#[async_trait]
pub(super) trait Server: Send + Sync {
    async fn target(&self) -> Result<Target>;
}

#[async_trait]
impl Server for Target {
    async fn target(&self) -> Result<Target> {
        Ok(self.clone())
    }
}

/// A node that differs from others only in where its server is.
pub(crate) struct McpForm {
    spec: &'static Spec,
    /// Where the server is that a form names.
    server: fn(&Inputs) -> Result<Arc<dyn Server>>,
    /// The row to mend where the server may not be used.
    row: &'static Field,
    /// The row that may name what only a call knows.
    reads_run: Option<&'static str>,
}

#[async_trait]
impl Node for McpForm {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let chosen = chosen(inputs)?;
        let server = (self.server)(inputs)?;
        let told = self.told(server.as_ref(), inputs).await?;
        tools(&told, &chosen, &server, self.row, inputs)
    }

    fn reads_run(&self, values: &Map<String, Value>) -> bool {
        self.reads_run
            .and_then(|row| values.get(row))
            .is_some_and(|it| it.to_string().contains("{{"))
    }

    /// Nothing is listed before the form says where the server is.
    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if method != "listActions" {
            return Err(Error::Unsupported(format!("{} has no list {method}", self.spec.label)));
        }
        let server = match (self.server)(inputs) {
            Err(Error::MissingInput { .. }) => return Ok(Vec::new()),
            other => other?,
        };
        Ok(entries(&self.told(server.as_ref(), inputs).await?))
    }
}

impl McpForm {
    async fn told(&self, server: &dyn Server, inputs: &Inputs) -> Result<Vec<ToolInfo>> {
        let mcp = inputs.services.get::<Mcp>()?;
        let sessions = inputs.run.as_ref().map(|run| run.kept.get::<Sessions>());
        let told = mcp.tools(&server.target().await?, sessions.as_deref()).await;
        told.map_err(|error| blame(self.row, error))
    }
}

/// What a server may not do is for the row to mend that names it.
fn blame(row: &Field, error: Error) -> Error {
    match error {
        Error::Unsupported(reason) => Error::invalid(row, reason),
        other => other,
    }
}

/// The chosen actions.
///
/// # Errors
/// `MissingInput` where there are none: such a node would be of no use.
pub(super) fn chosen(inputs: &Inputs) -> Result<Vec<String>> {
    let mut chosen = inputs.get(&ACTIONS)?;
    // Older canvases saved these where they could not list the actions.
    chosen.retain(|it| it != "error" && it != "placeholder");
    if chosen.is_empty() { Err(Error::missing(&ACTIONS.field)) } else { Ok(chosen) }
}

/// Tools as a drop-down shows them, by name.
pub(super) fn entries(told: &[ToolInfo]) -> Vec<Entry> {
    let mut told: Vec<&ToolInfo> = told.iter().collect();
    told.sort_by_key(|it| it.name.to_lowercase());
    let entry = |it: &ToolInfo| {
        Entry::new(it.name.clone(), it.name.to_uppercase()).describe(it.description.clone())
    };
    told.into_iter().map(entry).collect()
}

/// The chosen ones of a server's tools.
///
/// # Errors
/// `InvalidInput` where one of them is gone.
pub(super) fn tools(
    told: &[ToolInfo],
    chosen: &[String],
    server: &Arc<dyn Server>,
    row: &'static Field,
    inputs: &Inputs,
) -> Result<Capability> {
    let longest = inputs.services.get::<Mcp>()?.settings().name;
    let named = |tool: &ToolInfo, name: &str| {
        tool.name == name || name_for_models(&tool.name, "tool") == name
    };
    if let Some(gone) = chosen.iter().find(|name| !told.iter().any(|it| named(it, name))) {
        let there: Vec<&str> = told.iter().map(|it| it.name.as_str()).collect();
        let reason = format!("the server has no {gone} (any more); it has: {}", there.join(", "));
        return Err(Error::invalid(&ACTIONS.field, reason));
    }
    let mut tools: Vec<Arc<dyn Tool>> = Vec::new();
    for tool in told.iter().filter(|it| chosen.iter().any(|name| named(it, name))) {
        let taken = |name: &str| tools.iter().any(|it| it.spec().name == name);
        let spec = ToolSpec {
            name: free_name(&tool.name, longest, taken),
            description: tool.description.clone(),
            parameters: tool.schema.clone(),
        };
        let name = tool.name.clone();
        tools.push(Arc::new(McpTool { spec, name, server: server.clone(), row }));
    }
    Ok(Capability::Tools(tools))
}

/// A name that models take, with a number where another tool has it already.
fn free_name(name: &str, longest: usize, taken: impl Fn(&str) -> bool) -> String {
    let cut = |text: &str, longest: usize| text.chars().take(longest).collect::<String>();
    let plain = cut(&name_for_models(name, "tool"), longest);
    let numbered = (2..).map(|number| {
        let ending = format!("_{number}");
        format!("{}{ending}", cut(&plain, longest.saturating_sub(ending.len())))
    });
    let mut names = std::iter::once(plain.clone()).chain(numbered);
    names.find(|it| !taken(it)).unwrap_or(plain)
}

/// A tool of a server.
struct McpTool {
    spec: ToolSpec,
    /// What the server calls it.
    name: String,
    server: Arc<dyn Server>,
    row: &'static Field,
}

#[async_trait]
impl Tool for McpTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let mcp = run.services.get::<Mcp>()?;
        let sessions = run.kept.get::<Sessions>();
        let target = self.server.target().await?;
        let called = mcp.call(&target, &sessions, &self.name, arguments).await;
        let called = called.map_err(|error| blame(self.row, error))?;
        let text =
            if called.is_error { format!("The tool failed: {}", called.text) } else { called.text };
        let mut artifacts = Vec::new();
        for picture in called.pictures {
            artifacts.extend(pictures::keep(&picture.media_type, &picture.base64, run).await?);
        }
        Ok(ToolResult { text, artifacts, ..ToolResult::default() })
    }
}

/// A server of a vendor that takes a bearer token.
pub(super) fn hosted(url: &str, token: &str) -> Target {
    let headers = vec![("Authorization".to_owned(), format!("Bearer {token}"))];
    Target::Http(HttpServer { url: url.to_owned(), headers, wire: Wire::Either })
}

/// The program that the operator wrote down for `node`, with these arguments and variables.
pub(super) fn program(
    node: &'static str,
    words: Vec<String>,
    environment: &[(&str, &str)],
) -> Arc<dyn Server> {
    let environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Arc::new(Target::Program(Program { node: Some(node), words, environment }))
}

#[cfg(test)]
mod tests;
