//! Puts a question into the form of the wire.

use flowstone_core::{ChatRequest, Error, Message, Result, Role};
use serde_json::{Map, Value, json};

use super::{Responses, THOUGHTS, hosted};
use crate::openai::request::fits_strict;

/// The body of a call. Nothing is stored at the vendor: what it wants back comes with the turns.
pub(super) fn body(model: &Responses, request: &ChatRequest, stream: bool) -> Result<Value> {
    let chat = &model.chat;
    if !request.stop.is_empty() {
        return Err(cannot("texts that end an answer"));
    }
    let mut body = json!({
        "model": chat.model,
        "input": request.messages.iter().flat_map(items).collect::<Value>(),
        "store": false,
        "stream": stream,
    });
    let mut include = Vec::new();
    // A model that does not think refuses to be asked for its thoughts.
    if !model.reasoning.is_empty() {
        body["reasoning"] = model.reasoning.clone().into();
        include.push("reasoning.encrypted_content");
    }
    if request.hosted.iter().any(|it| it.name == hosted::INTERPRETER) {
        include.push("code_interpreter_call.outputs");
    }
    if !include.is_empty() {
        body["include"] = json!(include);
    }
    let own = request.hosted.iter().map(hosted::tool).collect::<Result<Vec<_>>>()?;
    if !request.tools.is_empty() || !own.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
                // Where nothing is said this wire is strict.
                "strict": chat.strict_tools,
            })
        });
        body["tools"] = tools.chain(own).collect();
    }
    if let Some(schema) = &request.schema {
        body["text"] = json!({"format": {
            "type": "json_schema",
            "name": "answer",
            "schema": schema,
            "strict": fits_strict(schema),
        }});
    }
    for (name, value) in settings(&chat.settings)? {
        body[name] = value;
    }
    Ok(body)
}

/// The settings that this wire has.
fn settings(settings: &Map<String, Value>) -> Result<Vec<(&str, Value)>> {
    let each = settings.iter().filter_map(|(name, value)| match name.as_str() {
        "max_tokens" | "max_completion_tokens" => Some(Ok(("max_output_tokens", value.clone()))),
        // Said by `reasoning`.
        "reasoning_effort" => None,
        "stop" => Some(Err(cannot("a stop sequence"))),
        "frequency_penalty" | "presence_penalty" => Some(Err(cannot("a penalty"))),
        other => Some(Ok((other, value.clone()))),
    });
    each.collect()
}

fn cannot(what: &str) -> Error {
    Error::Unsupported(format!(
        "the provider does not take {what} where a summary of the reasoning, or a tool of its own, \
         is asked for: remove one of the two"
    ))
}

/// A turn as the items of this wire: thoughts, words and calls stand side by side.
fn items(message: &Message) -> Vec<Value> {
    let mut items = Vec::new();
    if message.role == Role::Tool {
        let id = message.tool_call_id.as_deref().unwrap_or_default();
        items.push(json!({
            "type": "function_call_output", "call_id": id, "output": message.text,
        }));
        return items;
    }
    let thoughts = message.signed.as_ref().and_then(|it| it.get(THOUGHTS)?.as_array());
    items.extend(thoughts.into_iter().flatten().cloned());
    if !message.text.is_empty() || !message.images.is_empty() {
        items.push(words(message));
    }
    for call in &message.tool_calls {
        items.push(json!({
            "type": "function_call",
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments,
        }));
    }
    items
}

fn words(message: &Message) -> Value {
    let (role, kind) = match message.role {
        Role::System => ("developer", "input_text"),
        Role::Assistant => ("assistant", "output_text"),
        Role::User | Role::Tool => ("user", "input_text"),
    };
    let text = Some(&message.text).filter(|it| !it.is_empty());
    let text = text.map(|it| json!({"type": kind, "text": it}));
    let images = message.images.iter().map(|image| {
        let detail = image.detail.as_deref().unwrap_or("auto");
        json!({"type": "input_image", "image_url": image.url, "detail": detail})
    });
    json!({"role": role, "content": text.into_iter().chain(images).collect::<Value>()})
}
