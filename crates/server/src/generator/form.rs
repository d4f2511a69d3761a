//! Reads what a model filled into the rows of a step, as the canvas saves it.

use std::collections::HashMap;

use flowstone_core::{Field, Node};
use serde_json::{Map, Value};

use super::offer::{EARLIER, MODELS, Offer, TOOL_LIST};
use crate::checklist;

/// Reads what a model filled in, row by row.
pub(super) struct Form<'a> {
    /// What may be used.
    pub(super) offer: &'a Offer,
    /// Id and label on the canvas, by the id in the draft.
    pub(super) ids: &'a HashMap<String, (String, String)>,
    /// The node.
    pub(super) at: &'a str,
    /// Where what is wrong goes.
    pub(super) findings: &'a mut Vec<String>,
}

impl Form<'_> {
    /// All rows of a step: what was filled in, and else their defaults.
    pub(super) fn values(
        &mut self,
        step: &dyn Node,
        given: &Map<String, Value>,
    ) -> Map<String, Value> {
        let rows = step.spec().inputs;
        let mut values: Map<String, Value> = rows
            .iter()
            .map(|it| (it.name.to_owned(), it.default.to_value().unwrap_or_else(|| "".into())))
            .collect();
        let mut filled = values.clone();
        filled.extend(given.clone());
        for (name, value) in given {
            let named: Vec<&'static Field> = rows.iter().filter(|it| it.name == name).collect();
            // Of rows with one name the form shows one at a time.
            let shown = named.iter().find(|it| {
                let row = serde_json::to_value(it).unwrap_or_default();
                checklist::is_shown(&row, &filled)
            });
            let Some(row) = shown.or(named.first()) else {
                let kind = step.spec().name;
                self.wrong(name, &format!("{kind} has no such row"));
                continue;
            };
            if row.load_method == Some(MODELS) || value.is_null() {
                continue;
            }
            if let Some(value) = self.value(row, value) {
                values.insert(name.clone(), value);
            }
        }
        values
    }

    fn wrong(&mut self, row: &str, why: &str) {
        self.findings.push(format!("node {}, {row}: {why}", self.at));
    }

    /// The value of a row, as the canvas saves it.
    fn value(&mut self, row: &'static Field, value: &Value) -> Option<Value> {
        if !row.array.is_empty() {
            return self.list(row, value);
        }
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if !row.options.is_empty() && row.kind == "options" {
            return self.choice(row.name, row.options.iter().map(|it| (it.name, it.label)), &text);
        }
        match row.load_method {
            Some(TOOL_LIST) => {
                let tools = self.offer.tools.iter().map(|it| (it.spec().name, it.spec().label));
                return self.choice(row.name, tools.collect::<Vec<_>>().into_iter(), &text);
            }
            Some(EARLIER) => {
                let Some((id, label)) = self.ids.get(text.trim()) else {
                    self.wrong(row.name, &format!("there is no node {text}"));
                    return None;
                };
                return Some(format!("{id}-{label}").into());
            }
            Some(list) => {
                if let Some(entries) = self.offer.entries.get(list) {
                    let entries =
                        entries.iter().map(|(value, title)| (value.as_str(), title.as_str()));
                    return self.choice(row.name, entries.collect::<Vec<_>>().into_iter(), &text);
                }
            }
            None => {}
        }
        match row.kind {
            "boolean" => match text.trim() {
                "true" => Some(true.into()),
                "false" | "" => Some(false.into()),
                _ => {
                    self.wrong(row.name, &format!("true or false is expected, not {text}"));
                    None
                }
            },
            "number" => match serde_json::from_str::<serde_json::Number>(text.trim()) {
                Ok(number) => Some(Value::Number(number)),
                Err(_) => {
                    self.wrong(row.name, &format!("a number is expected, not {text}"));
                    None
                }
            },
            "json" if !text.trim().is_empty() && serde_json::from_str::<Value>(&text).is_err() => {
                self.wrong(row.name, "the text of JSON is expected");
                None
            }
            _ => Some(self.rewritten(&text).into()),
        }
    }

    fn choice<'c>(
        &mut self,
        row: &str,
        choices: impl Iterator<Item = (&'c str, &'c str)> + Clone,
        text: &str,
    ) -> Option<Value> {
        let wanted = text.trim();
        let exact = choices.clone().find(|(name, _)| *name == wanted);
        let by_title = || {
            choices.clone().find(|(name, title)| {
                name.eq_ignore_ascii_case(wanted) || title.eq_ignore_ascii_case(wanted)
            })
        };
        if let Some((name, _)) = exact.or_else(by_title) {
            return Some(name.into());
        }
        let names: Vec<&str> = choices.map(|(name, _)| name).collect();
        self.wrong(row, &format!("{wanted} is none of {}", names.join(", ")));
        None
    }

    /// The entries of a list, each with the fields that it may have.
    fn list(&mut self, row: &'static Field, value: &Value) -> Option<Value> {
        let parsed = match value {
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
            other => other.clone(),
        };
        let Some(items) = parsed.as_array() else {
            self.wrong(row.name, "the text of a JSON list is expected");
            return None;
        };
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            let Some(fields) = item.as_object() else {
                self.wrong(row.name, "each entry of the list is an object");
                continue;
            };
            let mut entry = Map::new();
            for (name, value) in fields {
                let named: Vec<&'static Field> =
                    row.array.iter().filter(|it| it.name == name).collect();
                let value = match named.as_slice() {
                    [] => {
                        let known: Vec<&str> = row.array.iter().map(|it| it.name).collect();
                        let known = known.join(", ");
                        self.wrong(row.name, &format!("{name} is none of its fields {known}"));
                        continue;
                    }
                    [field] => self.value(field, value),
                    // Rows of one name, of which the form shows one at a time.
                    several => self.any_of(several, value),
                };
                if let Some(value) = value {
                    self.configure(row, name, &value, &mut entry);
                    entry.insert(name.clone(), value);
                }
            }
            for field in row.array {
                // Of several rows with one name the form shows one: none of their defaults counts.
                let is_alone = row.array.iter().filter(|it| it.name == field.name).count() == 1;
                if let (false, true, Some(value)) =
                    (entry.contains_key(field.name), is_alone, field.default.to_value())
                {
                    entry.insert(field.name.to_owned(), value);
                }
            }
            entries.push(Value::Object(entry));
        }
        Some(entries.into())
    }

    fn any_of(&mut self, fields: &[&'static Field], value: &Value) -> Option<Value> {
        let choices: Vec<(&str, &str)> =
            fields.iter().flat_map(|it| it.options).map(|it| (it.name, it.label)).collect();
        if choices.is_empty() {
            return Some(match value {
                Value::String(text) => self.rewritten(text).into(),
                other => other.clone(),
            });
        }
        let text = value.as_str().unwrap_or_default();
        self.choice(fields[0].name, choices.into_iter(), text)
    }

    /// Gives an entry that names a tool the form of that tool, at its defaults.
    fn configure(&self, row: &Field, name: &str, value: &Value, entry: &mut Map<String, Value>) {
        let brings = row.array.iter().any(|it| it.name == name && it.load_config);
        let tool = self.offer.tools.iter().find(|it| *value == it.spec().name);
        let (true, Some(tool)) = (brings, tool) else { return };
        let mut config: Map<String, Value> = tool
            .spec()
            .inputs
            .iter()
            .map(|it| (it.name.to_owned(), it.default.to_value().unwrap_or_else(|| "".into())))
            .collect();
        config.insert(name.to_owned(), value.clone());
        entry.insert(format!("{name}Config"), config.into());
    }

    /// A text with the ids of the canvas in its references.
    fn rewritten(&mut self, text: &str) -> String {
        let mut rest = text;
        let mut written = String::with_capacity(text.len());
        while let Some((before, after)) = rest.split_once("{{") {
            written.push_str(before);
            written.push_str("{{");
            let blank = after.len() - after.trim_start().len();
            let (spaces, after) = after.split_at(blank);
            written.push_str(spaces);
            let end = after.find(|it: char| !it.is_ascii_alphanumeric() && it != '_' && it != '-');
            let (name, tail) = after.split_at(end.unwrap_or(after.len()));
            match self.ids.get(name) {
                Some((id, _)) => written.push_str(id),
                None => {
                    if tail.starts_with(".output") {
                        let why = format!("{{{{ {name}{tail} names a node that is not there");
                        let why = why.split("}}").next().unwrap_or(&why).to_owned();
                        self.wrong("a text", &format!("{why}: there is no node {name}"));
                    }
                    written.push_str(name);
                }
            }
            rest = tail;
        }
        written.push_str(rest);
        written
    }
}
