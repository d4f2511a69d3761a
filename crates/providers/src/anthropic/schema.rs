//! Schemas as Anthropic binds answers to them: closed objects, and no bounds of numbers or texts.

use serde_json::Value;

use crate::schema::narrowed;

/// Keywords that are enforced.
const KNOWN: &[&str] = &[
    "$defs",
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "default",
    "description",
    "enum",
    "items",
    "properties",
    "required",
    "title",
    "type",
];

/// Formats of texts that are enforced.
const FORMATS: &[&str] =
    &["date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uri", "uuid"];

/// The schema as `output_config.format` takes it; `None` where it has open ends, which only a tool
/// can express.
pub(super) fn enforceable(schema: &Value) -> Option<Value> {
    let mut schema = narrowed(schema, known);
    close(&mut schema).then_some(schema)
}

fn known(keyword: &str, value: &Value) -> bool {
    match keyword {
        "format" => value.as_str().is_some_and(|it| FORMATS.contains(&it)),
        "minItems" => value.as_u64().is_some_and(|it| it <= 1),
        other => KNOWN.contains(&other),
    }
}

/// Closes every object that leaves it open whether there may be more properties; whether all of
/// them could be closed.
fn close(schema: &mut Value) -> bool {
    match schema {
        Value::Object(fields) => {
            let is_object = fields.get("type").is_some_and(names_object);
            if is_object || fields.contains_key("properties") {
                let open = fields.get("additionalProperties").is_some_and(|it| it != false);
                if open || !fields.contains_key("properties") {
                    return false;
                }
                fields.insert("additionalProperties".to_owned(), false.into());
            }
            let mut inner = fields.iter_mut().filter(|(keyword, _)| {
                !["const", "default", "enum", "required"].contains(&keyword.as_str())
            });
            inner.all(|(keyword, value)| match (keyword.as_str(), value) {
                ("properties" | "$defs", Value::Object(named)) => named.values_mut().all(close),
                (_, value) => close(value),
            })
        }
        Value::Array(list) => list.iter_mut().all(close),
        _ => true,
    }
}

fn names_object(kind: &Value) -> bool {
    kind == "object" || kind.as_array().is_some_and(|it| it.iter().any(|it| it == "object"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_closed_and_bounds_told_in_words() {
        let schema = json!({
            "type": "object",
            "properties": {
                "properties": {"type": "integer", "minimum": 1},
                "list": {"type": "array", "minItems": 1, "items": {
                    "type": "object", "properties": {"at": {"type": "string", "format": "date"}},
                }},
            },
            "required": ["properties"],
        });
        assert_eq!(
            enforceable(&schema),
            Some(json!({
                "type": "object",
                "properties": {
                    "properties": {
                        "type": "integer", "description": "It must keep to: minimum 1",
                    },
                    "list": {"type": "array", "minItems": 1, "items": {
                        "type": "object",
                        "properties": {"at": {"type": "string", "format": "date"}},
                        "additionalProperties": false,
                    }},
                },
                "required": ["properties"],
                "additionalProperties": false,
            }))
        );
    }

    #[test]
    fn open_ends_cannot_be_enforced() {
        for open in [
            json!({"type": "object"}),
            json!({"type": "object", "properties": {}, "additionalProperties": true}),
            json!({"type": "array", "items": {"type": ["object", "null"]}}),
            json!({"type": "object", "properties": {"type": {"type": "object"}}}),
        ] {
            assert_eq!(enforceable(&open), None, "{open}");
        }
    }
}
