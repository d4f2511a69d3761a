//! OpenAI's chat completions, embeddings and model list, from the serving side.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Said, Wire};
use crate::{BagOfWords, script::Asked};

/// Length of the pieces in which arguments of tool calls are streamed, in characters.
const ARGUMENT_PIECE: usize = 12;

pub(super) struct OpenAi;

impl Wire for OpenAi {
    const STREAM: &'static str = "text/event-stream; charset=utf-8";

    fn asked(request: &Value) -> Asked {
        let none = Vec::new();
        let turns = request["messages"].as_array().unwrap_or(&none);
        let last = turns.last().unwrap_or(&Value::Null);
        let question = turns.iter().rev().find(|it| it["role"] == "user").unwrap_or(last);
        let tools = request["tools"].as_array().unwrap_or(&none);
        let format = &request["response_format"];
        let forced = request["tool_choice"]["function"]["name"].as_str().map(|name| {
            let tool = tools.iter().find(|it| it["function"]["name"] == name);
            (name.to_owned(), tool.map_or(Value::Null, |it| it["function"]["parameters"].clone()))
        });
        Asked {
            question: text_of(&question["content"]),
            tool_result: (last["role"] == "tool").then(|| text_of(&last["content"])),
            user_spoke_last: last["role"] == "user",
            tools: tools
                .iter()
                .filter_map(|it| it["function"]["name"].as_str().map(str::to_owned))
                .collect(),
            forced_tool: forced,
            schema: (format["type"] == "json_schema")
                .then(|| format["json_schema"]["schema"].clone()),
            json_object: format["type"] == "json_object",
            turns: turns.len(),
        }
    }

    fn streams(request: &Value) -> bool {
        request["stream"] == true
    }

    fn whole(request: &Value, said: &Said) -> Value {
        let mut message = json!({"role": "assistant", "content": null, "refusal": null});
        if !said.thinking.is_empty() {
            message["reasoning_content"] = said.thinking.concat().into();
        }
        if said.tool_calls.is_empty() {
            message["content"] = said.pieces.concat().into();
        } else {
            let calls = said.tool_calls.iter().map(|call| {
                json!({
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments},
                })
            });
            message["tool_calls"] = calls.collect();
        }
        json!({
            "id": "chatcmpl-mock",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": request["model"],
            "choices": [{
                "index": 0,
                "message": message,
                "logprobs": null,
                "finish_reason": finish_reason(said),
            }],
            "usage": usage(said),
        })
    }

    fn pieces(request: &Value, said: &Said, complete: bool) -> Vec<Bytes> {
        let base = json!({
            "id": "chatcmpl-mock",
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": request["model"],
        });
        let chunk = |delta: Value, finish: Value| {
            let mut chunk = base.clone();
            chunk["choices"] = json!([{
                "index": 0,
                "delta": delta,
                "logprobs": null,
                "finish_reason": finish,
            }]);
            frame(&chunk)
        };
        let content = if said.tool_calls.is_empty() { json!("") } else { Value::Null };
        let mut frames = vec![chunk(json!({"role": "assistant", "content": content}), Value::Null)];
        for piece in &said.thinking {
            frames.push(chunk(json!({"reasoning_content": piece}), Value::Null));
        }
        for piece in &said.pieces {
            frames.push(chunk(json!({"content": piece}), Value::Null));
        }
        for (index, call) in said.tool_calls.iter().enumerate() {
            let first = json!({
                "index": index,
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": ""},
            });
            frames.push(chunk(json!({"tool_calls": [first]}), Value::Null));
            let characters: Vec<char> = call.arguments.chars().collect();
            for piece in characters.chunks(ARGUMENT_PIECE) {
                let piece: String = piece.iter().collect();
                let more = json!({"index": index, "function": {"arguments": piece}});
                frames.push(chunk(json!({"tool_calls": [more]}), Value::Null));
            }
        }
        if !complete {
            return frames;
        }
        frames.push(chunk(json!({}), finish_reason(said).into()));
        if request["stream_options"]["include_usage"] == true {
            let mut chunk = base.clone();
            chunk["choices"] = json!([]);
            chunk["usage"] = usage(said);
            frames.push(frame(&chunk));
        }
        frames.push(Bytes::from_static(b"data: [DONE]\n\n"));
        frames
    }

    fn error(status: u16, message: &str) -> Value {
        let (kind, code) = match status {
            401 => ("invalid_request_error", json!("invalid_api_key")),
            429 => ("rate_limit_exceeded", Value::Null),
            _ => ("server_error", Value::Null),
        };
        json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
    }

    fn error_piece(message: &str) -> Bytes {
        frame(&Self::error(500, message))
    }
}

fn frame(chunk: &Value) -> Bytes {
    Bytes::from(format!("data: {chunk}\n\n"))
}

fn finish_reason(said: &Said) -> &'static str {
    if said.tool_calls.is_empty() { "stop" } else { "tool_calls" }
}

fn usage(said: &Said) -> Value {
    json!({
        "prompt_tokens": said.usage.input_tokens,
        "completion_tokens": said.usage.output_tokens,
        "total_tokens": said.usage.input_tokens + said.usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    })
}

/// The text of a turn's content; parts that are no text stand as `<type>`.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let each = parts.iter().map(|part| match part["text"].as_str() {
                Some(text) => text.to_owned(),
                None => format!("<{}>", part["type"].as_str().unwrap_or_default()),
            });
            each.collect()
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

pub(super) fn embeddings(request: &Value) -> Value {
    let single = [request["input"].clone()];
    let inputs = request["input"].as_array().map_or(&single[..], Vec::as_slice);
    let data = inputs.iter().enumerate().map(|(index, input)| {
        let vector = BagOfWords::vector(&text_of(input));
        let embedding = if request["encoding_format"] == "base64" {
            let bytes: Vec<u8> = vector.iter().flat_map(|it| it.to_le_bytes()).collect();
            json!(STANDARD.encode(bytes))
        } else {
            json!(vector)
        };
        json!({"object": "embedding", "index": index, "embedding": embedding})
    });
    json!({
        "object": "list",
        "data": data.collect::<Value>(),
        "model": request["model"],
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    })
}

/// Objects to what holds `[[flag]]`.
pub(super) fn moderations(request: &Value) -> Value {
    let flagged = text_of(&request["input"]).contains("[[flag]]");
    json!({
        "id": "modr-mock",
        "model": "omni-moderation-latest",
        "results": [{"flagged": flagged, "categories": {}, "category_scores": {}}],
    })
}

pub(super) fn models() -> Value {
    json!({
        "object": "list",
        "data": [{"id": "mock", "object": "model", "created": 1_700_000_000, "owned_by": "mock"}],
    })
}
