//! What a person is asked before a run goes on.

use flowstone_core::{Error, HumanAnswer, Result, Turn, step};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Where the record of a waiting step keeps what is asked.
pub(super) const ACTION: &str = "humanInputAction";

/// What the caller is shown: two buttons, and what they decide on.
pub(super) fn action(turn: &Turn<'_>, input: &Map<String, Value>) -> Value {
    let id = Uuid::new_v4().to_string();
    step::approval(&id, (turn.node_id, turn.node_label), input)
}

/// Whether an answer is one.
///
/// # Errors
/// Says what would be.
pub(super) fn check(answer: &HumanAnswer) -> Result<()> {
    if ["proceed", "reject"].contains(&answer.kind.as_str()) {
        return Ok(());
    }
    Err(Error::Unsupported(format!(
        "an answer is of the type proceed or reject, not {}",
        answer.kind
    )))
}
