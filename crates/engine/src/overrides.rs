//! `overrideConfig`: what one call may change in a flow, and only where its owner allowed it.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::{Catalog, FlowData, flow::FlowNode};

/// Keys that speak of the call, not of a node's form.
const ABOUT_THE_CALL: &[&str] = &["sessionId", "vars", "analytics", "startState"];

/// What the flow's owner allows calls to change (`apiConfig.overrideConfig`). Closed by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OverrideGate {
    open: bool,
    /// Node label → names of the rows that may be set.
    nodes: HashMap<String, HashSet<String>>,
    variables: HashSet<String>,
}

impl OverrideGate {
    /// Reads a flow's `apiConfig` text; anything unreadable keeps the gate closed.
    pub fn parse(api_config: Option<&str>) -> Self {
        let config = api_config.and_then(|it| serde_json::from_str::<Value>(it).ok());
        let Some(config) = config.as_ref().and_then(|it| it.get("overrideConfig")) else {
            return Self::default();
        };
        let enabled = |list: &Value| -> HashSet<String> {
            let rows = list.as_array().into_iter().flatten();
            rows.filter(|it| it["enabled"] == true)
                .filter_map(|it| it["name"].as_str().map(str::to_owned))
                .collect()
        };
        let nodes = config["nodes"].as_object().into_iter().flatten();
        Self {
            open: config["status"] == true,
            nodes: nodes.map(|(label, rows)| (label.clone(), enabled(rows))).collect(),
            variables: enabled(&config["variables"]),
        }
    }

    fn allows(&self, label: &str, row: &str) -> bool {
        // Values of a prompt's variables are what a call is about: an open gate is enough.
        self.open
            && (row == "promptValues"
                || self.nodes.get(label).is_some_and(|rows| rows.contains(row)))
    }

    /// The state that a call may set for an agentflow to begin with: rows of `{key, value}`, or such
    /// rows by the id of the node that begins.
    pub fn allowed_state(&self, start: (&str, &str), given: Option<&Value>) -> Map<String, Value> {
        let (id, label) = start;
        if !self.allows(label, "startState") {
            return Map::new();
        }
        let rows = given.and_then(|it| it.get(id).or(Some(it))).and_then(Value::as_array);
        let each = rows.into_iter().flatten();
        each.filter_map(|row| Some((row["key"].as_str()?.to_owned(), row["value"].clone())))
            .collect()
    }

    /// Those of `vars` that the owner allows calls to set.
    pub fn allowed_variables(&self, vars: Option<&Value>) -> Map<String, Value> {
        let given = vars.and_then(Value::as_object).into_iter().flatten();
        given
            .filter(|(name, _)| self.open && self.variables.contains(*name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

/// The part of a call's `overrideConfig` that speaks of nodes, with the gate it must pass.
#[derive(Clone, Copy, Debug)]
pub struct Overrides<'a> {
    /// What the owner allows.
    pub gate: &'a OverrideGate,
    /// What the call asks for.
    pub config: &'a Map<String, Value>,
    /// Files that came with the call, for the loaders that take their kind.
    pub files: &'a [CallFile],
}

/// A file that came with a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallFile {
    /// Name the caller gave it.
    pub name: String,
    /// Its content as a data URI.
    pub data: String,
}

impl Overrides<'_> {
    /// Whether nothing would change: then the flow built for everybody serves this call too.
    pub fn is_empty(&self) -> bool {
        let about_nodes = |row: &String| !ABOUT_THE_CALL.contains(&row.as_str());
        !self.gate.open || self.files.is_empty() && !self.config.keys().any(about_nodes)
    }

    /// Sets the allowed rows in `flow`; what is not allowed is passed over.
    pub fn apply(&self, flow: &mut FlowData, catalog: &Catalog) {
        let ids: HashSet<String> = flow.nodes.iter().map(|it| it.id.clone()).collect();
        for (row, value) in self.config {
            if ABOUT_THE_CALL.contains(&row.as_str()) {
                continue;
            }
            let by_node = value.as_object().filter(|map| map.keys().any(|key| ids.contains(key)));
            for node in &mut flow.nodes {
                if !self.gate.allows(&node.data.label, row) {
                    continue;
                }
                let wanted = match by_node {
                    Some(map) => map.get(&node.id),
                    None => Some(value),
                };
                if let Some(wanted) = wanted {
                    set(node, row, wanted, catalog);
                }
            }
        }
        for file in self.files {
            self.attach(file, flow, catalog);
        }
    }

    /// Puts a file into every allowed row that takes files of its kind.
    fn attach(&self, file: &CallFile, flow: &mut FlowData, catalog: &Catalog) {
        let Some((_, ending)) = file.name.rsplit_once('.') else { return };
        for node in &mut flow.nodes {
            let Some(kind) = catalog.get(&node.data.name) else { continue };
            let takes = |types: &str| {
                types
                    .split(',')
                    .any(|it| it.trim().trim_start_matches('.').eq_ignore_ascii_case(ending))
            };
            for field in kind.spec().inputs.iter().filter(|it| it.file_type.is_some_and(takes)) {
                if self.gate.allows(&node.data.label, field.name) {
                    node.data.inputs.insert(field.name.to_owned(), file.data.clone().into());
                }
            }
        }
    }
}

fn set(node: &mut FlowNode, row: &str, wanted: &Value, catalog: &Catalog) {
    let field = catalog.get(&node.data.name).and_then(|it| it.spec().field(row));
    if row == "promptValues" && field.is_none() {
        return;
    }
    let kind = field.map_or("", |it| it.kind);
    // A file is content that the caller sends, never a name on this machine.
    if matches!(kind, "file" | "folder")
        && !wanted.as_str().is_some_and(|it| it.starts_with("data:"))
    {
        return;
    }
    // A wire is not a value: a call may not replug the flow.
    if field.is_some_and(flowstone_core::Field::is_socket) || kind == "credential" {
        return;
    }
    let stored = node.data.inputs.get(row).unwrap_or(&Value::Null);
    let merged = match (as_json(stored), as_json(wanted)) {
        (Value::Array(mut old), Value::Array(new)) if wanted.is_array() => {
            for item in new {
                if !old.contains(&item) {
                    old.push(item);
                }
            }
            Value::Array(old)
        }
        (Value::Object(mut old), Value::Object(new)) => {
            old.extend(new);
            Value::Object(old)
        }
        _ => match (kind, wanted.as_str()) {
            ("boolean", Some("true")) => Value::Bool(true),
            ("boolean", Some("false")) => Value::Bool(false),
            _ => wanted.clone(),
        },
    };
    node.data.inputs.insert(row.to_owned(), merged);
}

/// JSON text as what it says; any other value as it is.
fn as_json(value: &Value) -> Value {
    let parsed = value.as_str().filter(|it| it.trim_start().starts_with(['{', '[']));
    parsed.and_then(|it| serde_json::from_str(it).ok()).unwrap_or_else(|| value.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn flow() -> FlowData {
        serde_json::from_value(json!({"nodes": [
            {"id": "m_0", "data": {"label": "Model", "name": "m",
                "inputs": {"temperature": "1", "tags": "[\"a\"]", "extra": "{\"x\":1}"}}},
            {"id": "m_1", "data": {"label": "Other", "name": "m", "inputs": {"temperature": "1"}}}
        ], "edges": []}))
        .unwrap()
    }

    fn gate(open: bool) -> OverrideGate {
        let row = |name: &str| json!({"name": name, "enabled": true});
        let config = json!({"overrideConfig": {"status": open, "nodes": {
            "Model": [row("temperature"), row("tags"), row("extra"), {"name": "secret", "enabled": false}],
            "Other": [row("temperature")]
        }, "variables": [row("who")]}});
        OverrideGate::parse(Some(&config.to_string()))
    }

    fn applied(open: bool, config: Value) -> FlowData {
        let mut flow = flow();
        let config = config.as_object().cloned().unwrap();
        let catalog = Catalog::new(&[], &HashSet::new());
        Overrides { gate: &gate(open), config: &config, files: &[] }.apply(&mut flow, &catalog);
        flow
    }

    #[test]
    fn a_closed_gate_changes_nothing() {
        for api_config in [None, Some(""), Some("{}"), Some("nonsense")] {
            assert_eq!(OverrideGate::parse(api_config), OverrideGate::default());
        }
        let flow = applied(false, json!({"temperature": 0, "FILE-STORAGE::": 1, "__proto__": {}}));
        assert_eq!(flow.nodes[0].data.inputs["temperature"], "1");
    }

    #[test]
    fn a_value_reaches_every_allowed_node_or_the_named_one() {
        let all = applied(true, json!({"temperature": 0.5}));
        assert_eq!(all.nodes[0].data.inputs["temperature"], 0.5);
        assert_eq!(all.nodes[1].data.inputs["temperature"], 0.5);
        let one = applied(true, json!({"temperature": {"m_1": 0.2}}));
        assert_eq!(one.nodes[0].data.inputs["temperature"], "1");
        assert_eq!(one.nodes[1].data.inputs["temperature"], 0.2);
    }

    #[test]
    fn lists_are_joined_and_objects_merged() {
        let flow = applied(true, json!({"tags": ["a", "b"], "extra": {"y": 2}, "secret": 1}));
        assert_eq!(flow.nodes[0].data.inputs["tags"], json!(["a", "b"]));
        assert_eq!(flow.nodes[0].data.inputs["extra"], json!({"x": 1, "y": 2}));
        assert!(!flow.nodes[0].data.inputs.contains_key("secret"));
    }

    #[test]
    fn only_enabled_variables_pass() {
        let vars = json!({"who": "me", "other": 1});
        assert_eq!(gate(true).allowed_variables(Some(&vars)).len(), 1);
        assert!(gate(false).allowed_variables(Some(&vars)).is_empty());
    }
}
