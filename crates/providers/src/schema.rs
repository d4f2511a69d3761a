//! Makes JSON Schemas fit vendors that know only a part of the language.

use serde_json::{Map, Value};

/// Whether a vendor knows a keyword that holds this value.
pub(crate) type Known = fn(&str, &Value) -> bool;

/// The schema in keywords that a vendor knows. What it does not know is told in descriptions, where
/// the model reads it.
pub(crate) fn narrowed(schema: &Value, known: Known) -> Value {
    let Value::Object(fields) = schema else { return schema.clone() };
    let mut kept = Map::new();
    let mut told = Vec::new();
    for (keyword, value) in fields {
        match (keyword.as_str(), value) {
            ("$schema" | "$comment", _) => {}
            ("$defs" | "definitions" | "properties", Value::Object(named)) => {
                let each = named.iter().map(|(name, it)| (name.clone(), narrowed(it, known)));
                let keyword = if keyword == "definitions" { "$defs" } else { keyword };
                kept.insert(keyword.to_owned(), each.collect::<Map<_, _>>().into());
            }
            ("$ref", Value::String(place)) => {
                let place = place.replace("#/definitions/", "#/$defs/");
                kept.insert(keyword.clone(), place.into());
            }
            ("const", _) if !known(keyword, value) => {
                kept.insert("enum".to_owned(), vec![value.clone()].into());
            }
            ("oneOf", Value::Array(list)) if !known(keyword, value) => {
                kept.insert("anyOf".to_owned(), all_narrowed(list, known));
            }
            (_, _) if !known(keyword, value) => told.push(format!("{keyword} {value}")),
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(list)) => {
                kept.insert(keyword.clone(), all_narrowed(list, known));
            }
            ("items" | "additionalProperties", Value::Object(_)) => {
                kept.insert(keyword.clone(), narrowed(value, known));
            }
            _ => {
                kept.insert(keyword.clone(), value.clone());
            }
        }
    }
    if !told.is_empty() {
        let told = format!("It must keep to: {}", told.join(", "));
        let description = match kept.get("description").and_then(Value::as_str) {
            Some(own) => format!("{own}\n{told}"),
            None => told,
        };
        kept.insert("description".to_owned(), description.into());
    }
    kept.into()
}

fn all_narrowed(list: &[Value], known: Known) -> Value {
    list.iter().map(|it| narrowed(it, known)).collect()
}

/// What a model is told where no field of the wire binds it to the schema.
pub(crate) fn told(schema: &Value) -> String {
    format!(
        "Answer with one JSON object and nothing around it. It must follow this JSON Schema:\n\
         {schema}"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn few(keyword: &str, _: &Value) -> bool {
        ["type", "items", "anyOf", "description", "enum", "required"].contains(&keyword)
    }

    #[test]
    fn what_a_vendor_does_not_know_is_told_in_words() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "age": {"type": "integer", "minimum": 3, "description": "In years"},
                "kind": {"const": "cat"},
                "pattern": {"type": "string", "pattern": "^a+$"},
                "any": {"oneOf": [{"type": "string", "maxLength": 2}, {"type": "null"}]},
                "tags": {"type": "array", "items": {"$ref": "#/definitions/tag"}},
            },
            "definitions": {"tag": {"type": "string", "default": "x"}},
            "required": ["age"],
        });
        assert_eq!(
            narrowed(&schema, few),
            json!({
                "type": "object",
                "properties": {
                    "age": {
                        "type": "integer",
                        "description": "In years\nIt must keep to: minimum 3",
                    },
                    "kind": {"enum": ["cat"]},
                    "pattern": {
                        "type": "string",
                        "description": "It must keep to: pattern \"^a+$\"",
                    },
                    "any": {"anyOf": [
                        {"type": "string", "description": "It must keep to: maxLength 2"},
                        {"type": "null"},
                    ]},
                    "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
                },
                "$defs": {
                    "tag": {"type": "string", "description": "It must keep to: default \"x\""},
                },
                "required": ["age"],
            })
        );
    }

    #[test]
    fn a_schema_in_known_words_stays_as_it_is() {
        let schema = json!({"type": "array", "items": {"anyOf": [{"type": "string"}, true]}});
        assert_eq!(narrowed(&schema, few), schema);
    }
}
