//! What the drop-downs of agentflow nodes offer.

use std::sync::Arc;

use flowstone_core::{Capability, Error, Inputs, Result, Services, Spec, Tool, node::Entry};
use serde_json::{Map, Value};

use super::{rows, stores};
use crate::ALL;

/// Tools that take another node in a socket, which a step has none of.
const TOOLS_WITH_SOCKETS: [&str; 3] = ["chainTool", "retrieverTool", "webBrowser"];

/// The entries of the list `method` of the node `spec`.
pub(super) async fn entries(spec: &Spec, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
    match method {
        "listModels" => Ok(nodes_of("Chat Models")),
        "listEmbeddings" => Ok(nodes_of("Embeddings")),
        "listVectorStores" => Ok(nodes_of("Vector Stores")),
        "listTools" => Ok(tools()),
        "listRuntimeStateKeys" => Ok(state_keys(inputs)),
        "listPreviousNodes" => Ok(nodes_before(inputs)),
        "listStores" => stores::entries(inputs).await,
        "listFlows" => flows(inputs).await,
        "listToolInputArgs" => arguments(inputs).await,
        other => Err(Error::Unsupported(format!("{} has no list {other}", spec.label))),
    }
}

fn entry(spec: &Spec) -> Entry {
    Entry {
        image: Some(format!("/api/v1/node-icon/{}", spec.name)),
        ..Entry::new(spec.name, spec.label)
    }
}

fn nodes_of(category: &str) -> Vec<Entry> {
    let specs = ALL.iter().map(|it| it.spec()).filter(|it| it.category == category);
    specs.filter(|it| !it.tags.contains(&"LlamaIndex")).map(entry).collect()
}

fn tools() -> Vec<Entry> {
    let specs = ALL.iter().map(|it| it.spec());
    let tools = specs.filter(|it| ["Tools", "Tools (MCP)"].contains(&it.category));
    tools.filter(|it| !TOOLS_WITH_SOCKETS.contains(&it.name)).map(entry).collect()
}

/// The nodes that stand before the one whose form is open, as the canvas sent them.
fn before(inputs: &Inputs) -> impl Iterator<Item = &Map<String, Value>> {
    let nodes = inputs.values.get("previousNodes").and_then(Value::as_array);
    nodes.into_iter().flatten().filter_map(Value::as_object)
}

fn state_keys(inputs: &Inputs) -> Vec<Entry> {
    let start = before(inputs).find(|it| rows::text(it, "name") == "startAgentflow");
    let state = start.and_then(|it| it.get("inputs")?.get("startState")?.as_array());
    let keys = state.into_iter().flatten().filter_map(|it| it["key"].as_str());
    keys.filter(|it| !it.is_empty()).map(|it| Entry::new(it, it)).collect()
}

fn nodes_before(inputs: &Inputs) -> Vec<Entry> {
    let entry = |node: &Map<String, Value>| {
        let (id, label) = (rows::text(node, "id"), rows::text(node, "label"));
        Entry::new(format!("{id}-{label}"), label).describe(id)
    };
    before(inputs).map(entry).collect()
}

async fn flows(inputs: &Inputs) -> Result<Vec<Entry>> {
    let flows = inputs.services.flows.list(&inputs.workspace).await?;
    let entries = flows.into_iter().map(|flow| {
        let kind = match flow.kind.as_str() {
            "AGENTFLOW" => "Agentflow V2",
            "MULTIAGENT" => "Agentflow V1",
            "ASSISTANT" => "Custom Assistant",
            _ => "Chatflow",
        };
        Entry::new(flow.id, flow.name).describe(kind)
    });
    Ok(entries.collect())
}

/// The arguments of the tool that is chosen in the open form.
async fn arguments(inputs: &Inputs) -> Result<Vec<Entry>> {
    let form = match inputs.values.get("currentNode").and_then(|it| it["inputs"].as_object()) {
        Some(form) if !inputs.values.contains_key(SELECTED_TOOL) => form,
        _ => &inputs.values,
    };
    let name = rows::text(form, SELECTED_TOOL);
    if name.is_empty() {
        return Ok(Vec::new());
    }
    let config = rows::config_in(form, SELECTED_TOOL);
    let tools = build_tools(&name, config, inputs).await?;
    let mut entries: Vec<Entry> = Vec::new();
    for tool in &tools {
        let properties = tool.spec().parameters["properties"].as_object();
        for (name, about) in properties.into_iter().flatten() {
            if entries.iter().any(|it| it.name == *name) {
                continue;
            }
            let mut entry = Entry::new(name, name);
            entry.description = about["description"].as_str().map(str::to_owned);
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// The row in which a step's tool is chosen.
const SELECTED_TOOL: &str = "toolAgentflowSelectedTool";

async fn build_tools(
    name: &str,
    config: Map<String, Value>,
    inputs: &Inputs,
) -> Result<Vec<Arc<dyn Tool>>> {
    let found = ALL.iter().find(|it| it.spec().name == name);
    let Some(node) = found else {
        return Err(Error::Unsupported(format!("this installation has no node {name}")));
    };
    let id =
        ["FLOWISE_CREDENTIAL_ID", "credential"].iter().find_map(|it| config.get(*it)?.as_str());
    let services: Arc<Services> = inputs.services.clone();
    let credential = match id.filter(|it| !it.is_empty()) {
        Some(id) => Some(services.credentials.reveal(&inputs.workspace, id).await?),
        None => None,
    };
    let form = Inputs {
        workspace: inputs.workspace.clone(),
        flow_id: inputs.flow_id.clone(),
        values: config,
        credential,
        output: name.to_owned(),
        ..Inputs::empty(services)
    };
    match node.init(&form).await? {
        Capability::Tool(tool) => Ok(vec![tool]),
        Capability::Tools(tools) => Ok(tools),
        other => {
            let said = format!("{} is a {}, not a tool", node.spec().label, other.kind());
            Err(Error::Unsupported(said))
        }
    }
}
