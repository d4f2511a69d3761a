//! Models that continue texts, from the serving side: OpenAI's completions, Ollama's generate.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    Said, Wire,
    ollama::Ollama,
    openai::{OpenAi, text_of},
};
use crate::script::Asked;

/// What both read of a request: a prompt and nothing else.
fn asked(request: &Value) -> Asked {
    Asked {
        question: text_of(&request["prompt"]),
        user_spoke_last: true,
        turns: 1,
        ..Asked::default()
    }
}

pub(super) struct Completions;

impl Completions {
    fn body(request: &Value, text: &str, finish: Value) -> Value {
        json!({
            "id": "cmpl-mock",
            "object": "text_completion",
            "created": 1_700_000_000,
            "model": request["model"],
            "choices": [{"index": 0, "text": text, "logprobs": null, "finish_reason": finish}],
        })
    }
}

impl Wire for Completions {
    const STREAM: &'static str = OpenAi::STREAM;

    fn asked(request: &Value) -> Asked {
        asked(request)
    }

    fn streams(request: &Value) -> bool {
        OpenAi::streams(request)
    }

    fn whole(request: &Value, said: &Said) -> Value {
        let mut body = Self::body(request, &said.pieces.concat(), json!("stop"));
        body["usage"] = OpenAi::whole(request, said)["usage"].clone();
        body
    }

    fn pieces(request: &Value, said: &Said, complete: bool) -> Vec<Bytes> {
        let frame = |body: &Value| Bytes::from(format!("data: {body}\n\n"));
        let each = said.pieces.iter();
        let mut frames: Vec<_> =
            each.map(|it| frame(&Self::body(request, it, Value::Null))).collect();
        if complete {
            frames.push(frame(&Self::body(request, "", json!("stop"))));
            if request["stream_options"]["include_usage"] == true {
                let mut last = Self::whole(request, said);
                last["choices"] = json!([]);
                frames.push(frame(&last));
            }
            frames.push(Bytes::from_static(b"data: [DONE]\n\n"));
        }
        frames
    }

    fn error(status: u16, message: &str) -> Value {
        OpenAi::error(status, message)
    }

    fn error_piece(message: &str) -> Bytes {
        OpenAi::error_piece(message)
    }
}

pub(super) struct Generate;

impl Generate {
    /// The same line with its text where this call has it.
    fn line(mut line: Value) -> Value {
        if let Some(message) = line.as_object_mut().and_then(|it| it.remove("message")) {
            line["response"] = message["content"].clone();
        }
        line
    }
}

impl Wire for Generate {
    const STREAM: &'static str = Ollama::STREAM;

    fn asked(request: &Value) -> Asked {
        asked(request)
    }

    fn streams(request: &Value) -> bool {
        Ollama::streams(request)
    }

    fn whole(request: &Value, said: &Said) -> Value {
        Self::line(Ollama::whole(request, said))
    }

    fn pieces(request: &Value, said: &Said, complete: bool) -> Vec<Bytes> {
        let lines = Ollama::pieces(request, said, complete).into_iter();
        let lines = lines.map(|it| Self::line(serde_json::from_slice(&it).unwrap()));
        lines.map(|it| Bytes::from(format!("{it}\n"))).collect()
    }

    fn error(status: u16, message: &str) -> Value {
        Ollama::error(status, message)
    }

    fn error_piece(message: &str) -> Bytes {
        Ollama::error_piece(message)
    }
}
