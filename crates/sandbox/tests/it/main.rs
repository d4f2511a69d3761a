//! What scripts can do, cannot do, and may use up.
#![cfg(test)]

mod escapes;
mod globals;
mod host;
mod limits;
mod modules;
mod network;

use flowstone_sandbox::{Limits, Outcome, Sandbox, Script, ScriptError};
use serde_json::Value;

/// A script with no variables and no functions.
fn script(code: &str) -> Script {
    Script { code: code.to_owned(), ..Script::default() }
}

/// Runs `code` within the default limits, without network.
async fn run(code: &str) -> Result<Outcome, ScriptError> {
    Sandbox::new(Limits::default(), None).run(script(code)).await
}

/// Runs every row of a table and compares the returned values; a row that fails is told in full.
async fn returns(rows: &[(&str, Value)]) {
    let mut wrong = Vec::new();
    for (code, expected) in rows {
        match run(code).await {
            Ok(outcome) if outcome.value == *expected => {}
            other => wrong.push(format!("{code}\n  expected {expected}\n  got {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Runs every row of a table and looks for the text in the message of the error.
async fn fails(rows: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (code, expected) in rows {
        match run(code).await {
            Err(error) if error.to_string().contains(expected) => {}
            other => wrong.push(format!("{code}\n  expected {expected}\n  got {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
