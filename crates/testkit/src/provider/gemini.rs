//! Gemini's generated content and embeddings, from the serving side.

use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Said, Wire};
use crate::{BagOfWords, script::Asked};

/// Stands for the proof that a part came of the model's own thoughts.
const SIGNATURE: &str = "c2lnbmVkIHRob3VnaHRz";

pub(super) struct Gemini;

impl Wire for Gemini {
    const STREAM: &'static str = "text/event-stream";

    fn asked(request: &Value) -> Asked {
        let none = Vec::new();
        let turns = request["contents"].as_array().unwrap_or(&none);
        let is_question = |turn: &&Value| turn["role"] == "user" && !is_result(turn);
        let last = turns.last().unwrap_or(&Value::Null);
        let question = turns.iter().rev().find(is_question).unwrap_or(last);
        let result = parts(last).last().filter(|_| is_result(last));
        let declared = request["tools"][0]["functionDeclarations"].as_array().unwrap_or(&none);
        let generation = &request["generationConfig"];
        Asked {
            question: text_of(question),
            tool_result: result.map(|it| {
                let output = &it["functionResponse"]["response"]["output"];
                output.as_str().unwrap_or_default().to_owned()
            }),
            user_spoke_last: last["role"] == "user" && result.is_none(),
            tools: declared.iter().filter_map(|it| Some(it["name"].as_str()?.to_owned())).collect(),
            forced_tool: None,
            schema: generation.get("responseJsonSchema").cloned(),
            json_object: generation["responseMimeType"] == "application/json",
            turns: turns.len(),
        }
    }

    fn refused(request: &Value) -> Option<String> {
        let turns = request["contents"].as_array().filter(|it| !it.is_empty());
        let Some(turns) = turns else { return Some("contents is not specified".to_owned()) };
        let third = request["model"].as_str().is_some_and(|it| it.starts_with("gemini-3"));
        turns.iter().enumerate().find_map(|(at, turn)| {
            let next = turns.get(at + 1).unwrap_or(&Value::Null);
            refused_turn(turn, next, third).map(|reason| format!("contents[{at}]: {reason}"))
        })
    }

    fn texts(request: &Value) -> Vec<String> {
        request["contents"].as_array().into_iter().flatten().map(text_of).collect()
    }

    fn streams(request: &Value) -> bool {
        request["stream"] == true
    }

    fn whole(request: &Value, said: &Said) -> Value {
        let mut all: Vec<_> =
            said.thinking.iter().map(|it| json!({"text": it, "thought": true})).collect();
        if !said.pieces.is_empty() {
            all.push(json!({"text": said.pieces.concat()}));
        }
        all.extend(calls(said));
        chunk(request, said, all, Some("STOP"))
    }

    fn pieces(request: &Value, said: &Said, complete: bool) -> Vec<Bytes> {
        let mut frames = Vec::new();
        let mut add = |parts: Vec<Value>, finish: Option<&str>| {
            let chunk = chunk(request, said, parts, finish);
            frames.push(Bytes::from(format!("data: {chunk}\r\n\r\n")));
        };
        for piece in &said.thinking {
            add(vec![json!({"text": piece, "thought": true})], None);
        }
        for piece in &said.pieces {
            add(vec![json!({"text": piece})], None);
        }
        if !said.tool_calls.is_empty() {
            add(calls(said), None);
        }
        if complete {
            let signed = if said.thinking.is_empty() {
                json!({"text": ""})
            } else {
                json!({"text": "", "thoughtSignature": SIGNATURE})
            };
            add(vec![signed], Some("STOP"));
        }
        frames
    }

    fn error(status: u16, message: &str) -> Value {
        let name = match status {
            400 => "INVALID_ARGUMENT",
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            429 => "RESOURCE_EXHAUSTED",
            503 => "UNAVAILABLE",
            _ => "INTERNAL",
        };
        json!({"error": {"code": status, "message": message, "status": name}})
    }

    fn error_piece(message: &str) -> Bytes {
        Bytes::from(format!("data: {}\r\n\r\n", Self::error(500, message)))
    }
}

/// The answer to a request without a key.
pub(super) fn no_key() -> Response {
    super::json(403, &Gemini::error(403, "Method doesn't allow unregistered callers"))
}

fn chunk(request: &Value, said: &Said, parts: Vec<Value>, finish: Option<&str>) -> Value {
    let mut candidate = json!({"content": {"parts": parts, "role": "model"}, "index": 0});
    if let Some(finish) = finish {
        candidate["finishReason"] = finish.into();
    }
    json!({
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": said.usage.input_tokens,
            "candidatesTokenCount": said.usage.output_tokens,
            "totalTokenCount": said.usage.input_tokens + said.usage.output_tokens,
        },
        "modelVersion": request["model"],
        "responseId": "mock",
    })
}

/// Calls come whole; the first of parallel ones is signed.
fn calls(said: &Said) -> Vec<Value> {
    let each = said.tool_calls.iter().enumerate().map(|(at, call)| {
        let args: Value = serde_json::from_str(&call.arguments).unwrap_or(json!({}));
        let call = json!({"id": call.id, "name": call.name, "args": args});
        if at == 0 {
            json!({"functionCall": call, "thoughtSignature": SIGNATURE})
        } else {
            json!({"functionCall": call})
        }
    });
    each.collect()
}

fn parts(turn: &Value) -> &[Value] {
    turn["parts"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn is_result(turn: &Value) -> bool {
    parts(turn).iter().any(|it| it.get("functionResponse").is_some())
}

/// The text of a turn; parts that are no text stand as `<name of the field>`.
fn text_of(turn: &Value) -> String {
    let each = parts(turn).iter().map(|part| match part["text"].as_str() {
        Some(text) => text.to_owned(),
        None => {
            let field = part.as_object().and_then(|it| it.keys().next());
            format!("<{}>", field.map(String::as_str).unwrap_or_default())
        }
    });
    each.collect()
}

/// The rules of the reference that a turn must keep.
fn refused_turn(turn: &Value, next: &Value, third: bool) -> Option<String> {
    if turn["role"] != "user" && turn["role"] != "model" {
        return Some("Please use a valid role: user, model".to_owned());
    }
    if parts(turn).is_empty() {
        return Some("contents.parts must not be empty".to_owned());
    }
    let calls: Vec<_> = parts(turn).iter().filter(|it| it.get("functionCall").is_some()).collect();
    let signed = calls.first().is_none_or(|it| it["thoughtSignature"].is_string());
    if third && !signed {
        return Some("Function call is missing a thought_signature".to_owned());
    }
    let results = parts(next).iter().filter(|it| it.get("functionResponse").is_some()).count();
    (results != calls.len()).then(|| {
        "the number of function response parts must equal the number of function call parts"
            .to_owned()
    })
}

pub(super) fn embeddings(request: &Value) -> Value {
    let requests = request["requests"].as_array().into_iter().flatten();
    let vectors =
        requests.map(|it| json!({"values": BagOfWords::vector(&text_of(&it["content"]))}));
    json!({"embeddings": vectors.collect::<Value>()})
}
