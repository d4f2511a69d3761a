//! Metadata for servers whose entries hold one level of plain values.

use serde_json::{Map, Value};

/// Key of the whole metadata as JSON text, where its flat form alone would not tell it.
const WHOLE: &str = "_metadata";

/// The metadata with keys such as `loc.lines.from`, so that filters can name them. Values that are
/// neither text, number nor flag (nor, with `lists`, a list of texts) are left out of it; where that or
/// anything else would lose something, the whole goes along as text.
pub(super) fn flattened(metadata: &Map<String, Value>, lists: bool) -> Map<String, Value> {
    let mut flat = Map::new();
    put(&mut flat, "", metadata, lists);
    if deepened(flat.clone()) != *metadata {
        flat.insert(WHOLE.to_owned(), Value::Object(metadata.clone()).to_string().into());
    }
    flat
}

/// The same for a server that gives every value back as text: the whole goes along always.
pub(super) fn whole(metadata: &Map<String, Value>) -> Map<String, Value> {
    let mut flat = flattened(metadata, false);
    flat.insert(WHOLE.to_owned(), Value::Object(metadata.clone()).to_string().into());
    flat
}

/// The metadata that [`flattened`] was made of. What others wrote is given with its dots as levels.
pub(super) fn restored(mut flat: Map<String, Value>) -> Map<String, Value> {
    let whole = flat.remove(WHOLE);
    let whole = whole.as_ref().and_then(Value::as_str).map(serde_json::from_str);
    match whole {
        Some(Ok(Value::Object(metadata))) => metadata,
        _ => deepened(flat),
    }
}

fn put(flat: &mut Map<String, Value>, before: &str, level: &Map<String, Value>, lists: bool) {
    for (key, value) in level {
        let key = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
        match value {
            Value::Object(inner) => put(flat, &key, inner, lists),
            Value::Array(list) if lists && list.iter().all(Value::is_string) => {
                flat.insert(key, value.clone());
            }
            Value::Null | Value::Array(_) => {}
            plain => {
                flat.insert(key, plain.clone());
            }
        }
    }
}

fn deepened(flat: Map<String, Value>) -> Map<String, Value> {
    let mut metadata = Map::new();
    for (key, value) in flat {
        let parts: Vec<&str> = key.split('.').collect();
        if !deepen(&mut metadata, &parts, &value) {
            metadata.insert(key, value);
        }
    }
    metadata
}

/// Whether there was place for it.
fn deepen(level: &mut Map<String, Value>, parts: &[&str], value: &Value) -> bool {
    match parts {
        [] => false,
        [last] => {
            let free = !level.contains_key(*last);
            if free {
                level.insert((*last).to_owned(), value.clone());
            }
            free
        }
        [first, rest @ ..] => {
            let inner = level.entry(*first).or_insert_with(|| Value::Object(Map::new()));
            inner.as_object_mut().is_some_and(|inner| deepen(inner, rest, value))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn metadata_comes_back_as_it_was() {
        for (metadata, flat) in [
            (json!({}), json!({})),
            (json!({"a": 1, "b": {"c": {"d": "x"}}}), json!({"a": 1, "b.c.d": "x"})),
            (json!({"t": ["x", "y"]}), json!({"t": ["x", "y"]})),
            (json!({"t": [1]}), json!({"_metadata": "{\"t\":[1]}"})),
            (json!({"n": null, "a": 1}), json!({"a": 1, "_metadata": "{\"n\":null,\"a\":1}"})),
            (json!({"a.b": 1}), json!({"a.b": 1, "_metadata": "{\"a.b\":1}"})),
        ] {
            let metadata = metadata.as_object().unwrap();
            let made = flattened(metadata, true);
            assert_eq!(Value::Object(made.clone()), flat);
            assert_eq!(restored(made), *metadata);
        }
    }

    #[test]
    fn what_others_wrote_is_read_too() {
        let read = |flat: Value| Value::from(restored(flat.as_object().cloned().unwrap()));
        let flat = json!({"loc.lines.from": 1, "loc.lines.to": 9, "x": true});
        let expected = json!({"loc": {"lines": {"from": 1, "to": 9}}, "x": true});
        assert_eq!(read(flat), expected);
        // Where a level is a value too, nothing of both is lost.
        let odd = json!({"loc": "odd", "loc.lines.from": 1});
        assert_eq!(read(odd.clone()), odd);
    }
}
