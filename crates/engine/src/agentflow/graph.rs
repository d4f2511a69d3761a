//! The nodes of an agentflow and the wires along which a run walks: worked out once per flow.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use flowstone_core::Node;
use serde_json::{Map, Value};

use super::envelope::Envelope;
use crate::{
    Catalog, Error, FlowData, Result,
    plan::{check_version, label, unknown},
};

/// The kind of node that only says something to the people at the canvas.
const NOTE: &str = "StickyNote";
/// The output that a wire leaves by which is walked where the node failed.
const ERROR_OUTPUT: &str = "error";

/// What may be walked.
pub struct Graph {
    pub(crate) places: Vec<Place>,
    by_id: HashMap<String, usize>,
    start: usize,
}

/// One node.
pub(crate) struct Place {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) node: &'static dyn Node,
    pub(crate) values: Map<String, Value>,
    pub(crate) credential: Option<String>,
    pub(crate) envelope: Envelope,
    /// What it gives without running, where the flow is tried out.
    pub(crate) pinned: Option<Map<String, Value>>,
    /// Whether a run stops before it, where the flow is tried out.
    pub(crate) breakpoint: bool,
    /// The iteration it is inside of.
    pub(crate) parent: Option<String>,
    pub(crate) wires: Vec<Wire>,
    /// Where its wires come from, in order.
    pub(crate) parents: Vec<usize>,
    /// What must have finished before it: one of each group.
    pub(crate) needs: Vec<Group>,
}

/// Nodes of which one is enough.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// The decision that they are below of; none for a node that always has its turn.
    pub(crate) below: Option<usize>,
    pub(crate) parents: Vec<usize>,
}

/// A wire to another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wire {
    /// The output it leaves by, where the node has several.
    pub(crate) way: Option<usize>,
    /// Whether it is walked only where the node failed.
    pub(crate) on_error: bool,
    pub(crate) target: usize,
}

impl Place {
    /// Whether a run goes on from only some of its outputs.
    fn decides(&self) -> bool {
        self.wires.iter().any(|it| it.way.is_some() || it.on_error)
    }
}

impl Graph {
    /// Reads `flow`. Notes are left out.
    ///
    /// # Errors
    /// Unknown or newer nodes, wires to nodes that are not there, and a flow without exactly one
    /// beginning, each by the labels on the canvas.
    pub fn new(flow: &FlowData, catalog: &Catalog) -> Result<Self> {
        let mut places = Vec::with_capacity(flow.nodes.len());
        for node in &flow.nodes {
            let kind = catalog.get(&node.data.name).ok_or_else(|| unknown(node))?;
            if kind.spec().kind == NOTE {
                continue;
            }
            check_version(node, kind)?;
            places.push(Place {
                id: node.id.clone(),
                label: label(node),
                node: kind,
                values: node.data.inputs.clone(),
                credential: node.data.credential_id().map(str::to_owned),
                envelope: Envelope::parse(&node.data.envelope),
                pinned: node.data.pinned_output.as_object().cloned(),
                breakpoint: node.data.breakpoint == true,
                parent: node.parent_node.clone().filter(|it| !it.is_empty()),
                wires: Vec::new(),
                parents: Vec::new(),
                needs: Vec::new(),
            });
        }
        let by_id: HashMap<String, usize> =
            places.iter().enumerate().map(|(at, it)| (it.id.clone(), at)).collect();
        let notes: HashSet<&str> = flow
            .nodes
            .iter()
            .filter(|it| !by_id.contains_key(&it.id))
            .map(|it| it.id.as_str())
            .collect();
        for edge in &flow.edges {
            if notes.contains(edge.source.as_str()) || notes.contains(edge.target.as_str()) {
                continue;
            }
            let Some(source) = by_id.get(&edge.source) else {
                return Err(missing(&places, &by_id, &edge.target, &edge.source));
            };
            let Some(target) = by_id.get(&edge.target) else {
                return Err(missing(&places, &by_id, &edge.source, &edge.target));
            };
            let output = edge.source_output();
            let way = output.and_then(|it| it.parse().ok());
            let on_error = output == Some(ERROR_OUTPUT);
            places[*source].wires.push(Wire { way, on_error, target: *target });
            if !places[*target].parents.contains(source) {
                places[*target].parents.push(*source);
            }
        }
        for at in 0..places.len() {
            places[at].needs = needs(&places, at);
        }
        let mut starts = places.iter().enumerate().filter(|(_, it)| it.parents.is_empty());
        let mut starts = starts.by_ref().filter(|(_, it)| it.parent.is_none());
        let start = starts.next().map(|(at, _)| at).ok_or(Error::NoStart)?;
        let others: Vec<String> = starts.map(|(_, it)| it.label.clone()).collect();
        if !others.is_empty() {
            let mut labels = vec![places[start].label.clone()];
            labels.extend(others);
            return Err(Error::SeveralStarts(labels));
        }
        let graph = Self { places, by_id, start };
        graph.check_insides()?;
        graph.check_circles()?;
        Ok(graph)
    }

    /// What is inside of an iteration begins once, too.
    fn check_insides(&self) -> Result<()> {
        for place in &self.places {
            let starts = self.starts_inside(&place.id);
            if starts.len() > 1 {
                let label = |id: &String| self.label(id).unwrap_or_default().to_owned();
                return Err(Error::SeveralStarts(starts.iter().map(label).collect()));
            }
        }
        Ok(())
    }

    /// Nodes in a circle would wait for each other: the way back is a node of its own.
    fn check_circles(&self) -> Result<()> {
        // What nothing open leads to is taken away until nothing is left, or only circles and what is
        // behind them.
        let mut before: Vec<usize> = self.places.iter().map(|it| it.parents.len()).collect();
        let mut free: Vec<usize> = (0..before.len()).filter(|at| before[*at] == 0).collect();
        while let Some(at) = free.pop() {
            let targets: HashSet<usize> =
                self.places[at].wires.iter().map(|it| it.target).collect();
            for target in targets {
                before[target] -= 1;
                if before[target] == 0 {
                    free.push(target);
                }
            }
        }
        let Some(mut at) = before.iter().position(|it| *it > 0) else { return Ok(()) };
        let mut way = vec![at];
        loop {
            // Each of them has another of them before it.
            let Some(parent) = self.places[at].parents.iter().find(|it| before[**it] > 0) else {
                return Ok(());
            };
            at = *parent;
            let seen = way.iter().position(|it| it == parent);
            way.push(at);
            if let Some(seen) = seen {
                let labels = way[seen..].iter().rev().map(|it| self.places[*it].label.clone());
                return Err(Error::Cycle(labels.collect()));
            }
        }
    }

    /// Id of the node that begins.
    pub fn start(&self) -> &str {
        &self.places[self.start].id
    }

    /// What is filled into the node that begins.
    pub fn start_values(&self) -> &Map<String, Value> {
        &self.places[self.start].values
    }

    /// Label of the node `id`.
    pub fn label(&self, id: &str) -> Option<&str> {
        self.get(id).map(|it| it.label.as_str())
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Place> {
        self.by_id.get(id).map(|at| &self.places[*at])
    }

    /// Whether the node `id` is inside of `iteration`, also where others are between.
    pub(crate) fn is_inside(&self, id: &str, iteration: &str) -> bool {
        let parents = std::iter::successors(self.get(id), |it| self.get(it.parent.as_deref()?));
        // Nobody nests deeper than there are nodes.
        parents.take(self.places.len()).any(|it| it.parent.as_deref() == Some(iteration))
    }

    /// The nodes inside of `iteration` that nothing there leads to, in the order they were placed.
    pub(crate) fn starts_inside(&self, iteration: &str) -> Vec<String> {
        let inside = |place: &&Place| place.parent.as_deref() == Some(iteration);
        let first = |place: &&Place| {
            !place.parents.iter().any(|at| self.places[*at].parent.as_deref() == Some(iteration))
        };
        self.places.iter().filter(inside).filter(first).map(|it| it.id.clone()).collect()
    }

    /// Ids of the nodes whose wires lead to `place`, in order.
    pub(crate) fn parent_ids(&self, place: &Place) -> Vec<String> {
        place.parents.iter().map(|at| self.places[*at].id.clone()).collect()
    }

    /// Every node that a run may come to from `id`, itself included.
    pub(crate) fn reachable(&self, id: &str) -> HashSet<&str> {
        let mut found = HashSet::new();
        let mut waiting: VecDeque<usize> = self.by_id.get(id).copied().into_iter().collect();
        while let Some(at) = waiting.pop_front() {
            if found.insert(self.places[at].id.as_str()) {
                waiting.extend(self.places[at].wires.iter().map(|it| it.target));
            }
        }
        found
    }
}

/// Groups the parents of a node: those below one decision stand for each other, as only one of the
/// decision's ways is walked; all others must have finished.
fn needs(places: &[Place], at: usize) -> Vec<Group> {
    let mut below: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut groups = Vec::new();
    for parent in &places[at].parents {
        match nearest_decision(places, *parent) {
            Some(decision) => below.entry(decision).or_default().push(*parent),
            None => groups.push(Group { below: None, parents: vec![*parent] }),
        }
    }
    let below = below.into_iter();
    groups.extend(below.map(|(decision, parents)| Group { below: Some(decision), parents }));
    groups
}

/// The decision nearest to `from` on the way back to the beginning, itself included.
fn nearest_decision(places: &[Place], from: usize) -> Option<usize> {
    let mut seen = HashSet::new();
    let mut waiting = VecDeque::from([from]);
    while let Some(at) = waiting.pop_front() {
        if !seen.insert(at) {
            continue;
        }
        if places[at].decides() {
            return Some(at);
        }
        waiting.extend(places[at].parents.iter().copied());
    }
    None
}

fn missing(places: &[Place], by_id: &HashMap<String, usize>, known: &str, gone: &str) -> Error {
    let label = by_id.get(known).map_or(known, |at| places[*at].label.as_str());
    Error::MissingReference {
        label: label.to_owned(),
        row: "a wire".to_owned(),
        target: gone.to_owned(),
    }
}
