//! Code of the flow's author that reads the state, and the tabs that it stands beside.

use flowstone_core::{Error, Inputs, Result, sequence::Scene};
use serde_json::{Map, Value};

/// Which of a row's tabs is open; the first where the flow does not say.
pub(super) fn open_tab<'a>(inputs: &Inputs, identifier: &str, tabs: &[&'a str]) -> &'a str {
    let saved = inputs.values.get(&format!("{identifier}_{}", inputs.node_id));
    let saved = saved.and_then(Value::as_str).unwrap_or_default();
    let saved = saved.split(&format!("_{}", inputs.node_id)).next().unwrap_or_default();
    tabs.iter().find(|it| **it == saved).copied().unwrap_or(tabs[0])
}

/// Runs code that sees `$flow`, `$vars` and further values.
///
/// # Errors
/// What the code threw.
#[cfg(feature = "javascript")]
pub(super) async fn run(
    code: &str,
    scene: &Scene<'_>,
    output: Option<Value>,
    further: Map<String, Value>,
) -> Result<Value> {
    use crate::javascript::{self, Code};

    let mut program = Code::alone(code.to_owned());
    program.global("vars", scene.run.variables.clone().into());
    program.global("flow", scene.flow(output));
    program.global("input", scene.run.question.clone().into());
    for (name, value) in further {
        program.global(&name, value);
    }
    javascript::run(program, &scene.run.services).await
}

/// The same where this installation runs no code.
#[cfg(not(feature = "javascript"))]
#[expect(clippy::unused_async, reason = "it stands in for the one that runs code")]
pub(super) async fn run(
    _: &str,
    _: &Scene<'_>,
    _: Option<Value>,
    _: Map<String, Value>,
) -> Result<Value> {
    Err(without())
}

/// Says that this installation runs no code.
#[cfg_attr(feature = "javascript", expect(dead_code, reason = "for builds without JavaScript"))]
pub(super) fn without() -> Error {
    Error::Unsupported("this installation was built without JavaScript".to_owned())
}
