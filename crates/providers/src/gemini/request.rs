//! Puts a question into the form of the wire.

use flowstone_core::{ChatRequest, Result, ToolSpec};
use serde_json::{Map, Value, json};

use super::{Chat, content, hosted};
use crate::schema::{narrowed, told};

/// Keywords of JSON Schema that the reference lists as known.
const KNOWN: &[&str] = &[
    "$anchor",
    "$defs",
    "$id",
    "$ref",
    "additionalProperties",
    "anyOf",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maximum",
    "minItems",
    "minimum",
    "prefixItems",
    "properties",
    "propertyOrdering",
    "required",
    "title",
    "type",
];

/// The body of a call.
///
/// # Errors
/// Where a picture cannot be read, or the vendor has no such tool of its own.
pub(super) async fn body(chat: &Chat, request: &ChatRequest) -> Result<Map<String, Value>> {
    let third = is_third_generation(&chat.model);
    let mut conversation =
        content::conversation(&request.messages, third, &chat.server.http).await?;
    let mut generation = chat.generation.clone();
    if let Some(thinking) = thinking(chat, third) {
        generation.insert("thinkingConfig".to_owned(), thinking);
    }
    if let Some(schema) = &request.schema {
        // Older models answer in JSON or call tools, not both.
        if request.tools.is_empty() || third {
            generation.insert("responseMimeType".to_owned(), "application/json".into());
            generation.insert("responseJsonSchema".to_owned(), narrowed(schema, known));
        } else {
            let own = std::mem::take(&mut conversation.system);
            let parts = [own, told(schema)];
            let parts: Vec<_> = parts.into_iter().filter(|it| !it.is_empty()).collect();
            conversation.system = parts.join("\n\n");
        }
    }
    if !request.stop.is_empty() {
        generation.insert("stopSequences".to_owned(), json!(request.stop));
    }

    let mut body = Map::new();
    if !conversation.system.is_empty() {
        let parts = json!([{"text": conversation.system}]);
        body.insert("systemInstruction".to_owned(), json!({"parts": parts}));
    }
    body.insert("contents".to_owned(), conversation.contents.into());
    let mut tools = Vec::new();
    if !request.tools.is_empty() {
        let declared: Value = request.tools.iter().map(tool).collect();
        tools.push(json!({"functionDeclarations": declared}));
    }
    for tool in &request.hosted {
        tools.push(hosted::tool(tool)?);
    }
    if !tools.is_empty() {
        body.insert("tools".to_owned(), tools.into());
    }
    if !chat.safety.is_empty() {
        body.insert("safetySettings".to_owned(), chat.safety.clone().into());
    }
    if !generation.is_empty() {
        body.insert("generationConfig".to_owned(), generation.into());
    }
    Ok(body)
}

/// What a model is told of thinking. Thoughts are shown only where they are asked for, and a model
/// that does not think refuses to be asked.
fn thinking(chat: &Chat, third: bool) -> Option<Value> {
    if third {
        let level = chat.thinking_level.as_ref()?;
        return Some(json!({"thinkingLevel": level, "includeThoughts": true}));
    }
    let budget = chat.thinking_budget.as_ref()?;
    Some(json!({"thinkingBudget": budget, "includeThoughts": *budget != 0}))
}

fn tool(spec: &ToolSpec) -> Value {
    let mut tool = json!({"name": spec.name, "description": spec.description});
    // An object without properties is refused; a tool without arguments has no schema.
    if spec.parameters["properties"].as_object().is_some_and(|it| !it.is_empty()) {
        tool["parametersJsonSchema"] = narrowed(&spec.parameters, known);
    }
    tool
}

fn known(keyword: &str, _: &Value) -> bool {
    KNOWN.contains(&keyword)
}

/// Models that want signatures back with calls, and can answer in JSON beside calling tools.
fn is_third_generation(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or_default();
    let major = name.strip_prefix("gemini-").and_then(|it| it.split(['.', '-']).next());
    major.and_then(|it| it.parse().ok()).is_some_and(|it: u32| it >= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_generation() {
        for name in ["gemini-3-flash-preview", "gemini-3.1-pro-preview", "models/gemini-4-pro"] {
            assert!(is_third_generation(name), "{name}");
        }
        for name in ["gemini-2.5-flash", "gemini-1.5-pro-latest", "gemini-pro", "gemma-3-27b-it"] {
            assert!(!is_third_generation(name), "{name}");
        }
    }
}
