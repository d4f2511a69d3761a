//! The row *Return Value As*: what becomes of a function's or another flow's value.

use flowstone_core::{
    Choice, Error, Input, Result,
    sequence::{Acted, Line, Speaker},
};
use serde_json::Value;

use super::Who;
use crate::prompt_format::as_text;

pub(super) const AS: Input<String> = Input::options(
    "Return Value As",
    "returnValueAs",
    &[
        Choice::new("aiMessage", "AI Message").describe("Says it as a model"),
        Choice::new("humanMessage", "Human Message").describe("Says it as a person"),
        Choice::new("stateObj", "State Object")
            .describe("Sets keys of the state: {\"key\": \"value\"}"),
    ],
)
.default("aiMessage");

/// What a turn that gave `value` comes to.
///
/// # Errors
/// Where it is to change the state and is no object.
pub(super) fn acted(kind: &str, value: Value, who: &Who) -> Result<Acted> {
    let speaker = match kind {
        "aiMessage" => Speaker::Ai,
        "humanMessage" => Speaker::Human,
        "stateObj" => return changes(&value),
        other => {
            let reason = format!("{other} is none of aiMessage, humanMessage and stateObj");
            return Err(Error::invalid(&AS.field, reason));
        }
    };
    if value.is_null() {
        let said = "it returned nothing: a value to say is expected";
        return Err(Error::Script(said.to_owned()));
    }
    Ok(Acted::said(Line::new(speaker, as_text(&value)).by(&who.node_id, &who.name)))
}

fn changes(value: &Value) -> Result<Acted> {
    let read = match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        _ => value.clone(),
    };
    let Value::Object(mut changes) = read else {
        let reason = format!("an object of changes of the state is expected, not {value}");
        return Err(Error::invalid(&AS.field, reason));
    };
    // Code likes to give the whole state back; the conversation is not changed this way.
    changes.remove("messages");
    Ok(Acted { changes, ..Acted::default() })
}
