//! References inside a document, and schemas as models are shown them.

use serde_json::{Map, Value, json};

/// How deep schemas are followed; what lies deeper may be anything.
const DEEPEST: usize = 12;

/// How many parts of schemas one operation shows.
const MOST_PARTS: usize = 4_000;

/// How many references may lead to each other.
const MOST_HOPS: usize = 16;

/// What of a schema helps a model.
const KEPT: [&str; 20] = [
    "type",
    "description",
    "enum",
    "const",
    "format",
    "default",
    "items",
    "properties",
    "required",
    "additionalProperties",
    "oneOf",
    "anyOf",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "title",
];

/// Follows the references of one operation.
pub(super) struct Resolver<'a> {
    root: &'a Value,
    parts: usize,
    /// The references that are being followed: one that leads to itself ends there.
    open: Vec<String>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, parts: 0, open: Vec::new() }
    }

    /// What a reference leads to, or the value itself. Other files are not read: what they hold
    /// is unknown.
    pub(super) fn follow<'b>(&self, value: &'b Value) -> &'b Value
    where
        'a: 'b,
    {
        let mut value = value;
        for _ in 0..MOST_HOPS {
            let Some(target) = value.get("$ref").and_then(Value::as_str) else { break };
            let pointer = target.strip_prefix('#');
            match pointer.and_then(|it| self.root.pointer(it)) {
                Some(found) => value = found,
                None => break,
            }
        }
        value
    }

    /// A schema with its references replaced and only what helps a model.
    pub(super) fn schema(&mut self, value: &Value) -> Value {
        self.parts += 1;
        if self.parts > MOST_PARTS || self.open.len() > DEEPEST {
            return json!({});
        }
        let target = value.get("$ref").and_then(Value::as_str);
        if target.is_some_and(|it| self.open.iter().any(|open| open == it)) {
            return json!({});
        }
        self.open.push(target.unwrap_or_default().to_owned());
        let found = self.follow(value).clone();
        let schema = self.trimmed(&found);
        self.open.pop();
        schema
    }

    fn trimmed(&mut self, value: &Value) -> Value {
        let Some(map) = value.as_object() else { return json!({}) };
        let mut kept = Map::new();
        for part in map.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            merge(&mut kept, self.schema(part));
        }
        let mut own = Map::new();
        for (key, it) in map.iter().filter(|(key, _)| KEPT.contains(&key.as_str())) {
            let it = match (key.as_str(), it) {
                ("properties", Value::Object(properties)) => self.properties(properties),
                ("items", _) | ("additionalProperties", Value::Object(_)) => self.schema(it),
                ("oneOf" | "anyOf", Value::Array(list)) => {
                    list.iter().map(|one| self.schema(one)).collect()
                }
                _ => it.clone(),
            };
            own.insert(key.clone(), it);
        }
        merge(&mut kept, own.into());
        // What a caller may not set cannot be required of one.
        let properties = kept.get("properties").and_then(Value::as_object).cloned();
        if let (Some(known), Some(Value::Array(required))) = (properties, kept.get_mut("required"))
        {
            required.retain(|it| it.as_str().is_some_and(|name| known.contains_key(name)));
        }
        kept.into()
    }

    /// Those that a caller may set.
    fn properties(&mut self, properties: &Map<String, Value>) -> Value {
        let mut kept = Map::new();
        for (name, it) in properties {
            if self.follow(it)["readOnly"] != true {
                kept.insert(name.clone(), self.schema(it));
            }
        }
        kept.into()
    }
}

/// Adds a schema to another: properties and what is required come together, the rest is replaced.
fn merge(schema: &mut Map<String, Value>, more: Value) {
    let Value::Object(more) = more else { return };
    for (key, it) in more {
        match (schema.get_mut(&key), it) {
            (Some(Value::Object(have)), Value::Object(new)) if key == "properties" => {
                have.extend(new);
            }
            (Some(Value::Array(have)), Value::Array(new)) if key == "required" => {
                have.extend(new);
            }
            (_, it) => {
                schema.insert(key, it);
            }
        }
    }
}
