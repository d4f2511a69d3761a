//! Values that forms name by a path: `$flow.state.key`, `$flow.output.content`, `$vars.name`.

use flowstone_core::{Error, Result, sequence::Scene};
use serde_json::{Map, Value};

/// The value that `text` names; `None` where it names none and stands for itself.
pub(super) fn named(text: &str, flow: &Value, scene: &Scene<'_>) -> Option<Value> {
    let text = text.trim();
    if let Some(path) = text.strip_prefix("$flow.") {
        return Some(at(flow, path));
    }
    let path = text.strip_prefix("$vars.")?;
    Some(at(&Value::Object(scene.run.variables.clone()), path))
}

/// Follows a path with `[n]` indices, of which negative ones count from the end; `length` is how
/// many entries or characters there are.
pub(super) fn at(value: &Value, path: &str) -> Value {
    let mut current = value.clone();
    let keys = path.split(['.', '[']).map(|it| it.trim_end_matches(']').trim());
    for key in keys.filter(|it| !it.is_empty()) {
        let key = key.trim_matches(['"', '\'']);
        current = match (&current, key) {
            (Value::Array(items), "length") => items.len().into(),
            (Value::String(text), "length") => text.encode_utf16().count().into(),
            (Value::Array(items), _) => {
                let Ok(index) = key.parse::<i64>() else { return Value::Null };
                let from_end = i64::try_from(items.len()).unwrap_or(i64::MAX) + index;
                let index = if index < 0 { from_end } else { index };
                let found = usize::try_from(index).ok().and_then(|it| items.get(it));
                found.cloned().unwrap_or_default()
            }
            (Value::Object(map), _) => map.get(key).cloned().unwrap_or_default(),
            _ => return Value::Null,
        };
    }
    current
}

/// Values of variables as they are at a turn: those that name something are looked up, and those
/// that stand for a node become what it said last.
pub(super) fn values(given: &Map<String, Value>, scene: &Scene<'_>) -> Result<Map<String, Value>> {
    let flow = scene.flow(None);
    let each = given.iter().map(|(key, value)| {
        let value = match value {
            Value::String(text) => match node_in(text) {
                Some(node) => words_of(&node, key, scene)?,
                None => named(text, &flow, scene).unwrap_or_else(|| value.clone()),
            },
            Value::Object(map) if map.len() == 1 && map.get("id").is_some_and(Value::is_string) => {
                words_of(map["id"].as_str().unwrap_or_default(), key, scene)?
            }
            other => other.clone(),
        };
        Ok((key.clone(), value))
    });
    each.collect()
}

/// The node that a text stands for: `{"id": …}`.
fn node_in(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.starts_with('{') {
        return None;
    }
    let read: Value = serde_json::from_str(text).ok()?;
    read.as_object().filter(|it| it.len() == 1)?;
    read["id"].as_str().map(str::to_owned)
}

fn words_of(node: &str, key: &str, scene: &Scene<'_>) -> Result<Value> {
    let said = scene.said_by(node).map(|it| it.content.clone().into());
    said.ok_or_else(|| Error::InvalidInput {
        label: "Format Prompt Values".to_owned(),
        reason: format!("{key} stands for what {node} says, and it has said nothing yet"),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case("state.messages[-1].content", json!("b"))]
    #[case("state.messages[0].content", json!("a"))]
    #[case("state.messages.length", json!(2))]
    #[case("state.messages[0].content.length", json!(1))]
    #[case("state.messages[-3].content", Value::Null)]
    #[case("state['name']", json!("Ada"))]
    #[case("state.gone.deeper", Value::Null)]
    #[case("state.name.first", Value::Null)]
    fn paths_are_followed(#[case] path: &str, #[case] expected: Value) {
        let state = json!({"state": {
            "messages": [{"content": "a"}, {"content": "b"}], "name": "Ada",
        }});
        assert_eq!(at(&state, path), expected, "{path}");
    }
}
