//! Anthropic's Messages API, from the serving side.

use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Said, Wire, openai::text_of};
use crate::script::Asked;

/// Length of the pieces in which arguments of tool calls are streamed, in characters.
const ARGUMENT_PIECE: usize = 12;
/// Stands for the proof that thoughts are the model's own.
const SIGNATURE: &str = "c2lnbmVkIHRob3VnaHRz";

pub(super) struct Anthropic;

impl Wire for Anthropic {
    const STREAM: &'static str = "text/event-stream; charset=utf-8";

    fn asked(request: &Value) -> Asked {
        let none = Vec::new();
        let turns = request["messages"].as_array().unwrap_or(&none);
        let is_question = |turn: &&Value| turn["role"] == "user" && words(turn).is_some();
        let question = turns.iter().rev().find(is_question).and_then(words);
        let last = turns.last().unwrap_or(&Value::Null);
        let result = blocks(last).last().filter(|it| it["type"] == "tool_result");
        let tools = request["tools"].as_array().unwrap_or(&none);
        let forced = request["tool_choice"]["name"].as_str().map(|name| {
            let tool = tools.iter().find(|it| it["name"] == name);
            (name.to_owned(), tool.map_or(Value::Null, |it| it["input_schema"].clone()))
        });
        let format = &request["output_config"]["format"];
        Asked {
            question: question.unwrap_or_default(),
            tool_result: result.map(|it| text_of(&it["content"])),
            user_spoke_last: last["role"] == "user" && result.is_none(),
            tools: tools.iter().filter_map(|it| it["name"].as_str().map(str::to_owned)).collect(),
            forced_tool: forced,
            schema: (format["type"] == "json_schema").then(|| format["schema"].clone()),
            json_object: false,
            turns: turns.len(),
        }
    }

    fn refused(request: &Value) -> Option<String> {
        if request["max_tokens"].as_u64().is_none_or(|it| it == 0) {
            return Some("max_tokens: Field required".to_owned());
        }
        let turns = request["messages"].as_array().filter(|it| !it.is_empty());
        let Some(turns) = turns else {
            return Some("messages: at least one message is required".to_owned());
        };
        if let budget @ 1.. = request["thinking"]["budget_tokens"].as_u64().unwrap_or_default() {
            if request["max_tokens"].as_u64() <= Some(budget) {
                return Some("`max_tokens` must be greater than `thinking.budget_tokens`".into());
            }
            if request.get("temperature").is_some_and(|it| *it != 1) {
                return Some("`temperature` may only be set to 1 when thinking is enabled".into());
            }
        }
        turns.iter().enumerate().find_map(|(at, turn)| {
            let next = turns.get(at + 1).unwrap_or(&Value::Null);
            refused_turn(turn, next).map(|reason| format!("messages.{at}: {reason}"))
        })
    }

    fn streams(request: &Value) -> bool {
        request["stream"] == true
    }

    fn whole(request: &Value, said: &Said) -> Value {
        let mut content = Vec::new();
        if !said.thinking.is_empty() {
            content.push(json!({
                "type": "thinking", "thinking": said.thinking.concat(), "signature": SIGNATURE,
            }));
        }
        if !said.pieces.is_empty() {
            content.push(json!({"type": "text", "text": said.pieces.concat()}));
        }
        for call in &said.tool_calls {
            let input: Value = serde_json::from_str(&call.arguments).unwrap_or(json!({}));
            content.push(
                json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input}),
            );
        }
        json!({
            "id": "msg_mock",
            "type": "message",
            "role": "assistant",
            "model": request["model"],
            "content": content,
            "stop_reason": stop_reason(said),
            "stop_sequence": null,
            "usage": usage(said, said.usage.output_tokens),
        })
    }

    fn pieces(request: &Value, said: &Said, complete: bool) -> Vec<Bytes> {
        let mut frames = vec![
            event(&json!({"type": "message_start", "message": {
                "id": "msg_mock",
                "type": "message",
                "role": "assistant",
                "model": request["model"],
                "content": [],
                "stop_reason": null,
                "stop_sequence": null,
                "usage": usage(said, 1),
            }})),
            event(&json!({"type": "ping"})),
        ];
        let mut index = 0;
        let mut block = |start: Value, deltas: Vec<Value>, complete: bool| {
            frames.push(event(&json!({
                "type": "content_block_start", "index": index, "content_block": start,
            })));
            for delta in deltas {
                frames.push(event(&json!({
                    "type": "content_block_delta", "index": index, "delta": delta,
                })));
            }
            if complete {
                frames.push(event(&json!({"type": "content_block_stop", "index": index})));
            }
            index += 1;
        };
        if !said.thinking.is_empty() {
            let thoughts =
                said.thinking.iter().map(|it| json!({"type": "thinking_delta", "thinking": it}));
            let signature = json!({"type": "signature_delta", "signature": SIGNATURE});
            let start = json!({"type": "thinking", "thinking": "", "signature": ""});
            block(start, thoughts.chain([signature]).collect(), true);
        }
        if !said.pieces.is_empty() {
            let words = said.pieces.iter().map(|it| json!({"type": "text_delta", "text": it}));
            block(json!({"type": "text", "text": ""}), words.collect(), complete);
        }
        for call in &said.tool_calls {
            let characters: Vec<char> = call.arguments.chars().collect();
            let pieces = characters.chunks(ARGUMENT_PIECE).map(|it| it.iter().collect::<String>());
            let deltas = [String::new()].into_iter().chain(pieces);
            let deltas = deltas.map(|it| json!({"type": "input_json_delta", "partial_json": it}));
            let start = json!({"type": "tool_use", "id": call.id, "name": call.name, "input": {}});
            block(start, deltas.collect(), complete);
        }
        if complete {
            frames.push(event(&json!({
                "type": "message_delta",
                "delta": {"stop_reason": stop_reason(said), "stop_sequence": null},
                "usage": {"output_tokens": said.usage.output_tokens},
            })));
            frames.push(event(&json!({"type": "message_stop"})));
        }
        frames
    }

    fn error(status: u16, message: &str) -> Value {
        let kind = match status {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            429 => "rate_limit_error",
            529 => "overloaded_error",
            400..500 => "invalid_request_error",
            _ => "api_error",
        };
        json!({
            "type": "error",
            "error": {"type": kind, "message": message},
            "request_id": "req_mock",
        })
    }

    fn error_piece(message: &str) -> Bytes {
        event(&Self::error(500, message))
    }
}

/// The answer to a request that lacks a header.
pub(super) fn no_header(name: &str, status: u16) -> Response {
    super::json(status, &Anthropic::error(status, &format!("{name}: header is required")))
}

fn event(data: &Value) -> Bytes {
    let name = data["type"].as_str().unwrap_or_default();
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

fn blocks(turn: &Value) -> &[Value] {
    turn["content"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What a turn says beside results of tools.
fn words(turn: &Value) -> Option<String> {
    if let Some(text) = turn["content"].as_str() {
        return Some(text.to_owned());
    }
    let said: Vec<_> =
        blocks(turn).iter().filter(|it| it["type"] != "tool_result").cloned().collect();
    (!said.is_empty()).then(|| text_of(&said.into()))
}

/// The rules of the reference that a turn must keep.
fn refused_turn(turn: &Value, next: &Value) -> Option<String> {
    if turn["role"] != "user" && turn["role"] != "assistant" {
        return Some(format!("role: unexpected value {}", turn["role"]));
    }
    if turn["content"].as_array().is_some_and(Vec::is_empty) {
        return Some("content must not be empty".to_owned());
    }
    let mut empty = blocks(turn).iter().filter(|it| it["type"] == "text");
    if empty.any(|it| it["text"].as_str().is_none_or(|it| it.trim().is_empty())) {
        return Some("text content blocks must contain non-whitespace text".to_owned());
    }
    let used = blocks(turn).iter().filter(|it| it["type"] == "tool_use").map(|it| &it["id"]);
    let results = blocks(next).iter().take_while(|it| it["type"] == "tool_result");
    let answered: Vec<_> = results.map(|it| &it["tool_use_id"]).collect();
    let mut open = used.filter(|id| !answered.contains(id));
    open.next().map(|id| format!("`tool_use` {id} was found without `tool_result` right after it"))
}

fn stop_reason(said: &Said) -> &'static str {
    if said.tool_calls.is_empty() { "end_turn" } else { "tool_use" }
}

fn usage(said: &Said, output: u64) -> Value {
    json!({
        "input_tokens": said.usage.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": output,
    })
}
