//! What a flow's ending node needs, in which order: worked out once, before anything is built.

use std::collections::{HashMap, HashSet};

use flowstone_core::{Field, Node};
use serde_json::{Map, Value};

use crate::{
    Catalog, Error, FlowData, Result,
    flow::FlowNode,
    sequential::Wire,
    template::{Reference, references},
    trace::At,
};

/// Groups of the palette whose nodes answer questions.
const ENDING_CATEGORIES: &[&str] = &["Chains", "Agents", "Engine"];
/// Groups whose nodes are the members of an agentflow of the first version.
const MEMBER_CATEGORIES: &[&str] = &["Multi Agents", "Sequential Agents"];
/// Output by which a utility node says that it ends the flow.
const ENDING_OUTPUT: &str = "EndingNode";

/// The nodes a flow needs to answer, in the order they are built.
pub struct Plan {
    pub(crate) steps: Vec<Step>,
    /// Places in [`steps`](Self::steps) of the nodes that may answer: one, or where the flow forks
    /// one for each way. The first that is not on a way that was not taken answers.
    pub(crate) endings: Vec<usize>,
    /// What the flow is made of where it is an agentflow of the first version.
    pub(crate) members: Option<Members>,
    memory: Option<MemoryNode>,
    streams: bool,
}

/// The members of an agentflow of the first version.
#[derive(Default)]
pub(crate) struct Members {
    /// Places in [`Plan::steps`].
    pub(crate) places: Vec<usize>,
    /// Wires between them, by their order in `places`.
    pub(crate) wires: Vec<Wire>,
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
    /// Places of forks it is wired to, with the way it is on.
    pub(crate) ways: Vec<(usize, String)>,
    /// Must be built for each call.
    pub(crate) depends_on_run: bool,
    /// Lies behind a fork: some calls do not come here.
    behind_fork: bool,
}

impl Step {
    /// The node, as spans and failures name it.
    pub(crate) fn at(&self) -> At {
        At { id: self.id.clone(), label: self.label.clone(), name: self.node.spec().name }
    }

    /// Name of the variable of the run whose value the caller is told.
    pub(crate) fn told_variable(&self) -> Option<&str> {
        self.node.sets_variable(&self.values).filter(|it| it.is_told).map(|it| it.name)
    }
}

impl Plan {
    /// Plans the part of `flow` that answers questions.
    ///
    /// # Errors
    /// Unknown or newer nodes, missing references and circles, each by the labels on the canvas;
    /// but only in the part that is needed, so that a half-drawn corner does not stop the flow.
    pub fn new(flow: &FlowData, catalog: &Catalog) -> Result<Self> {
        if flow.nodes.iter().any(|it| is_member(it, catalog)) {
            return Self::of_members(flow, catalog);
        }
        let candidates = ending_nodes(flow, catalog)?;
        let mut planner = Planner::new(flow, catalog);
        let mut endings = Vec::new();
        for (at, ending) in candidates.into_iter().enumerate() {
            if at == 0 {
                endings.push(planner.visit(ending)?);
                continue;
            }
            // A second ending is one only where the flow forks on the way to it.
            if !planner.steps[endings[0]].behind_fork {
                break;
            }
            let before = planner.mark();
            let place = planner.visit(ending)?;
            if planner.steps[place].behind_fork {
                endings.push(place);
            } else {
                planner.go_back(before);
            }
        }
        for node in &flow.nodes {
            let sets = catalog.get(&node.data.name);
            if sets.is_some_and(|it| it.sets_variable(&node.data.inputs).is_some()) {
                let before = planner.mark();
                if planner.visit(node).is_err() {
                    planner.go_back(before);
                }
            }
        }
        Ok(planner.plan(endings))
    }

    /// Plans all members that are wired to something.
    fn of_members(flow: &FlowData, catalog: &Catalog) -> Result<Self> {
        let ends = flow.edges.iter().flat_map(|it| [it.source.as_str(), it.target.as_str()]);
        let wired: HashSet<&str> = ends.collect();
        let mut planner = Planner::new(flow, catalog);
        let (mut members, mut seats) = (Members::default(), HashMap::new());
        for node in &flow.nodes {
            if wired.contains(node.id.as_str()) && catalog.get(&node.data.name).is_none() {
                return Err(unknown(node));
            }
            if wired.contains(node.id.as_str()) && is_member(node, catalog) {
                let place = planner.visit(node)?;
                seats.insert(node.id.as_str(), members.places.len());
                members.places.push(place);
            }
        }
        for edge in &flow.edges {
            let seats = (seats.get(edge.source.as_str()), seats.get(edge.target.as_str()));
            let (Some(from), Some(to)) = seats else { continue };
            let source = planner.nodes.get(edge.source.as_str());
            let label = source.and_then(|it| it.data.output_label(&edge.source_handle));
            let way = label.or(edge.source_output()).unwrap_or_default().to_owned();
            let wire = Wire { from: *from, to: *to, way };
            if !members.wires.contains(&wire) {
                members.wires.push(wire);
            }
        }
        let plan = planner.plan(Vec::new());
        Ok(Self { members: Some(members), streams: true, ..plan })
    }

    /// Plans what node `id` needs.
    pub(crate) fn for_node(flow: &FlowData, catalog: &Catalog, id: &str) -> Result<Self> {
        let found = flow.nodes.iter().find(|it| it.id == id);
        let mut planner = Planner::new(flow, catalog);
        let place = planner.visit(found.ok_or(Error::NoVectorStore)?)?;
        Ok(planner.plan(vec![place]))
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

/// Whether a node is a member of an agentflow of the first version.
fn is_member(node: &FlowNode, catalog: &Catalog) -> bool {
    let kind = catalog.get(&node.data.name);
    kind.is_some_and(|it| MEMBER_CATEGORIES.contains(&it.spec().category))
}

/// The nodes that may be run, at least one: they can end a flow and hand nothing on.
fn ending_nodes<'a>(flow: &'a FlowData, catalog: &Catalog) -> Result<Vec<&'a FlowNode>> {
    let sources: HashSet<&str> = flow.edges.iter().map(|it| it.source.as_str()).collect();
    let loose = || flow.nodes.iter().filter(|it| !sources.contains(it.id.as_str()));
    let ends = |node: &&FlowNode| {
        let Some(kind) = catalog.get(&node.data.name) else { return false };
        let chosen = node.data.outputs.get("output").and_then(Value::as_str);
        chosen == Some(ENDING_OUTPUT)
            || (ENDING_CATEGORIES.contains(&kind.spec().category)
                && chosen.is_none_or(|it| {
                    it.is_empty() || it == kind.spec().name || it == node.data.name
                }))
    };
    let found: Vec<&FlowNode> = loose().filter(ends).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    // Name what is unknown rather than say that nothing ends the flow.
    match loose().find(|it| catalog.get(&it.data.name).is_none()) {
        Some(node) => Err(unknown(node)),
        None if flow.edges.is_empty() => Err(Error::NoEnding),
        // Every node hands something on: most likely they form a circle.
        None => match flow.nodes.iter().find(|it| !sources.is_empty() && ends(it)) {
            Some(node) => Ok(vec![node]),
            None => Err(Error::NoEnding),
        },
    }
}

/// Target node → row → source nodes, in the order the wires were drawn.
type Wires<'a> = HashMap<&'a str, HashMap<&'a str, Vec<&'a str>>>;

fn wires(flow: &FlowData) -> Wires<'_> {
    let mut map = Wires::new();
    for edge in &flow.edges {
        if let Some(row) = edge.target_input() {
            map.entry(&edge.target).or_default().entry(row).or_default().push(&edge.source);
        }
    }
    map
}

pub(crate) fn unknown(node: &FlowNode) -> Error {
    Error::UnknownNode { label: label(node), name: node.data.name.clone() }
}

/// What the canvas calls a node.
pub(crate) fn label(node: &FlowNode) -> String {
    if node.data.label.is_empty() { node.id.clone() } else { node.data.label.clone() }
}

struct Planner<'a> {
    catalog: &'a Catalog,
    flow: &'a FlowData,
    nodes: HashMap<&'a str, &'a FlowNode>,
    wires: Wires<'a>,
    done: HashMap<&'a str, usize>,
    /// The nodes being visited, for finding circles.
    path: Vec<&'a FlowNode>,
    steps: Vec<Step>,
}

impl<'a> Planner<'a> {
    fn new(flow: &'a FlowData, catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            flow,
            nodes: flow.nodes.iter().map(|it| (it.id.as_str(), it)).collect(),
            wires: wires(flow),
            done: HashMap::new(),
            path: Vec::new(),
            steps: Vec::new(),
        }
    }

    fn plan(self, endings: Vec<usize>) -> Plan {
        let steps = self.steps;
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
        Plan { steps, endings, members: None, memory, streams }
    }

    /// How far the plan has come.
    fn mark(&self) -> usize {
        self.steps.len()
    }

    /// Forgets what was planned since.
    fn go_back(&mut self, mark: usize) {
        self.steps.truncate(mark);
        self.done.retain(|_, place| *place < mark);
        self.path.clear();
    }

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
        if let Some(variable) = kind.gets_variable(&node.data.inputs) {
            self.visit_setters(variable)?;
        }
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
                    // What a member says is only known when the run comes there.
                    let target = self.nodes.get(id.as_str());
                    if target.is_some_and(|it| is_member(it, self.catalog)) {
                        continue;
                    }
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
        let needs: Vec<usize> = needs.copied().collect();
        depends_on_run |= kind.depends_on_run(&output)
            || kind.reads_run(&node.data.inputs)
            || needs.iter().any(|place| self.steps[*place].depends_on_run);
        let ways = self.ways(node, &needs);
        let behind_fork =
            !ways.is_empty() || needs.iter().any(|place| self.steps[*place].behind_fork);
        self.steps.push(Step {
            id: node.id.clone(),
            label: label(node),
            node: kind,
            values: node.data.inputs.clone(),
            credential: node.data.credential_id().map(str::to_owned),
            output,
            sockets,
            templates,
            ways,
            depends_on_run,
            behind_fork,
        });
        self.done.insert(&node.id, self.steps.len() - 1);
        Ok(self.steps.len() - 1)
    }

    /// Plans all nodes that set a variable of the run, but those that wait for this one themselves.
    fn visit_setters(&mut self, variable: &str) -> Result<()> {
        for node in &self.flow.nodes {
            let sets = self.catalog.get(&node.data.name);
            let sets = sets.and_then(|it| it.sets_variable(&node.data.inputs));
            if sets.is_some_and(|it| it.name == variable)
                && !self.path.iter().any(|it| it.id == node.id)
            {
                self.visit(node)?;
            }
        }
        Ok(())
    }

    /// The forks among `needs`, with the way on which `node` is wired to them.
    fn ways(&self, node: &FlowNode, needs: &[usize]) -> Vec<(usize, String)> {
        let mut ways = Vec::new();
        for place in needs {
            let fork = &self.steps[*place];
            if fork.node.spec().anchors.is_empty() {
                continue;
            }
            let wires = self.flow.edges.iter();
            let wires = wires.filter(|it| it.source == fork.id && it.target == node.id);
            ways.extend(wires.filter_map(|it| Some((*place, it.source_output()?.to_owned()))));
        }
        ways
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
pub(crate) fn check_version(node: &FlowNode, kind: &'static dyn Node) -> Result<()> {
    // A former name's versions say nothing of the node that took its place.
    if node.data.name != kind.spec().name {
        return Ok(());
    }
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
