//! What a flow's ending node needs, in which order: worked out once, before anything is built.

use std::collections::{HashMap, HashSet};

use flowstone_core::{Field, Node};
use serde_json::{Map, Value};

use crate::{
    Catalog, Error, FlowData, Result,
    flow::FlowNode,
    template::{Reference, references},
};

/// Groups of the palette whose nodes answer questions.
const ENDING_CATEGORIES: &[&str] = &["Chains", "Agents", "Engine"];
/// Output by which a utility node says that it ends the flow.
const ENDING_OUTPUT: &str = "EndingNode";

/// The nodes a flow needs to answer, in the order they are built; the ending node is the last.
pub struct Plan {
    pub(crate) steps: Vec<Step>,
    memory: Option<MemoryNode>,
    streams: bool,
}

/// The memory a flow keeps its conversation in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryNode {
    /// Label on the canvas; told to clients as `memoryType`.
    pub label: String,
    /// The conversation its form fixes, where it does.
    pub session_id: Option<String>,
}

/// One node to build.
pub(crate) struct Step {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) node: &'static dyn Node,
    pub(crate) values: Map<String, Value>,
    pub(crate) credential: Option<String>,
    pub(crate) output: String,
    /// Row → places in [`Plan::steps`] of what is plugged in.
    pub(crate) sockets: HashMap<String, Vec<usize>>,
    /// Rows whose text refers to something, with the place of each node they refer to.
    pub(crate) templates: Vec<(String, HashMap<String, usize>)>,
    /// Must be built for each call.
    pub(crate) depends_on_run: bool,
}

impl Plan {
    /// Plans the part of `flow` that answers questions.
    ///
    /// # Errors
    /// Unknown or newer nodes, missing references and circles, each by the labels on the canvas;
    /// but only in the part that is needed, so that a half-drawn corner does not stop the flow.
    pub fn new(flow: &FlowData, catalog: &Catalog) -> Result<Self> {
        Self::ending_at(flow, catalog, ending_node(flow, catalog)?)
    }

    /// Plans what node `id` needs.
    pub(crate) fn for_node(flow: &FlowData, catalog: &Catalog, id: &str) -> Result<Self> {
        let found = flow.nodes.iter().find(|it| it.id == id);
        Self::ending_at(flow, catalog, found.ok_or(Error::NoVectorStore)?)
    }

    fn ending_at(flow: &FlowData, catalog: &Catalog, ending: &FlowNode) -> Result<Self> {
        let mut planner = Planner {
            catalog,
            nodes: flow.nodes.iter().map(|it| (it.id.as_str(), it)).collect(),
            wires: wires(flow),
            done: HashMap::new(),
            path: Vec::new(),
            steps: Vec::new(),
        };
        planner.visit(ending)?;
        let steps = planner.steps;
        let memory = steps.iter().find(|it| it.node.spec().category == "Memory");
        let memory = memory.map(|step| MemoryNode {
            label: step.label.clone(),
            session_id: step
                .values
                .get("sessionId")
                .and_then(Value::as_str)
                .filter(|it| !it.is_empty())
                .map(str::to_owned),
        });
        let streams = steps.iter().all(|it| it.node.streams(&it.values));
        Ok(Self { steps, memory, streams })
    }

    /// The memory node, where the flow has one.
    pub fn memory(&self) -> Option<&MemoryNode> {
        self.memory.as_ref()
    }

    /// Whether the flow can tell its answer in pieces.
    pub fn streams(&self) -> bool {
        self.streams
    }

    /// Ids of the nodes that answer, in the order they are built.
    pub fn node_ids(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|it| it.id.as_str())
    }
}

/// The node to run: one that can end a flow and hands nothing on.
fn ending_node<'a>(flow: &'a FlowData, catalog: &Catalog) -> Result<&'a FlowNode> {
    let sources: HashSet<&str> = flow.edges.iter().map(|it| it.source.as_str()).collect();
    let loose = || flow.nodes.iter().filter(|it| !sources.contains(it.id.as_str()));
    let ends = |node: &&FlowNode| {
        let Some(kind) = catalog.get(&node.data.name) else { return false };
        let chosen = node.data.outputs.get("output").and_then(Value::as_str);
        chosen == Some(ENDING_OUTPUT)
            || (ENDING_CATEGORIES.contains(&kind.spec().category)
                && chosen.is_none_or(|it| it.is_empty() || it == kind.spec().name))
    };
    if let Some(node) = loose().find(ends) {
        return Ok(node);
    }
    // Name what is unknown rather than say that nothing ends the flow.
    match loose().find(|it| catalog.get(&it.data.name).is_none()) {
        Some(node) => Err(unknown(node)),
        None if flow.edges.is_empty() => Err(Error::NoEnding),
        // Every node hands something on: most likely they form a circle.
        None => match flow.nodes.iter().find(|it| !sources.is_empty() && ends(it)) {
            Some(node) => Ok(node),
            None => Err(Error::NoEnding),
        },
    }
}

/// Target node → row → source nodes, in the order the wires were drawn.
fn wires(flow: &FlowData) -> HashMap<&str, HashMap<&str, Vec<&str>>> {
    let mut map: HashMap<&str, HashMap<&str, Vec<&str>>> = HashMap::new();
    for edge in &flow.edges {
        if let Some(row) = edge.target_input() {
            map.entry(&edge.target).or_default().entry(row).or_default().push(&edge.source);
        }
    }
    map
}

fn unknown(node: &FlowNode) -> Error {
    Error::UnknownNode { label: label(node), name: node.data.name.clone() }
}

fn label(node: &FlowNode) -> String {
    if node.data.label.is_empty() { node.id.clone() } else { node.data.label.clone() }
}

struct Planner<'a> {
    catalog: &'a Catalog,
    nodes: HashMap<&'a str, &'a FlowNode>,
    wires: HashMap<&'a str, HashMap<&'a str, Vec<&'a str>>>,
    done: HashMap<&'a str, usize>,
    /// The nodes being visited, for finding circles.
    path: Vec<&'a FlowNode>,
    steps: Vec<Step>,
}

impl<'a> Planner<'a> {
    /// Plans `node` after everything it needs; returns its place.
    fn visit(&mut self, node: &'a FlowNode) -> Result<usize> {
        if let Some(place) = self.done.get(node.id.as_str()) {
            return Ok(*place);
        }
        if let Some(start) = self.path.iter().position(|it| it.id == node.id) {
            let mut circle: Vec<String> = self.path[start..].iter().map(|it| label(it)).collect();
            circle.push(label(node));
            return Err(Error::Cycle(circle));
        }
        let kind = self.catalog.get(&node.data.name).ok_or_else(|| unknown(node))?;
        check_version(node, kind)?;
        self.path.push(node);
        let mut sockets = HashMap::new();
        let mut templates = Vec::new();
        let mut depends_on_run = false;
        for field in kind.spec().inputs {
            if field.is_socket() {
                let places = self.plugs(node, field)?;
                if !places.is_empty() {
                    sockets.insert(field.name.to_owned(), places);
                }
                continue;
            }
            let Some(value) = node.data.inputs.get(field.name) else { continue };
            if !field.accept_variable {
                continue;
            }
            let found = references(value);
            if found.is_empty() {
                continue;
            }
            let mut named = HashMap::new();
            for reference in found {
                depends_on_run |= reference.depends_on_run();
                if let Reference::Node { id, .. } = reference {
                    let place = self.refer(node, field, &id)?;
                    named.insert(id, place);
                }
            }
            templates.push((field.name.to_owned(), named));
        }
        self.path.pop();
        let output = node.data.outputs.get("output").and_then(Value::as_str);
        let output = output.filter(|it| !it.is_empty()).unwrap_or(kind.spec().name).to_owned();
        let needs = sockets.values().flatten().chain(templates.iter().flat_map(|it| it.1.values()));
        depends_on_run |= kind.depends_on_run(&output)
            || needs.into_iter().any(|place: &usize| self.steps[*place].depends_on_run);
        self.steps.push(Step {
            id: node.id.clone(),
            label: label(node),
            node: kind,
            values: node.data.inputs.clone(),
            credential: node.data.credential_id().map(str::to_owned),
            output,
            sockets,
            templates,
            depends_on_run,
        });
        self.done.insert(&node.id, self.steps.len() - 1);
        Ok(self.steps.len() - 1)
    }

    /// What is plugged into a socket: what its value refers to, else the wires drawn to it.
    fn plugs(&mut self, node: &'a FlowNode, field: &Field) -> Result<Vec<usize>> {
        let saved = node.data.inputs.get(field.name).map(references).unwrap_or_default();
        let mut ids: Vec<String> = saved
            .into_iter()
            .filter_map(|it| match it {
                Reference::Node { id, .. } => Some(id),
                _ => None,
            })
            .collect();
        let drawn = self.wires.get(node.id.as_str()).and_then(|rows| rows.get(field.name));
        for id in drawn.into_iter().flatten() {
            if !ids.iter().any(|it| it == id) && (field.list || ids.is_empty()) {
                ids.push((*id).to_owned());
            }
        }
        ids.iter().map(|id| self.refer(node, field, id)).collect()
    }

    fn refer(&mut self, node: &'a FlowNode, field: &Field, id: &str) -> Result<usize> {
        match self.nodes.get(id).copied() {
            Some(target) => self.visit(target),
            None => Err(Error::MissingReference {
                label: label(node),
                row: field.label.to_owned(),
                target: id.to_owned(),
            }),
        }
    }
}

/// Flows of older versions run; one saved by a later major version may mean other things.
fn check_version(node: &FlowNode, kind: &'static dyn Node) -> Result<()> {
    let saved = match &node.data.version {
        Value::Null => return Ok(()),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let ours = kind.spec().version;
    match saved {
        Some(saved) if saved.floor() <= ours.floor() => Ok(()),
        _ => {
            Err(Error::NewerNode { label: label(node), saved: node.data.version.to_string(), ours })
        }
    }
}
