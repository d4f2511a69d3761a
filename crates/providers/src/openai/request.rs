//! Puts a question into the form of the wire.

use flowstone_core::{ChatRequest, Message, Role, ToolSpec};
use serde_json::{Map, Value, json};

use super::{Chat, Dialect, Structured};
use crate::flatten;

/// The body of a call.
pub(super) fn body(chat: &Chat, request: &ChatRequest, stream: bool) -> Map<String, Value> {
    let dialect = chat.dialect;
    let mut body = Map::new();
    body.insert(dialect.model.to_owned(), chat.model.clone().into());
    let mut messages: Vec<_> = request.messages.iter().map(|it| message(it, dialect)).collect();
    if let Some(schema) = &request.schema {
        match dialect.structured {
            Structured::Schema => {
                body.insert("response_format".to_owned(), response_format(schema));
            }
            Structured::JsonObject => {
                body.insert("response_format".to_owned(), json!({"type": "json_object"}));
                messages.insert(0, told(schema, dialect.instructions));
            }
            Structured::Told => messages.insert(0, told(schema, dialect.instructions)),
        }
    }
    body.insert("messages".to_owned(), messages.into());
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|it| tool(it, chat.strict_tools));
        body.insert("tools".to_owned(), tools.collect());
    }
    body.extend(chat.settings.clone());
    add_stops(&mut body, &request.stop);
    let [whole, streamed] = dialect.paths;
    if whole == streamed {
        body.insert("stream".to_owned(), stream.into());
    }
    if stream && dialect.asks_for_usage {
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    body
}

fn message(message: &Message, dialect: &Dialect) -> Value {
    let role = match message.role {
        Role::System => dialect.instructions,
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let mut turn = json!({"role": role, "content": content(message)});
    if let Some(id) = &message.tool_call_id {
        turn["tool_call_id"] = id.clone().into();
    }
    if !message.tool_calls.is_empty() {
        let calls = message.tool_calls.iter().map(|call| {
            json!({
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            })
        });
        turn["tool_calls"] = calls.collect();
    }
    let echoed = dialect.echo.and_then(|field| Some((field, message.signed.as_ref()?.get(field)?)));
    if let Some((field, thoughts)) = echoed {
        turn[field] = thoughts.clone();
    }
    turn
}

fn content(message: &Message) -> Value {
    if message.images.is_empty() {
        return message.text.clone().into();
    }
    let text = Some(&message.text).filter(|it| !it.is_empty());
    let text = text.map(|it| json!({"type": "text", "text": it}));
    let images = message.images.iter().map(|image| {
        let mut address = json!({"url": image.url});
        if let Some(detail) = &image.detail {
            address["detail"] = detail.clone().into();
        }
        json!({"type": "image_url", "image_url": address})
    });
    text.into_iter().chain(images).collect()
}

fn tool(spec: &ToolSpec, strict: bool) -> Value {
    let mut function = json!({
        "name": spec.name,
        "description": spec.description,
        "parameters": spec.parameters,
    });
    if strict {
        function["strict"] = true.into();
    }
    json!({"type": "function", "function": function})
}

fn response_format(schema: &Value) -> Value {
    json!({
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": fits_strict(schema)},
    })
}

/// Whether a schema keeps to what OpenAI accepts as strict: all objects closed, all properties
/// required. Another one is still followed, only not enforced.
pub(super) fn fits_strict(schema: &Value) -> bool {
    match schema {
        Value::Object(fields) => {
            let closed = match fields.get("properties").and_then(Value::as_object) {
                None => fields.get("type").is_none_or(|it| it != "object"),
                Some(properties) => {
                    let required = fields.get("required").and_then(Value::as_array);
                    fields.get("additionalProperties") == Some(&Value::Bool(false))
                        && properties
                            .keys()
                            .all(|name| required.is_some_and(|it| it.iter().any(|it| it == name)))
                }
            };
            closed && fields.values().all(fits_strict)
        }
        Value::Array(items) => items.iter().all(fits_strict),
        _ => true,
    }
}

fn told(schema: &Value, instructions: &str) -> Value {
    json!({"role": instructions, "content": flatten::schema(schema)})
}

/// The node's own stop texts come first; it saved one or a list.
pub(super) fn add_stops(body: &mut Map<String, Value>, more: &[String]) {
    if more.is_empty() {
        return;
    }
    let mut stops = match body.remove("stop") {
        Some(Value::Array(list)) => list,
        Some(Value::String(text)) => vec![text.into()],
        _ => Vec::new(),
    };
    stops.extend(more.iter().map(|it| Value::from(it.clone())));
    body.insert("stop".to_owned(), stops.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_closed_schemas_are_strict() {
        let closed = json!({
            "type": "object",
            "properties": {"a": {"type": "array", "items": {"type": "string"}}},
            "required": ["a"],
            "additionalProperties": false,
        });
        assert!(fits_strict(&closed));
        let mut open = closed.clone();
        open["additionalProperties"] = true.into();
        assert!(!fits_strict(&open));
        let mut optional = closed.clone();
        optional["required"] = json!([]);
        assert!(!fits_strict(&optional));
        let mut nested = closed;
        nested["properties"]["a"]["items"] = json!({"type": "object"});
        assert!(!fits_strict(&nested));
    }

    #[test]
    fn stops_of_node_and_call_are_joined() {
        let more = ["b".to_owned()];
        for (own, expected) in [
            (json!({}), json!({"stop": ["b"]})),
            (json!({"stop": "a"}), json!({"stop": ["a", "b"]})),
            (json!({"stop": ["a"]}), json!({"stop": ["a", "b"]})),
        ] {
            let mut body = own.as_object().cloned().unwrap();
            add_stops(&mut body, &more);
            assert_eq!(Value::Object(body), expected);
        }
    }
}
