//! Tools that run at Anthropic: how they are asked for, and what comes of them.

use flowstone_core::{Error, HostedTool, Result, UsedTool};
use serde_json::{Map, Value};

/// A tool: its type, which holds a date, its name, and what has to be said to try it out.
const TOOLS: &[(&str, &str, Option<&str>)] = &[
    ("web_search_20250305", "web_search", None),
    ("web_fetch_20250910", "web_fetch", Some("web-fetch-2025-09-10")),
];
/// Ending of the kinds of blocks that hold results.
const RESULT: &str = "_tool_result";
/// What only the vendor can read.
const SEALED: &[&str] = &["encrypted_content", "encrypted_index"];

/// A tool as the wire has it.
///
/// # Errors
/// Names those that there are.
pub(super) fn tool(asked: &HostedTool) -> Result<Value> {
    let kind = asked.name.as_str();
    let found = TOOLS.iter().find(|(known, ..)| *known == kind);
    let (kind, name, _) = found.ok_or_else(|| {
        let names: Vec<&str> = TOOLS.iter().map(|(kind, ..)| *kind).collect();
        Error::Unsupported(format!(
            "Anthropic has no tool {kind} of its own. Those that it has are: {}",
            names.join(", ")
        ))
    })?;
    let mut tool = asked.settings.clone();
    tool.insert("type".to_owned(), (*kind).into());
    tool.insert("name".to_owned(), (*name).into());
    Ok(tool.into())
}

/// What has to be said to try the tools out.
pub(super) fn trials(asked: &[HostedTool]) -> Option<String> {
    let tools = TOOLS.iter().filter(|(kind, ..)| asked.iter().any(|it| it.name == *kind));
    let trials: Vec<&str> = tools.filter_map(|(.., trial)| *trial).collect();
    (!trials.is_empty()).then(|| trials.join(","))
}

/// Whether a block is the call of such a tool.
pub(super) fn is_call(block: &Map<String, Value>) -> bool {
    block.get("type").is_some_and(|it| it == "server_tool_use")
}

/// A call as clients see it, with its result among the other blocks.
pub(super) fn used<'b>(
    call: &Map<String, Value>,
    input: Value,
    mut others: impl Iterator<Item = &'b Map<String, Value>>,
) -> UsedTool {
    let text = |it: &Map<String, Value>, name: &str| {
        it.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let id = text(call, "id");
    let result =
        others.find(|it| text(it, "type").ends_with(RESULT) && text(it, "tool_use_id") == id);
    let content = result.and_then(|it| it.get("content")).map(readable).unwrap_or_default();
    let error = content["error_code"].as_str().map(|it| format!("the vendor says: {it}"));
    UsedTool {
        tool: text(call, "name"),
        tool_input: input,
        tool_output: content,
        error,
        ..UsedTool::default()
    }
}

/// A result without what only the vendor can read.
fn readable(content: &Value) -> Value {
    match content {
        Value::Array(items) => items.iter().map(readable).collect(),
        Value::Object(map) => {
            let open = map.iter().filter(|(name, _)| !SEALED.contains(&name.as_str()));
            open.map(|(name, it)| (name.clone(), readable(it))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}
