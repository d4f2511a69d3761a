//! What is still to be done in a flow before it can answer: read off its JSON, without building it.

use std::{collections::HashSet, time::Duration};

use flowstone_engine::Catalog;
use serde::Serialize;
use serde_json::{Map, Value};
use ts_rs::TS;

use crate::schedule;

/// The node that is only a note on the canvas.
const NOTE: &str = "stickyNoteAgentflow";
/// What an empty text editor saves.
const EMPTY_PARAGRAPH: &str = "<p></p>";

/// What is to be done on one node. The sentences are those that clients know.
#[derive(Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub(crate) struct NodeIssues {
    /// Id of the node in its flow.
    id: String,
    /// Its label on the canvas.
    label: String,
    /// Which kind of node.
    name: String,
    /// One sentence each.
    issues: Vec<String>,
}

impl NodeIssues {
    /// The node's label on the canvas.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// One sentence each.
    pub(crate) fn issues(&self) -> &[String] {
        &self.issues
    }
}

/// How a credential counts that is chosen on the node itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// It is not looked at, as clients of the reference expect.
    Ignored,
    /// It fills the row.
    Counts,
}

/// What is to be done in a flow, node by node, in the order they were placed; `shortest` is the
/// shortest time between two runs by a schedule.
pub(crate) fn of_flow(
    flow: &Value,
    catalog: &Catalog,
    chosen: Chosen,
    shortest: Duration,
) -> Vec<NodeIssues> {
    let list = |name: &str| flow[name].as_array().map_or(&[][..], Vec::as_slice);
    let (nodes, edges) = (list("nodes"), list("edges"));
    let ends = edges.iter().flat_map(|it| [&it["source"], &it["target"]]);
    let connected: HashSet<&str> = ends.filter_map(Value::as_str).collect();
    let known: HashSet<&str> = nodes.iter().filter_map(|it| it["id"].as_str()).collect();
    let mut found = Vec::new();
    for node in nodes.iter().filter(|it| it["data"]["name"] != NOTE) {
        let id = node["id"].as_str().unwrap_or_default();
        let data = &node["data"];
        let mut issues = Vec::new();
        if !connected.contains(id) {
            issues.push("This node is not connected to anything".to_owned());
        }
        issues.extend(rows(data, catalog, chosen));
        issues.extend(schedule::issue(data, shortest));
        for edge in edges {
            issues.extend(loose_end(edge, id, &known));
        }
        if !issues.is_empty() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            found.push(NodeIssues {
                id: id.to_owned(),
                label: text(&data["label"]),
                name: text(&data["name"]),
                issues,
            });
        }
    }
    found
}

/// A wire of node `id` whose other end is not there.
fn loose_end(edge: &Value, id: &str, known: &HashSet<&str>) -> Option<String> {
    let (source, target) = (edge["source"].as_str()?, edge["target"].as_str()?);
    if target == id && !known.contains(source) {
        return Some(format!("Connected to non-existent source node {source}"));
    }
    (source == id && !known.contains(target))
        .then(|| format!("Connected to non-existent target node {target}"))
}

/// What the form of a node misses.
fn rows(data: &Value, catalog: &Catalog, chosen: Chosen) -> Vec<String> {
    let Some(values) = data["inputs"].as_object() else { return Vec::new() };
    let fields = data["inputParams"].as_array().into_iter().flatten();
    let credential = ["credential", "FLOWISE_CREDENTIAL_ID"];
    let on_node = chosen == Chosen::Counts
        && (!is_empty(&data["credential"]) || credential.iter().any(|it| is_filled(values, it)));
    let mut issues = Vec::new();
    for field in fields.filter(|it| is_shown(it, values)) {
        let (name, label) = (text(&field["name"]), text(&field["label"]));
        let required = field["optional"] != true;
        if required && !is_filled(values, name) && !(name == "credential" && on_node) {
            issues.push(format!("{label} is required"));
            if name == "credential" {
                issues.push("Credential is required".to_owned());
            }
        }
        if field["type"] == "array" {
            issues.extend(items(field, values));
        }
        issues.extend(nested(field, values, catalog));
    }
    issues
}

/// What the entries of a list miss.
fn items(field: &Value, values: &Map<String, Value>) -> Vec<String> {
    let entries = values.get(text(&field["name"])).and_then(Value::as_array);
    let label = text(&field["label"]);
    let mut issues = Vec::new();
    for (place, entry) in entries.into_iter().flatten().enumerate() {
        let Some(entry) = entry.as_object() else { continue };
        let rows = field["array"].as_array().into_iter().flatten();
        for row in rows.filter(|it| it["optional"] != true && is_item_shown(it, entry)) {
            let value = entry.get(text(&row["name"])).unwrap_or(&Value::Null);
            if is_empty(value) || value == EMPTY_PARAGRAPH {
                let row = text(&row["label"]);
                issues.push(format!("{label} item #{}: {row} is required", place + 1));
            }
        }
    }
    issues
}

/// What the form of a node within the node misses: a model, a tool or a store that a row names.
fn nested(field: &Value, values: &Map<String, Value>, catalog: &Catalog) -> Vec<String> {
    let name = text(&field["name"]);
    let config = values.get(&format!("{name}Config")).and_then(Value::as_object);
    let node = values.get(name).and_then(Value::as_str).and_then(|it| catalog.get(it));
    let (Some(config), Some(node)) = (config, node) else { return Vec::new() };
    let label = text(&field["label"]);
    let form = serde_json::to_value(node.spec().inputs).unwrap_or_default();
    let rows = form.as_array().into_iter().flatten();
    let missing = rows.filter(|row| {
        row["optional"] != true && is_shown(row, config) && !is_filled(config, text(&row["name"]))
    });
    let mut issues: Vec<String> = missing
        .map(|row| format!("{label} configuration: {} is required", text(&row["label"])))
        .collect();
    let needs_credential = node.spec().credential.is_some_and(|it| !it.optional);
    let has_one = is_filled(config, "FLOWISE_CREDENTIAL_ID") || is_filled(config, "credential");
    if needs_credential && !has_one {
        issues.push(format!("{label} requires a credential"));
    }
    issues
}

/// Whether a row is on the form: all its conditions to show hold, and not all of those to hide.
pub(crate) fn is_shown(field: &Value, values: &Map<String, Value>) -> bool {
    let holds = |(name, wanted): (&String, &Value)| {
        matches(wanted, values.get(name).unwrap_or(&Value::Null))
    };
    let shown = field["show"].as_object().is_none_or(|it| it.iter().all(holds));
    let hidden = field["hide"].as_object().is_some_and(|it| it.iter().all(holds));
    shown && !hidden
}

/// The same within an entry of a list: one condition that holds is enough there.
fn is_item_shown(field: &Value, entry: &Map<String, Value>) -> bool {
    let holds = |(name, wanted): (&String, &Value)| {
        let own = name.rsplit('.').next().unwrap_or(name);
        matches(wanted, entry.get(own).unwrap_or(&Value::Null))
    };
    let shown = field["show"].as_object().is_none_or(|it| it.iter().any(holds));
    let hidden = field["hide"].as_object().is_some_and(|it| it.iter().any(holds));
    shown && !hidden
}

fn matches(wanted: &Value, value: &Value) -> bool {
    match wanted {
        Value::Array(any) => any.contains(value),
        one => one == value,
    }
}

fn is_filled(values: &Map<String, Value>, name: &str) -> bool {
    values.get(name).is_some_and(|it| !is_empty(it))
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value == ""
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(flow: &Value, chosen: Chosen) -> Vec<(String, Vec<String>)> {
        let catalog = Catalog::new(&[], &HashSet::new());
        let found = of_flow(flow, &catalog, chosen, Duration::from_mins(1));
        found.into_iter().map(|it| (it.id, it.issues)).collect()
    }

    fn owned(issues: &[&str]) -> Vec<String> {
        issues.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn empty_rows_and_loose_ends_are_told_by_their_labels() {
        let flow = json!({"nodes": [
            {"id": "a_0", "data": {"name": "a", "label": "A", "inputs": {"mode": "x", "text": ""},
                "inputParams": [
                    {"label": "Mode", "name": "mode", "type": "string"},
                    {"label": "Text", "name": "text", "type": "string"},
                    {"label": "Extra", "name": "extra", "type": "string", "show": {"mode": ["y", "z"]}},
                    {"label": "Hidden", "name": "hidden", "type": "string", "hide": {"mode": "x"}},
                    {"label": "Free", "name": "free", "type": "string", "optional": true},
            ]}},
            {"id": "n_0", "data": {"name": NOTE, "inputs": {}}},
            {"id": "b_0", "data": {"name": "b", "label": "B"}},
        ], "edges": [{"source": "gone_0", "target": "a_0"}]});
        let expected = [
            (
                "a_0".to_owned(),
                owned(&["Text is required", "Connected to non-existent source node gone_0"]),
            ),
            ("b_0".to_owned(), owned(&["This node is not connected to anything"])),
        ];
        assert_eq!(check(&flow, Chosen::Ignored), expected);
        assert_eq!(check(&json!("no flow"), Chosen::Ignored), []);
    }

    #[test]
    fn a_chosen_credential_counts_for_those_who_ask_for_it() {
        let flow = json!({"nodes": [{"id": "m_0", "data": {"credential": "id-1", "inputs": {},
            "inputParams": [{"label": "Connect Credential", "name": "credential", "type": "credential"}]}}],
            "edges": [{"source": "m_0", "target": "m_0"}]});
        let issues = owned(&["Connect Credential is required", "Credential is required"]);
        assert_eq!(check(&flow, Chosen::Ignored), [("m_0".to_owned(), issues)]);
        assert_eq!(check(&flow, Chosen::Counts), []);
    }

    #[test]
    fn entries_of_a_list_are_checked_one_by_one() {
        let flow = json!({"nodes": [{"id": "c_0", "data": {
            "inputs": {"conditions": [{"kind": "text", "value": "<p></p>"}, {"kind": "none"}]},
            "inputParams": [{"label": "Conditions", "name": "conditions", "type": "array", "array": [
                {"label": "Kind", "name": "kind"},
                {"label": "Value", "name": "value", "show": {"conditions[$index].kind": ["text"]}},
            ]}]}}],
            "edges": [{"source": "c_0", "target": "c_0"}]});
        let issues = owned(&["Conditions item #1: Value is required"]);
        assert_eq!(check(&flow, Chosen::Counts), [("c_0".to_owned(), issues)]);
    }
}
