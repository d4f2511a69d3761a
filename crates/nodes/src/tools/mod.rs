//! Nodes that a model may call.

mod actions;
pub(crate) mod agent_as_tool;
pub(crate) mod arithmetic;
pub(crate) mod arxiv;
pub(crate) mod aws_dynamodb_kv_storage;
pub(crate) mod aws_sns;
pub(crate) mod brave_search_api;
pub(crate) mod calculator;
pub(crate) mod chain_tool;
pub(crate) mod chatflow_tool;
pub(crate) mod code_interpreter_e2b;
pub(crate) mod composio;
pub(crate) mod current_date_time;
#[cfg(feature = "javascript")]
pub(crate) mod custom_tool;
pub(crate) mod exa_search;
pub(crate) mod flow_as_tool;
pub(crate) mod gmail;
pub(crate) mod google_calendar_tool;
pub(crate) mod google_custom_search;
pub(crate) mod google_docs_tool;
pub(crate) mod google_drive_tool;
pub(crate) mod google_sheets_tool;
pub(crate) mod jira_tool;
pub(crate) mod json_path_extractor;
pub(crate) mod microsoft_outlook;
pub(crate) mod microsoft_teams;
pub(crate) mod openapi_toolkit;
pub(crate) mod query_engine_tool_llama_index;
pub(crate) mod read_file;
mod requests;
pub(crate) mod requests_delete;
pub(crate) mod requests_get;
pub(crate) mod requests_post;
pub(crate) mod requests_put;
pub(crate) mod retriever_tool;
pub(crate) mod sear_xng;
pub(crate) mod search_api;
pub(crate) mod serp_api;
pub(crate) mod serper;
pub(crate) mod stripe_agent_tool;
pub(crate) mod tavily_api;
pub(crate) mod web_browser;
mod web_page;
pub(crate) mod web_scraper_tool;
mod web_search;
pub(crate) mod wolfram_alpha;
mod workspace_files;
pub(crate) mod write_file;

use flowstone_core::{Error, Result};
use serde_json::{Map, Value, json};

/// The schema of a tool that takes one text called `input`.
fn one_text(description: &str) -> Value {
    json!({
        "type": "object",
        "properties": {"input": {"type": "string", "description": description}},
        "required": ["input"],
        "additionalProperties": false
    })
}

/// The schema of a tool that takes nothing.
fn nothing() -> Value {
    json!({"type": "object", "properties": {}, "additionalProperties": false})
}

/// A text among the arguments.
///
/// # Errors
/// `ModelAnswer` where the model gave none.
fn text_of<'a>(arguments: &'a Map<String, Value>, name: &str) -> Result<&'a str> {
    let text = arguments.get(name).and_then(Value::as_str);
    text.ok_or_else(|| Error::ModelAnswer(format!("{name} must be a text. Call again.")))
}

/// Models take letters, digits, `_` and `-`, 64 at most; people write spaces. `otherwise` where
/// nothing is left.
pub(crate) fn name_for_models(name: &str, otherwise: &str) -> String {
    let fits = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
    let name: String =
        name.trim().chars().map(|it| if fits(it) { it } else { '_' }).take(64).collect();
    if name.is_empty() { otherwise.to_owned() } else { name }
}

/// The first `most` characters of a text.
fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod attack_tests;
#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod web_tests;
