//! Nodes that hold a prompt for a chain to fill.

pub(crate) mod chat_prompt_template;
pub(crate) mod few_shot_prompt_template;
pub(crate) mod prompt_template;

use flowstone_core::{Error, Input, Inputs, Result};
use serde_json::{Map, Value};

/// Values for the variables of a template.
pub(crate) const PROMPT_VALUES: Input<Option<Value>> = {
    let mut it = Input::json("Format Prompt Values", "promptValues").accepts_variables().optional();
    it.field.list = true;
    it
};

/// Reads [`PROMPT_VALUES`].
pub(crate) fn values(inputs: &Inputs) -> Result<Map<String, Value>> {
    match inputs.get(&PROMPT_VALUES)? {
        None => Ok(Map::new()),
        Some(Value::Object(values)) => Ok(values),
        Some(other) => Err(Error::invalid(
            &PROMPT_VALUES.field,
            format!("a JSON object such as {{\"name\": \"Ada\"}} is expected, not {other}"),
        )),
    }
}
