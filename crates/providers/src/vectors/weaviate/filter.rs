//! Conditions for Weaviate: written as its client or its GraphQL has them, sent as GraphQL.

use flowstone_core::{Error, Result};
use serde_json::Value;

/// Names and types of properties.
type Known = [(String, String)];

/// Whether it needs a property that no object has, so that nothing can be found.
pub(super) fn names_unknown(filter: &Value, known: &Known) -> bool {
    let filter = filter.get("where").unwrap_or(filter);
    if let Some(operands) = operands(filter) {
        let is_and = filter["operator"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("and"));
        return is_and && operands.iter().any(|it| names_unknown(it, known));
    }
    property(filter).is_some_and(|name| name != "id" && !known.iter().any(|it| it.0 == name))
}

/// The condition in GraphQL.
///
/// # Errors
/// `Unsupported` that says what is expected.
pub(super) fn written(filter: &Value, known: &Known) -> Result<String> {
    let filter = filter.get("where").unwrap_or(filter);
    let Some(operator) = filter["operator"].as_str().filter(|it| is_word(it)) else {
        return Err(wrong("an operator such as Equal or And"));
    };
    if let Some(operands) = operands(filter) {
        let inner: Result<Vec<String>> = operands.iter().map(|it| written(it, known)).collect();
        return Ok(format!("{{operator: {operator}, operands: [{}]}}", inner?.join(", ")));
    }
    let name = property(filter).ok_or_else(|| wrong("a path such as [\"source\"]"))?;
    let kind = known.iter().find(|it| it.0 == name).map_or("", |it| it.1.as_str());
    let typed = filter.as_object().and_then(|it| {
        it.iter().find(|(key, _)| key.starts_with("value") && *key != "value" && is_word(key))
    });
    let (row, value) = match typed {
        Some((row, value)) => (row.clone(), value),
        None => {
            let value = filter.get("value").ok_or_else(|| wrong("a value"))?;
            (row_of(value, kind), value)
        }
    };
    Ok(format!("{{operator: {operator}, path: [{}], {row}: {value}}}", Value::from(name)))
}

fn operands(filter: &Value) -> Option<&Vec<Value>> {
    filter.get("operands").or_else(|| filter.get("filters"))?.as_array()
}

fn property(filter: &Value) -> Option<&str> {
    filter["target"]["property"]
        .as_str()
        .or_else(|| filter["path"].as_str())
        .or_else(|| filter["path"].get(0).and_then(Value::as_str))
}

/// How GraphQL calls a value of this type.
fn row_of(value: &Value, kind: &str) -> String {
    let first = value.get(0).unwrap_or(value);
    let name = match (first, kind.trim_end_matches("[]")) {
        (Value::Bool(_), _) => "valueBoolean",
        (Value::Number(_), "int") => "valueInt",
        (Value::Number(_), _) => "valueNumber",
        (_, "date") => "valueDate",
        _ => "valueText",
    };
    name.to_owned()
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it.is_ascii_alphanumeric())
}

fn wrong(missing: &str) -> Error {
    Error::Unsupported(format!(
        "the Weaviate filter lacks {missing}: it looks like {{\"operator\": \"Equal\", \"path\": \
         [\"source\"], \"valueText\": \"a.pdf\"}}"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_become_graphql() {
        let known = [("page".to_owned(), "int".to_owned()), ("s".to_owned(), "text".to_owned())];
        for (filter, expected) in [
            (
                json!({"operator": "Equal", "path": ["page"], "valueInt": 3}),
                "{operator: Equal, path: [\"page\"], valueInt: 3}",
            ),
            (
                json!({"where": {"operator": "Equal", "target": {"property": "page"}, "value": 3}}),
                "{operator: Equal, path: [\"page\"], valueInt: 3}",
            ),
            (
                json!({"operator": "And", "filters": [
                    {"operator": "Like", "path": "s", "value": "a\"b"}]}),
                "{operator: And, operands: [{operator: Like, path: [\"s\"], valueText: \"a\\\"b\"}]}",
            ),
        ] {
            assert!(!names_unknown(&filter, &known));
            assert_eq!(written(&filter, &known).unwrap(), expected);
        }
        assert!(names_unknown(&json!({"operator": "Equal", "path": ["x"], "value": 1}), &known));
        for odd in [json!({}), json!({"operator": "Equal) {"}), json!({"operator": "Equal"})] {
            assert!(written(&odd, &known).is_err(), "{odd}");
        }
    }
}
