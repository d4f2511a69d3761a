//! Puts a question into the form of the wire.

use flowstone_core::{ChatRequest, Result, ToolSpec};
use serde_json::{Map, Value, json};

use super::{Chat, Family, Thinking, content, hosted, schema::enforceable};
use crate::schema::told;

/// Name of the tool whose arguments are the answer, where only a tool can bind it to a schema.
const ANSWER: &str = "answer";

/// A question as it is sent.
pub(super) struct Asked {
    /// The body of the call.
    pub(super) body: Map<String, Value>,
    /// The tool whose arguments are the answer.
    pub(super) answer_tool: Option<String>,
}

/// How an answer is bound to a schema.
enum Bound {
    /// By `output_config.format`.
    Format(Value),
    /// By a tool that must be called.
    Tool(String),
    /// By words alone: a model that thinks cannot be made to call a tool.
    Told,
}

/// The question as it is sent.
///
/// # Errors
/// Where a picture cannot be read, or the vendor has no such tool of its own.
pub(super) async fn asked(chat: &Chat, request: &ChatRequest, stream: bool) -> Result<Asked> {
    let family = Family::of(&chat.model);
    let mut conversation = content::conversation(&request.messages, &chat.server.http).await?;
    let bound = request.schema.as_ref().map(|it| (it, bound(chat, family, request, it)));
    let mut tools: Vec<_> = request.tools.iter().map(tool).collect();
    for tool in &request.hosted {
        tools.push(hosted::tool(tool)?);
    }
    let mut output = Map::new();
    let mut choice = None;
    let mut answer_tool = None;
    match bound {
        None => {}
        Some((_, Bound::Format(schema))) => {
            output.insert("format".to_owned(), json!({"type": "json_schema", "schema": schema}));
        }
        Some((schema, Bound::Tool(name))) => {
            choice = Some(if tools.is_empty() {
                json!({"type": "tool", "name": name})
            } else {
                json!({"type": "any"})
            });
            tools.push(tool(&ToolSpec {
                name: name.clone(),
                description: "Gives the answer. Call it once the answer is known.".to_owned(),
                parameters: schema.clone(),
            }));
            answer_tool = Some(name);
        }
        Some((schema, Bound::Told)) => {
            let own = std::mem::take(&mut conversation.system);
            let parts = [own, told(schema)];
            let parts: Vec<_> = parts.into_iter().filter(|it| !it.is_empty()).collect();
            conversation.system = parts.join("\n\n");
        }
    }

    let mut body = Map::new();
    let mut put = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    put("model", chat.model.clone().into());
    put("max_tokens", max_tokens(chat, family).into());
    if !conversation.system.is_empty() {
        put("system", conversation.system.into());
    }
    put("messages", conversation.turns.into());
    if !tools.is_empty() {
        put("tools", tools.into());
    }
    if let Some(choice) = choice {
        put("tool_choice", choice);
    }
    if let Some(thinking) = thinking(chat, family, &mut output) {
        put("thinking", thinking);
    }
    if !output.is_empty() {
        put("output_config", output.into());
    }
    for (name, value) in sampling(chat, family) {
        put(&name, value);
    }
    let stops: Vec<_> = request.stop.iter().filter(|it| !it.trim().is_empty()).cloned().collect();
    if !stops.is_empty() {
        put("stop_sequences", stops.into());
    }
    put("stream", stream.into());
    Ok(Asked { body, answer_tool })
}

fn bound(chat: &Chat, family: Family, request: &ChatRequest, schema: &Value) -> Bound {
    if family.knows_schemas()
        && let Some(schema) = enforceable(schema)
    {
        return Bound::Format(schema);
    }
    let is_object = schema["type"] == "object" || schema["properties"].is_object();
    let may_think = chat.thinking != Thinking::Off || family.only_adaptive();
    if may_think || !is_object {
        return Bound::Told;
    }
    let mut name = ANSWER.to_owned();
    while request.tools.iter().any(|it| it.name == name) {
        name.push('_');
    }
    Bound::Tool(name)
}

fn tool(spec: &ToolSpec) -> Value {
    let mut schema = spec.parameters.clone();
    if !schema.is_object() {
        schema = json!({});
    }
    schema["type"] = "object".into();
    let mut tool = json!({"name": spec.name, "input_schema": schema});
    if !spec.description.is_empty() {
        tool["description"] = spec.description.clone().into();
    }
    tool
}

/// The wire wants a limit. Thoughts count into it, so a budget for them comes on top.
fn max_tokens(chat: &Chat, family: Family) -> u64 {
    chat.max_tokens.unwrap_or_else(|| {
        let usual = family.usual_max_tokens();
        match chat.thinking {
            Thinking::Budget(budget) if !family.only_adaptive() => usual.saturating_add(budget),
            _ => usual,
        }
    })
}

fn thinking(chat: &Chat, family: Family, output: &mut Map<String, Value>) -> Option<Value> {
    // Newer models think in silence unless asked to show it.
    let adaptive = json!({"type": "adaptive", "display": "summarized"});
    match &chat.thinking {
        Thinking::Off => None,
        Thinking::Budget(_) if family.only_adaptive() => Some(adaptive),
        Thinking::Budget(budget) => Some(json!({"type": "enabled", "budget_tokens": budget})),
        Thinking::Adaptive { effort } => {
            if let Some(effort) = effort {
                output.insert("effort".to_owned(), effort.clone().into());
            }
            Some(adaptive)
        }
    }
}

/// The settings of sampling that the model takes together: one that thinks takes none, and
/// `top_p` stands instead of a temperature.
fn sampling(chat: &Chat, family: Family) -> Map<String, Value> {
    if chat.thinking != Thinking::Off || family.refuses_sampling() {
        return Map::new();
    }
    let mut settings = chat.sampling.clone();
    if settings.contains_key("top_p") {
        settings.remove("temperature");
    }
    settings
}
