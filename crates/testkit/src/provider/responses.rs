//! OpenAI's responses, from the serving side.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    Said, Wire,
    openai::{OpenAi, text_of},
};
use crate::script::Asked;

pub(super) struct Responses;

impl Wire for Responses {
    const STREAM: &'static str = OpenAi::STREAM;

    fn asked(request: &Value) -> Asked {
        let none = Vec::new();
        let items = request["input"].as_array().unwrap_or(&none);
        let last = items.last().unwrap_or(&Value::Null);
        let question = items.iter().rev().find(|it| it["role"] == "user").unwrap_or(last);
        let tools = request["tools"].as_array().unwrap_or(&none);
        let format = &request["text"]["format"];
        let result = last["type"] == "function_call_output";
        Asked {
            question: text_of(&question["content"]),
            tool_result: result.then(|| text_of(&last["output"])),
            user_spoke_last: last["role"] == "user",
            tools: tools.iter().filter_map(|it| it["name"].as_str().map(str::to_owned)).collect(),
            forced_tool: None,
            schema: (format["type"] == "json_schema").then(|| format["schema"].clone()),
            json_object: format["type"] == "json_object",
            turns: items.len(),
        }
    }

    fn streams(request: &Value) -> bool {
        OpenAi::streams(request)
    }

    fn whole(request: &Value, said: &Said) -> Value {
        json!({
            "id": "resp_mock",
            "object": "response",
            "created_at": 1_700_000_000,
            "status": "completed",
            "error": null,
            "incomplete_details": null,
            "model": request["model"],
            "output": items(said),
            "usage": {
                "input_tokens": said.usage.input_tokens,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": said.usage.output_tokens,
                "output_tokens_details": {"reasoning_tokens": 0},
            },
        })
    }

    fn pieces(request: &Value, said: &Said, complete: bool) -> Vec<Bytes> {
        let mut events = vec![json!({"type": "response.created", "response": {"output": []}})];
        for piece in &said.thinking {
            events.push(json!({"type": "response.reasoning_summary_text.delta", "delta": piece}));
        }
        for piece in &said.pieces {
            events.push(json!({"type": "response.output_text.delta", "delta": piece}));
        }
        if complete {
            for item in items(said) {
                events.push(json!({"type": "response.output_item.done", "item": item}));
            }
            let whole = Self::whole(request, said);
            events.push(json!({"type": "response.completed", "response": whole}));
        }
        events.iter().map(frame).collect()
    }

    fn error(status: u16, message: &str) -> Value {
        OpenAi::error(status, message)
    }

    fn error_piece(message: &str) -> Bytes {
        frame(&json!({"type": "error", "code": "server_error", "message": message}))
    }
}

fn frame(event: &Value) -> Bytes {
    Bytes::from(format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
}

fn items(said: &Said) -> Vec<Value> {
    let mut items = Vec::new();
    if !said.thinking.is_empty() {
        items.push(json!({
            "type": "reasoning",
            "id": "rs_mock",
            "summary": [{"type": "summary_text", "text": said.thinking.concat()}],
            "encrypted_content": "sealed",
        }));
    }
    for call in &said.tool_calls {
        items.push(json!({
            "type": "function_call",
            "id": "fc_mock",
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments,
            "status": "completed",
        }));
    }
    if said.tool_calls.is_empty() {
        items.push(json!({
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": said.pieces.concat(), "annotations": []}],
        }));
    }
    items
}
