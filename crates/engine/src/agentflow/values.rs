//! Fills a node's form for its turn: every reference that is known becomes its value.

use std::sync::Arc;

use flowstone_core::{Field, Run, attached_text, message, with_files};
use serde_json::{Map, Value};

use super::{
    Graph, Progress,
    envelope::FallbackModel,
    graph::Place,
    reference::{Found, resolve},
};
use crate::{
    Catalog,
    template::{as_text, at_path},
};

/// Ending of the row that holds the sub-form of a chosen node.
const SUB_FORM: &str = "Config";

/// What references of a run may stand for.
pub(crate) struct Known<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) run: &'a Run,
    pub(crate) progress: &'a Progress,
    pub(crate) records: &'a [Arc<Value>],
    /// Earlier turns of the conversation.
    pub(crate) past: &'a [Value],
}

impl Known<'_> {
    /// The form of `place`, filled for its turn.
    pub(crate) fn fill(&self, place: &Place, catalog: &Catalog) -> Map<String, Value> {
        let look_up = |inside: &str| self.look_up(inside);
        fill_rows(&place.values, place.node.spec().inputs, catalog, &look_up)
    }

    /// The value of a row of *Update Flow State*, once the node's output is known.
    pub(crate) fn updated(&self, value: &Value, output: &Map<String, Value>) -> Value {
        let look_up = |inside: &str| match inside.strip_prefix("output") {
            Some("") => Some(Found::typed(content(output))),
            Some(rest) if rest.starts_with('.') => Some(Found::typed(part(output, &rest[1..]))),
            _ => self.look_up(inside),
        };
        resolve(value, &look_up)
    }

    /// The form of a model that stands in for another, filled in the same way.
    pub(crate) fn filled(&self, model: &FallbackModel, catalog: &Catalog) -> FallbackModel {
        let look_up = |inside: &str| self.look_up(inside);
        let rows = catalog.get(&model.name).map_or(&[][..], |it| it.spec().inputs);
        let config = fill_rows(&model.config, rows, catalog, &look_up);
        FallbackModel { name: model.name.clone(), config }
    }

    fn look_up(&self, inside: &str) -> Option<Found> {
        let (run, progress) = (self.run, self.progress);
        match inside {
            "question" => {
                let attached = attached_text(&run.uploads);
                return Some(Found::text(with_files(&attached, &progress.question)));
            }
            "file_attachment" => return Some(Found::text(attached_text(&run.uploads))),
            "chat_history" => return Some(Found::text(self.chat_history())),
            "current_date_time" => return Some(Found::text(now())),
            "runtime_messages_length" => {
                let said = progress.frames.iter().map(|it| it.said.len()).sum::<usize>();
                return Some(Found::text(said));
            }
            "loop_count" => return Some(Found::text(progress.loop_count)),
            "$iteration" => {
                let round = progress.frames.iter().rev().find_map(|it| it.round.as_ref())?;
                let value = round.items.get(round.index).cloned().unwrap_or_default();
                return Some(Found::typed(value));
            }
            _ => {}
        }
        if let Some(path) = inside.strip_prefix("$form.") {
            let form = progress.form.as_ref()?;
            return Some(Found::text(in_map(form, path)));
        }
        if let Some(path) = inside.strip_prefix("$webhook.") {
            return Some(Found::text(at_path(progress.webhook.as_ref()?, path)));
        }
        if let Some(path) = inside.strip_prefix("$vars.") {
            return Some(Found::text(in_map(&run.variables, path)));
        }
        if let Some(path) = inside.strip_prefix("$flow.") {
            if let Some(key) = path.strip_prefix("state.") {
                return Some(Found::text(in_map(&progress.state, key)));
            }
            return Some(Found::text(match path {
                "state" => Value::Object(progress.state.clone()),
                path => in_map(&run.flow_variables(), path),
            }));
        }
        if let Some(path) = inside.strip_prefix("$iteration.") {
            let round = progress.frames.iter().rev().find_map(|it| it.round.as_ref())?;
            let value = at_path(round.items.get(round.index)?, path);
            return Some(Found::typed(value));
        }
        self.of_node(inside)
    }

    /// `nodeId` or `nodeId.output.path`: what the node's latest turn came to.
    fn of_node(&self, inside: &str) -> Option<Found> {
        let (id, path) = match inside.split_once(".output.") {
            Some((id, path)) => (id, Some(path)),
            None => (inside, None),
        };
        self.graph.get(id)?;
        let record = self.records.iter().rev().find(|it| it["nodeId"] == id)?;
        let output = record["data"]["output"].as_object()?;
        if let Some(path) = path {
            return Some(Found::typed(in_map(output, path)));
        }
        Some(Found::text(pretty(content(output))))
    }

    fn chat_history(&self) -> String {
        let said = self.progress.frames.iter().flat_map(|it| &it.said);
        let turns = self.past.iter().chain(said).filter_map(|turn| {
            let text = as_text(&turn["content"]);
            Some(match turn["role"].as_str()? {
                "assistant" => message::Message::assistant(text),
                "system" => message::Message::system(text),
                _ => message::Message::user(text),
            })
        });
        message::transcript(&turns.collect::<Vec<_>>())
    }
}

/// Fills the rows of a form that accept references, and those of the sub-forms in it.
fn fill_rows(
    values: &Map<String, Value>,
    fields: &'static [Field],
    catalog: &Catalog,
    look_up: &dyn Fn(&str) -> Option<Found>,
) -> Map<String, Value> {
    let filled = values.iter().map(|(name, value)| {
        let mut rows = fields.iter().filter(|it| it.name == name);
        // A name can stand for several rows, of which one is shown at a time.
        if rows.clone().any(|it| it.accept_variable) {
            return (name.clone(), resolve(value, look_up));
        }
        if let (Some(field), Value::Array(entries)) = (rows.next(), value) {
            let entries = entries.iter().map(|entry| match entry {
                Value::Object(row) => fill_rows(row, field.array, catalog, look_up).into(),
                other => other.clone(),
            });
            return (name.clone(), entries.collect());
        }
        let chosen = name.strip_suffix(SUB_FORM).and_then(|it| values.get(it)?.as_str());
        if let (Some(kind), Value::Object(sub_form)) =
            (chosen.and_then(|it| catalog.get(it)), value)
        {
            return (
                name.clone(),
                fill_rows(sub_form, kind.spec().inputs, catalog, look_up).into(),
            );
        }
        (name.clone(), value.clone())
    });
    filled.collect()
}

/// What other nodes mean by a node's output.
pub(crate) fn content(output: &Map<String, Value>) -> Value {
    let response = || output.get("http").and_then(|it| it.get("data"));
    let asked = || output.get("question").or_else(|| output.get("form"));
    match output.get("content").or_else(response).or_else(asked) {
        Some(value) => value.clone(),
        None => Value::Object(output.clone()),
    }
}

/// A part of a node's output, also of one that is the text of an object.
fn part(output: &Map<String, Value>, path: &str) -> Value {
    let direct = in_map(output, path);
    if !direct.is_null() {
        return direct;
    }
    match content(output) {
        Value::String(text) => {
            serde_json::from_str::<Value>(&text).map_or(Value::Null, |it| at_path(&it, path))
        }
        other => at_path(&other, path),
    }
}

/// Text that is JSON reads better on several lines, and so the reference shows it.
fn pretty(value: Value) -> Value {
    let Value::String(text) = &value else { return value };
    if !text.trim_start().starts_with(['{', '[']) {
        return value;
    }
    match serde_json::from_str::<Value>(text) {
        Ok(parsed @ (Value::Object(_) | Value::Array(_))) => {
            serde_json::to_string_pretty(&parsed).map_or(value, Value::String)
        }
        _ => value,
    }
}

fn in_map(map: &Map<String, Value>, path: &str) -> Value {
    // A key may hold dots itself.
    if let Some(value) = map.get(path) {
        return value.clone();
    }
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let rest = path[end..].trim_start_matches('.');
    map.get(&path[..end]).map_or(Value::Null, |it| at_path(it, rest))
}

/// Now, as ISO 8601 in UTC to the millisecond.
fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
