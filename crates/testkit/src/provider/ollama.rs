//! Ollama's native chat, embed and tags, from the serving side.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Said, Wire, openai::text_of};
use crate::{BagOfWords, script::Asked};

/// Every answer is made at this time.
const CREATED: &str = "2023-11-14T22:13:20Z";

pub(super) struct Ollama;

impl Wire for Ollama {
    const STREAM: &'static str = "application/x-ndjson";

    fn asked(request: &Value) -> Asked {
        let none = Vec::new();
        let turns = request["messages"].as_array().unwrap_or(&none);
        let last = turns.last().unwrap_or(&Value::Null);
        let question = turns.iter().rev().find(|it| it["role"] == "user").unwrap_or(last);
        let tools = request["tools"].as_array().unwrap_or(&none);
        Asked {
            question: text_of(&question["content"]),
            tool_result: (last["role"] == "tool").then(|| text_of(&last["content"])),
            user_spoke_last: last["role"] == "user",
            tools: tools
                .iter()
                .filter_map(|it| it["function"]["name"].as_str().map(str::to_owned))
                .collect(),
            forced_tool: None,
            schema: request["format"].is_object().then(|| request["format"].clone()),
            json_object: request["format"] == "json",
            turns: turns.len(),
        }
    }

    /// Ollama streams unless told not to.
    fn streams(request: &Value) -> bool {
        request["stream"] != false
    }

    fn whole(request: &Value, said: &Said) -> Value {
        let mut message = json!({"role": "assistant", "content": said.pieces.concat()});
        if !said.thinking.is_empty() {
            message["thinking"] = said.thinking.concat().into();
        }
        if !said.tool_calls.is_empty() {
            message["tool_calls"] = calls(said);
        }
        last(request, message, said)
    }

    fn pieces(request: &Value, said: &Said, complete: bool) -> Vec<Bytes> {
        let chunk = |message: Value| {
            line(&json!({
                "model": request["model"],
                "created_at": CREATED,
                "message": message,
                "done": false,
            }))
        };
        let mut frames = Vec::new();
        for piece in &said.thinking {
            frames.push(chunk(json!({"role": "assistant", "content": "", "thinking": piece})));
        }
        for piece in &said.pieces {
            frames.push(chunk(json!({"role": "assistant", "content": piece})));
        }
        if !said.tool_calls.is_empty() {
            let message = json!({"role": "assistant", "content": "", "tool_calls": calls(said)});
            frames.push(chunk(message));
        }
        if complete {
            let message = json!({"role": "assistant", "content": ""});
            frames.push(line(&last(request, message, said)));
        }
        frames
    }

    fn error(_: u16, message: &str) -> Value {
        json!({"error": message})
    }

    fn error_piece(message: &str) -> Bytes {
        line(&json!({"error": message}))
    }
}

fn line(value: &Value) -> Bytes {
    Bytes::from(format!("{value}\n"))
}

/// Ollama gives arguments as an object and no ids.
fn calls(said: &Said) -> Value {
    let each = said.tool_calls.iter().map(|call| {
        let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or(json!({}));
        json!({"function": {"name": call.name, "arguments": arguments}})
    });
    each.collect()
}

fn last(request: &Value, message: Value, said: &Said) -> Value {
    json!({
        "model": request["model"],
        "created_at": CREATED,
        "message": message,
        "done": true,
        "done_reason": "stop",
        "total_duration": 1_000_000,
        "load_duration": 1000,
        "prompt_eval_count": said.usage.input_tokens,
        "prompt_eval_duration": 1000,
        "eval_count": said.usage.output_tokens,
        "eval_duration": 1000,
    })
}

pub(super) fn embeddings(request: &Value) -> Value {
    let single = [request["input"].clone()];
    let inputs = request["input"].as_array().map_or(&single[..], Vec::as_slice);
    let vectors = inputs.iter().map(|input| json!(BagOfWords::vector(&text_of(input))));
    json!({
        "model": request["model"],
        "embeddings": vectors.collect::<Value>(),
        "total_duration": 1_000_000,
        "prompt_eval_count": 8,
    })
}

pub(super) fn tags() -> Value {
    json!({"models": [{"name": "mock:latest", "model": "mock:latest", "size": 1}]})
}
