//! Turns a model's draft into a flow as the canvas saves it, or says what is wrong with it.

use std::collections::HashMap;

use flowstone_core::Node;
use flowstone_engine::{FlowData, agentflow::Graph};
use serde_json::{Map, Value, json};

use super::{
    draft::{Draft, DraftNode},
    form::Form,
    layout,
    offer::{MODELS, Offer},
};
use crate::{
    AppState,
    checklist::{self, Chosen},
};

/// The step that a flow begins with.
const START: &str = "startAgentflow";
/// The step that others stand inside of.
const ITERATION: &str = "iterationAgentflow";
/// The step that waits for a person.
const HUMAN: &str = "humanInputAgentflow";
/// Most findings that are told at once.
const MOST_FINDINGS: usize = 20;

/// A node that is being placed.
struct Placed<'a> {
    drawn: &'a DraftNode,
    step: &'static dyn Node,
    id: String,
    label: String,
    values: Map<String, Value>,
}

/// Places a draft: its nodes and edges, whole and valid.
///
/// # Errors
/// What is wrong with it, one sentence each.
pub(super) fn place(
    draft: &Draft,
    offer: &Offer,
    model: &Value,
    state: &AppState,
) -> Result<Value, Vec<String>> {
    let mut findings = Vec::new();
    let mut nodes = named(draft, offer, &mut findings);
    let ids: HashMap<String, (String, String)> =
        nodes.iter().map(|it| (it.drawn.id.clone(), (it.id.clone(), it.label.clone()))).collect();
    for node in &mut nodes {
        let mut form =
            Form { offer, ids: &ids, at: node.drawn.id.as_str(), findings: &mut findings };
        node.values = form.values(node.step, &node.drawn.settings);
        choose_model(node, model);
    }
    check_structure(draft, &nodes, &mut findings);
    let edges = edges(draft, &nodes, &mut findings);
    if !findings.is_empty() {
        findings.truncate(MOST_FINDINGS);
        return Err(findings);
    }
    let edges_of: Vec<(&str, &str)> =
        draft.edges.iter().map(|it| (it.from.as_str(), it.to.as_str())).collect();
    let steps: Vec<layout::Step<'_>> = nodes
        .iter()
        .map(|it| layout::Step {
            id: &it.drawn.id,
            inside: it.drawn.inside.as_deref().filter(|it| !it.is_empty()),
        })
        .collect();
    let boxes = layout::lay_out(&steps, &edges_of);
    let nodes: Vec<Value> =
        nodes.iter().zip(&boxes).map(|(node, place)| canvas_node(node, place, &ids)).collect();
    let flow = json!({ "nodes": nodes, "edges": edges });
    check_flow(&flow, state).map(|()| flow)
}

/// The nodes with their ids on the canvas.
fn named<'a>(draft: &'a Draft, offer: &Offer, findings: &mut Vec<String>) -> Vec<Placed<'a>> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut nodes: Vec<Placed<'a>> = Vec::new();
    for drawn in &draft.nodes {
        let Some(step) = offer.step(&drawn.kind) else {
            let known: Vec<&str> = offer.steps.iter().map(|it| it.spec().name).collect();
            findings.push(format!(
                "node {}: there is no kind {}; the kinds are {}",
                drawn.id,
                drawn.kind,
                known.join(", ")
            ));
            continue;
        };
        if nodes.iter().any(|it| it.drawn.id == drawn.id) {
            findings.push(format!("there are several nodes with the id {}", drawn.id));
            continue;
        }
        let spec = step.spec();
        let number = counts.entry(spec.name).or_default();
        let label = drawn.label.as_deref().map(str::trim).filter(|it| !it.is_empty());
        let label = label.map_or_else(|| format!("{} {number}", spec.label), str::to_owned);
        let label = if spec.name == START { spec.label.to_owned() } else { label };
        nodes.push(Placed {
            drawn,
            step,
            id: format!("{}_{number}", spec.name),
            label,
            values: Map::new(),
        });
        *number += 1;
    }
    nodes
}

/// Fills in which model is asked, as the caller chose it.
fn choose_model(node: &mut Placed<'_>, model: &Value) {
    let name = model["name"].as_str().unwrap_or_default();
    for row in node.step.spec().inputs.iter().filter(|it| it.load_method == Some(MODELS)) {
        let shown = serde_json::to_value(row).unwrap_or_default();
        if !checklist::is_shown(&shown, &node.values) {
            continue;
        }
        let mut config = model["inputs"].as_object().cloned().unwrap_or_default();
        config.retain(|_, value| !value.is_null() && *value != "");
        let credential = [&model["credential"], &model["inputs"]["FLOWISE_CREDENTIAL_ID"]];
        let credential =
            credential.into_iter().find_map(|it| it.as_str().filter(|it| !it.is_empty()));
        if let Some(id) = credential {
            config.insert("credential".to_owned(), id.into());
            config.insert("FLOWISE_CREDENTIAL_ID".to_owned(), id.into());
        }
        config.insert(row.name.to_owned(), name.into());
        node.values.insert(row.name.to_owned(), name.into());
        node.values.insert(format!("{}Config", row.name), config.into());
    }
}

/// What a flow must keep to that no single row tells.
fn check_structure(draft: &Draft, nodes: &[Placed<'_>], findings: &mut Vec<String>) {
    let kind = |id: &str| nodes.iter().find(|it| it.drawn.id == id).map(|it| it.step.spec().name);
    let starts = nodes.iter().filter(|it| it.step.spec().name == START).count();
    if starts != 1 {
        findings.push(format!("exactly one node is of the kind {START}, and there are {starts}"));
    }
    for node in nodes {
        let (id, name) = (&node.drawn.id, node.step.spec().name);
        let Some(inside) = node.drawn.inside.as_deref().filter(|it| !it.is_empty()) else {
            continue;
        };
        if kind(inside) != Some(ITERATION) {
            findings.push(format!("node {id}: it is inside of {inside}, which is no {ITERATION}"));
        }
        if [START, ITERATION, HUMAN].contains(&name) {
            findings
                .push(format!("node {id}: a node of the kind {name} cannot be inside of another"));
        }
    }
    for edge in &draft.edges {
        let inside = |id: &str| {
            let node = draft.nodes.iter().find(|it| it.id == id);
            node.and_then(|it| it.inside.as_deref()).filter(|it| !it.is_empty())
        };
        if inside(&edge.from) != inside(&edge.to) {
            findings.push(format!(
                "wire from {} to {}: it leads into or out of an iteration; wire the iteration itself",
                edge.from, edge.to
            ));
        }
    }
}

/// The wires as the canvas saves them.
fn edges(draft: &Draft, nodes: &[Placed<'_>], findings: &mut Vec<String>) -> Vec<Value> {
    let mut edges: Vec<Value> = Vec::new();
    for edge in &draft.edges {
        let find = |id: &str| nodes.iter().find(|it| it.drawn.id == id);
        let wire = format!("wire from {} to {}", edge.from, edge.to);
        let (Some(from), Some(to)) = (find(&edge.from), find(&edge.to)) else {
            let known = |id: &str| draft.nodes.iter().any(|it| it.id == id);
            // A node of an unknown kind is told of already.
            if !(known(&edge.from) && known(&edge.to)) {
                findings.push(format!("{wire}: one of them is not there"));
            }
            continue;
        };
        let (source, target) = (from.step.spec(), to.step.spec());
        if target.hide_input {
            findings.push(format!("{wire}: no wire leads to a {}", target.name));
        }
        if source.hide_output {
            findings.push(format!("{wire}: no wire leads on from a {}", source.name));
        }
        let ways = ways(from);
        let handle = match (ways, edge.way) {
            (0, _) => format!("{}-output-{}", from.id, source.name),
            (_, Some(way)) if way < ways => format!("{}-output-{way}", from.id),
            _ => {
                findings.push(format!("{wire}: way is a number from 0 to {}", ways - 1));
                continue;
            }
        };
        let is_human = source.name == HUMAN;
        let label = edge.way.filter(|_| ways > 0).map(|way| match (is_human, way) {
            (true, 0) => "proceed".to_owned(),
            (true, _) => "reject".to_owned(),
            (false, way) => way.to_string(),
        });
        let id = format!("{}-{handle}-{}-{}", from.id, to.id, to.id);
        if edges.iter().any(|it| it["id"] == id.as_str()) {
            continue;
        }
        let mut data = json!({
            "sourceColor": source.color.unwrap_or("#000000"),
            "targetColor": target.color.unwrap_or("#000000"),
            "isHumanInput": is_human,
        });
        if let Some(label) = label {
            data["edgeLabel"] = label.into();
        }
        edges.push(json!({
            "source": from.id,
            "sourceHandle": handle,
            "target": to.id,
            "targetHandle": to.id,
            "data": data,
            "type": "agentFlow",
            "id": id,
        }));
    }
    edges
}

/// How many ways lead on from a node that decides; 0 for others.
fn ways(node: &Placed<'_>) -> usize {
    let spec = node.step.spec();
    if spec.outputs.is_empty() {
        return 0;
    }
    let entries = |row: &str| node.values.get(row).and_then(Value::as_array).map(Vec::len);
    let entries = match spec.name {
        "conditionAgentflow" => entries("conditions").map(|it| it + 1),
        "conditionAgentAgentflow" => entries("conditionAgentScenarios"),
        _ => None,
    };
    entries.unwrap_or(spec.outputs.len()).max(1)
}

/// A node with all that the canvas saves of it.
fn canvas_node(
    node: &Placed<'_>,
    place: &layout::Place,
    ids: &HashMap<String, (String, String)>,
) -> Value {
    let spec = node.step.spec();
    let entry = serde_json::to_value(spec).unwrap_or_default();
    let id = &node.id;
    let rows = entry["inputs"].as_array().into_iter().flatten().map(|row| {
        let mut row = row.clone();
        let (name, kind) = (row["name"].as_str(), row["type"].as_str());
        let full = format!("{id}-input-{}-{}", name.unwrap_or_default(), kind.unwrap_or_default());
        row["id"] = full.into();
        row
    });
    let anchors: Vec<Value> = if spec.hide_output {
        Vec::new()
    } else if ways(node) == 0 {
        vec![json!({ "id": format!("{id}-output-{}", spec.name), "label": spec.label,
            "name": spec.name })]
    } else {
        let way = |number| json!({ "id": format!("{id}-output-{number}"), "label": spec.label, "name": spec.name });
        (0..ways(node)).map(way).collect()
    };
    let mut data = entry.as_object().cloned().unwrap_or_default();
    for gone in ["inputs", "outputs", "credential"] {
        data.remove(gone);
    }
    data.insert("id".to_owned(), id.as_str().into());
    data.insert("label".to_owned(), node.label.as_str().into());
    data.insert("inputParams".to_owned(), rows.collect());
    data.insert("inputAnchors".to_owned(), json!([]));
    data.insert("outputAnchors".to_owned(), anchors.into());
    data.insert("inputs".to_owned(), node.values.clone().into());
    data.insert("outputs".to_owned(), json!({}));
    data.insert("selected".to_owned(), false.into());
    let is_iteration = spec.name == ITERATION;
    let position = json!({ "x": place.x, "y": place.y });
    let mut flow_node = json!({
        "id": id,
        "type": if is_iteration { "iteration" } else { "agentFlow" },
        "position": position,
        "positionAbsolute": { "x": place.absolute_x, "y": place.absolute_y },
        "width": place.width,
        "height": place.height,
        "selected": false,
        "dragging": false,
        "data": data,
    });
    if is_iteration {
        flow_node["style"] = json!({ "width": place.width, "height": place.height });
    }
    let inside = node.drawn.inside.as_deref().and_then(|it| ids.get(it));
    if let Some((parent, _)) = inside {
        flow_node["parentNode"] = parent.as_str().into();
        flow_node["extent"] = "parent".into();
    }
    flow_node
}

/// Holds the flow to what the canvas's checklist and the engine say of it. Credentials that are
/// still to be chosen are their owner's business.
fn check_flow(flow: &Value, state: &AppState) -> Result<(), Vec<String>> {
    let catalog = state.engine.catalog();
    let shortest = state.settings.shortest_schedule;
    let mut findings: Vec<String> = Vec::new();
    for node in checklist::of_flow(flow, catalog, Chosen::Counts, shortest) {
        let issues = node.issues().iter().filter(|it| !it.to_lowercase().contains("credential"));
        findings.extend(issues.map(|it| format!("node \"{}\": {it}", node.label())));
    }
    if findings.is_empty()
        && let Err(error) =
            FlowData::parse(&flow.to_string()).and_then(|it| Graph::new(&it, catalog))
    {
        findings.push(error.to_string());
    }
    findings.truncate(MOST_FINDINGS);
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}
