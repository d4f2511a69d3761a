//! Tools that run at Google: how they are asked for, and what comes of them.

use flowstone_core::{Error, Hosted, HostedFile, HostedTool, Result, UsedTool};
use serde_json::{Map, Value, json};

const PAGES: &str = "urlContext";
const SEARCH: &str = "googleSearch";
const CODE: &str = "codeExecution";

/// A tool as the wire has it.
///
/// # Errors
/// Names those that there are.
pub(super) fn tool(asked: &HostedTool) -> Result<Value> {
    let name = asked.name.as_str();
    if [PAGES, SEARCH, CODE].contains(&name) {
        return Ok(Map::from_iter([(name.to_owned(), asked.settings.clone().into())]).into());
    }
    Err(Error::Unsupported(format!(
        "Gemini has no tool {name} of its own. Those that it has are: {PAGES}, {SEARCH}, {CODE}"
    )))
}

/// Takes a part of an answer that a tool made.
pub(super) fn take_part(part: &Map<String, Value>, hosted: &mut Hosted) {
    if let Some(code) = part.get("executableCode") {
        hosted.used.push(UsedTool {
            tool: CODE.to_owned(),
            tool_input: code.clone(),
            ..UsedTool::default()
        });
    }
    if let Some(result) = part.get("codeExecutionResult")
        && let Some(call) = hosted.used.iter_mut().rev().find(|it| it.tool == CODE)
    {
        call.tool_output = result["output"].clone();
        let outcome = result["outcome"].as_str().filter(|it| *it != "OUTCOME_OK");
        call.error = outcome.map(|it| format!("the vendor says: {it}"));
    }
    let Some(data) = part.get("inlineData") else { return };
    let kind = data["mimeType"].as_str().and_then(|it| it.strip_prefix("image/"));
    if let (Some(kind), Some(base64)) = (kind, data["data"].as_str()) {
        let name = format!("image-{}.{kind}", hosted.files.len() + 1);
        hosted.files.push(HostedFile { name, base64: base64.to_owned(), link: None });
    }
}

/// Takes what the vendor says of its searches.
pub(super) fn take_grounding(grounding: &Value, hosted: &mut Hosted) {
    let queries = &grounding["webSearchQueries"];
    if queries.as_array().is_none_or(Vec::is_empty) {
        return;
    }
    let chunks = grounding["groundingChunks"].as_array().into_iter().flatten();
    let found = chunks.filter_map(|it| it.get("web"));
    let found: Value = found.map(|it| json!({"url": it["uri"], "title": it["title"]})).collect();
    hosted.used.push(UsedTool {
        tool: SEARCH.to_owned(),
        tool_input: json!({ "queries": queries }),
        tool_output: found,
        ..UsedTool::default()
    });
}

/// Takes what the vendor says of the pages that it read.
pub(super) fn take_pages(read: &Value, hosted: &mut Hosted) {
    let Some(pages) = read["urlMetadata"].as_array().filter(|it| !it.is_empty()) else { return };
    let urls: Value = pages.iter().map(|it| it["retrievedUrl"].clone()).collect();
    let state = |it: &Value| it["urlRetrievalStatus"].clone();
    let output = pages.iter().map(|it| json!({"url": it["retrievedUrl"], "status": state(it)}));
    hosted.used.push(UsedTool {
        tool: PAGES.to_owned(),
        tool_input: json!({ "urls": urls }),
        tool_output: output.collect(),
        ..UsedTool::default()
    });
}
