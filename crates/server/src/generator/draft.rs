//! A flow as a model draws it, before it is placed.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

/// Most steps of a flow.
const MOST_NODES: usize = 100;

/// What a model answers.
#[derive(Debug, Deserialize)]
pub(super) struct Draft {
    pub(super) nodes: Vec<DraftNode>,
    #[serde(default)]
    pub(super) edges: Vec<DraftEdge>,
}

/// One step.
#[derive(Debug, Deserialize)]
pub(super) struct DraftNode {
    pub(super) id: String,
    #[serde(alias = "node", alias = "name", alias = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) label: Option<String>,
    #[serde(default, alias = "parent")]
    pub(super) inside: Option<String>,
    #[serde(default, alias = "inputs", deserialize_with = "settings")]
    pub(super) settings: Map<String, Value>,
}

/// One wire.
#[derive(Debug, Deserialize)]
pub(super) struct DraftEdge {
    #[serde(alias = "source")]
    pub(super) from: String,
    #[serde(alias = "target")]
    pub(super) to: String,
    #[serde(default, deserialize_with = "way")]
    pub(super) way: Option<usize>,
}

/// Names and values, as a list of both or as an object; models write either.
fn settings<'de, D: Deserializer<'de>>(from: D) -> Result<Map<String, Value>, D::Error> {
    use serde::de::Error as _;
    let mut map = Map::new();
    match Value::deserialize(from)? {
        Value::Null => {}
        Value::Object(given) => map = given,
        Value::Array(items) => {
            for item in items {
                let Some(name) = item["name"].as_str() else {
                    return Err(D::Error::custom("each setting has a name and a value"));
                };
                map.insert(name.to_owned(), item["value"].clone());
            }
        }
        _ => return Err(D::Error::custom("settings are a list of names and values")),
    }
    Ok(map)
}

/// The number of a way, also as a text.
fn way<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Number(number) => number.as_u64().and_then(|it| usize::try_from(it).ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

impl Draft {
    /// Reads an answer; words around the object do not count.
    ///
    /// # Errors
    /// What is wrong, for the model to mend.
    pub(super) fn read(answer: &str) -> Result<Self, String> {
        let inner = answer.find('{').zip(answer.rfind('}'));
        let inner = inner.and_then(|(from, to)| answer.get(from..=to));
        let inner = inner.ok_or("the answer holds no JSON object with nodes and edges")?;
        let mut reader = serde_json::Deserializer::from_str(inner);
        let draft: Self = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            let place = if path == "." { String::new() } else { format!("{path}: ") };
            format!("the JSON cannot be read: {place}{}", error.inner())
        })?;
        if draft.nodes.len() > MOST_NODES {
            return Err(format!("a flow has at most {MOST_NODES} nodes"));
        }
        Ok(draft)
    }

    /// What models that can be bound to a schema are bound to.
    pub(super) fn schema() -> Value {
        let text = json!({ "type": "string" });
        let object = |properties: Value| {
            let names: Vec<String> = properties
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect();
            json!({ "type": "object", "properties": properties, "required": names,
                "additionalProperties": false })
        };
        let setting = object(json!({ "name": text, "value": text }));
        let node = object(json!({
            "id": text,
            "kind": text,
            "label": text,
            "inside": { "type": ["string", "null"] },
            "settings": { "type": "array", "items": setting },
        }));
        let edge =
            object(json!({ "from": text, "to": text, "way": { "type": ["integer", "null"] } }));
        object(json!({
            "nodes": { "type": "array", "items": node },
            "edges": { "type": "array", "items": edge },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_found_among_words_in_either_form() {
        let answer = r#"Here it is: ```json
            {"nodes":[{"id":"a","kind":"x","settings":[{"name":"n","value":"v"}]},
                {"id":"b","node":"y","parent":"a","inputs":{"n":1}}],
             "edges":[{"from":"a","to":"b","way":"1"},{"source":"b","target":"a","way":null}]}```"#;
        let draft = Draft::read(answer).unwrap();
        assert_eq!(draft.nodes[0].settings["n"], "v");
        assert_eq!(
            (draft.nodes[1].inside.as_deref(), &draft.nodes[1].settings["n"]),
            (Some("a"), &json!(1))
        );
        assert_eq!((draft.edges[0].way, draft.edges[1].way), (Some(1), None));
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_place() {
        for (answer, said) in [
            ("no", "holds no JSON object"),
            (r#"{"edges":[]}"#, "missing field `nodes`"),
            (r#"{"nodes":[{"kind":"x"}]}"#, "nodes[0]"),
        ] {
            let wrong = Draft::read(answer).unwrap_err();
            assert!(wrong.contains(said), "{wrong}");
        }
    }
}
