//! Conditions on the metadata of documents, handed in together with a question.

use serde_json::{Map, Value};

/// What the metadata of a document must hold: of each key one of the values. An empty one lets
/// everything through.
///
/// A key is the name of an entry, or names joined by dots that lead into nested ones. An entry that
/// is a list holds all its elements. A document without the key is not let through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetadataFilter(Vec<(String, Vec<Value>)>);

impl MetadataFilter {
    /// The filter that lets everything through.
    pub const ALL: &'static Self = &Self(Vec::new());

    /// Adds a condition: `key` holds one of `values`, each a text, a number or a switch. Without
    /// values nothing is let through.
    #[must_use]
    pub fn and(mut self, key: impl Into<String>, values: Vec<Value>) -> Self {
        self.0.push((key.into(), values));
        self
    }

    /// Whether there are no conditions.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The conditions: a key and the values of which it must hold one.
    pub fn conditions(&self) -> impl Iterator<Item = (&str, &[Value])> {
        self.0.iter().map(|(key, values)| (key.as_str(), values.as_slice()))
    }

    /// Whether a document of this metadata is let through.
    pub fn lets_through(&self, metadata: &Map<String, Value>) -> bool {
        self.conditions().all(|(key, values)| {
            entry(metadata, key).is_some_and(|held| values.iter().any(|it| holds(held, it)))
        })
    }
}

/// The entry under `key`, by its whole name or step by step into objects.
pub fn entry<'a>(metadata: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    if let Some(found) = metadata.get(key) {
        return Some(found);
    }
    let (outer, inner) = key.split_once('.')?;
    entry(metadata.get(outer)?.as_object()?, inner)
}

fn holds(held: &Value, wanted: &Value) -> bool {
    match (held, wanted) {
        (Value::Array(list), wanted) => list.iter().any(|it| holds(it, wanted)),
        // 3 and 3.0 are one number, however a server gives it back.
        (Value::Number(held), Value::Number(wanted)) => held.as_f64() == wanted.as_f64(),
        _ => held == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_key_must_hold_one_of_its_values() {
        let metadata = json!({
            "page": 3, "tags": ["a", "b"], "loc": {"lines": {"from": 1}}, "a.b": "dot", "done": true,
        });
        let metadata = metadata.as_object().unwrap();
        for (conditions, expected) in [
            (json!([]), true),
            (json!([["page", [3.0]]]), true),
            (json!([["page", [1, 2, 3]], ["done", [true]]]), true),
            (json!([["page", [3]], ["done", [false]]]), false),
            (json!([["page", ["3"]]]), false),
            (json!([["tags", ["b"]]]), true),
            (json!([["loc.lines.from", [1]]]), true),
            (json!([["a.b", ["dot"]]]), true),
            (json!([["absent", [1]]]), false),
            (json!([["absent", [null]]]), false),
            (json!([["page", []]]), false),
        ] {
            let mut filter = MetadataFilter::default();
            for it in conditions.as_array().unwrap() {
                filter = filter.and(it[0].as_str().unwrap(), it[1].as_array().unwrap().clone());
            }
            assert_eq!(filter.lets_through(metadata), expected, "{conditions}");
        }
    }
}
