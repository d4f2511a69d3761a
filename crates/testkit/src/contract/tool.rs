//! What every tool must do.

use flowstone_core::{Run, Tool, ToolResult};
use serde_json::{Map, Value};

/// Laws of a tool: a name models accept, a description, an object schema; `arguments` is a call
/// that works, and arguments of the wrong kind are answered or refused, never a panic.
pub async fn suite(tool: &dyn Tool, arguments: &Value, run: &Run) -> ToolResult {
    let spec = tool.spec();
    let fits = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
    assert!(
        (1..=64).contains(&spec.name.len()) && spec.name.chars().all(fits),
        "{:?} is no name that models accept",
        spec.name
    );
    assert!(!spec.description.is_empty(), "a model must be told when to use {}", spec.name);
    assert_eq!(spec.parameters["type"], "object", "arguments are an object");

    let arguments = arguments.as_object().expect("arguments are an object");
    let result = tool.call(arguments, run).await.expect("a good call works");

    let _ = tool.call(&Map::new(), run).await;
    let strange: Map<String, Value> = arguments
        .keys()
        .map(|key| (key.clone(), serde_json::json!([null, {"deep": ["🐎"]}])))
        .collect();
    let _ = tool.call(&strange, run).await;
    result
}
