//! A step that runs the nodes inside it once per entry of a list.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Next, Node, Result, Spec, Step, Taken, Turn,
};
use serde_json::{Map, Value};

use crate::loose_json;

const LIST: Input<String> = Input::text("Array Input", "iterationInput")
    .rows(4)
    .describe("The list: the nodes inside run once per entry, which they read as {{ $iteration }}")
    .placeholder("[\"first\", \"second\"]")
    .accepts_variables();

static SPEC: Spec = Spec {
    label: "Iteration",
    name: "iterationAgentflow",
    version: 1.0,
    kind: "Iteration",
    icon: "agentflow-iteration.svg",
    category: "Agent Flows",
    description: "Runs the nodes inside it once per entry of a list",
    color: Some("#9C89B8"),
    base_classes: &["Iteration"],
    inputs: &[LIST.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Iteration;

#[async_trait]
impl Node for Iteration {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn stays_inside(&self) -> bool {
        true
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let value = inputs.value(&LIST.field).ok_or_else(|| Error::missing(&LIST.field))?;
        Ok(Capability::Step(Arc::new(Each(entries(value)?))))
    }
}

struct Each(Vec<Value>);

#[async_trait]
impl Step for Each {
    async fn take(&self, _: &Turn<'_>) -> Result<Taken> {
        let input = Map::from_iter([("iterationInput".to_owned(), self.0.clone().into())]);
        Ok(Taken { input, next: Next::Each(self.0.clone()), ..Taken::default() })
    }
}

/// The list that a value is, or the text of one. Texts that went through several hands have
/// backslashes where none belong.
fn entries(value: Value) -> Result<Vec<Value>> {
    let expected = |found: &str| {
        let start: String = found.chars().take(80).collect();
        Error::invalid(
            &LIST.field,
            format!("a list such as [\"a\", \"b\"] is expected, not {start}"),
        )
    };
    let text = match value {
        Value::Array(entries) => return Ok(entries),
        Value::String(text) => text,
        other => return Err(expected(&other.to_string())),
    };
    let (unescaped, bare) = (text.replace("\\\"", "\""), text.replace('\\', ""));
    strict(&text)
        .or_else(|| strict(&unescaped))
        .or_else(|| loose(&text))
        .or_else(|| strict(&bare))
        .or_else(|| loose(&bare))
        .ok_or_else(|| expected(&text))
}

fn strict(text: &str) -> Option<Vec<Value>> {
    match serde_json::from_str(text).ok()? {
        Value::Array(entries) => Some(entries),
        // The text of a text.
        Value::String(inner) => serde_json::from_str(&inner).ok(),
        _ => None,
    }
}

fn loose(text: &str) -> Option<Vec<Value>> {
    match loose_json::parse(text) {
        Ok(Value::Array(entries)) if text.trim_start().starts_with('[') => Some(entries),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_read_however_it_was_written() {
        let expected = json!([{"item": "abc"}, 2]);
        for value in [
            json!([{"item": "abc"}, 2]),
            json!("[{\"item\": \"abc\"}, 2]"),
            json!("[{item: 'abc'}, 2,]"),
            json!("[{\\\"item\\\": \\\"abc\\\"}, 2]"),
            json!("\"[{\\\"item\\\": \\\"abc\\\"}, 2]\""),
        ] {
            assert_eq!(Value::from(entries(value.clone()).unwrap()), expected, "{value}");
        }
        for value in [json!("abc"), json!("{\"a\": 1}"), json!(5), json!("[1")] {
            let said = entries(value).unwrap_err().to_string();
            assert!(said.starts_with("Array Input: a list such as"), "{said}");
        }
    }
}
