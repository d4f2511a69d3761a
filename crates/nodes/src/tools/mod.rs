//! Nodes that a model may call.

pub(crate) mod arithmetic;
pub(crate) mod calculator;
pub(crate) mod current_date_time;
#[cfg(feature = "javascript")]
pub(crate) mod custom_tool;

use serde_json::{Value, json};

/// The schema of a tool that takes one text called `input`.
fn one_text(description: &str) -> Value {
    json!({
        "type": "object",
        "properties": {"input": {"type": "string", "description": description}},
        "required": ["input"],
        "additionalProperties": false
    })
}
