//! Puts an answer together from the pieces in which it comes.

use flowstone_core::{ChatReply, Error, Event, Events, Result, ToolCall};
use serde_json::{Map, Value, json};

use super::{
    content, hosted,
    wire::{Candidate, Feedback, Piece},
};
use crate::{failure, random};

/// Field that holds what proves that a part came of the model's own thoughts.
const SIGNATURE: &str = "thoughtSignature";

/// An answer as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    reply: ChatReply,
    /// All parts but thoughts, as they go back.
    parts: Vec<Map<String, Value>>,
    /// What the vendor says of the end.
    finish_message: Option<String>,
    grounding: Option<Value>,
    pages: Option<Value>,
}

impl Assembly {
    /// Takes a piece and tells of it.
    ///
    /// # Errors
    /// `Provider` where the piece reports one; `ModelAnswer` where the question was refused;
    /// `Transport` where it is no piece of this wire.
    pub(super) async fn take(&mut self, data: &[u8], events: &Events, secret: &str) -> Result<()> {
        let piece: Piece = serde_json::from_slice(data).map_err(|error| {
            Error::Transport(format!("the model's answer holds a piece that is no chunk: {error}"))
        })?;
        if let Some(error) = &piece.error {
            return Err(failure::of_value(error, Some(secret)));
        }
        if let Some(usage) = piece.usage_metadata {
            self.reply.usage = Some(usage.into());
        }
        // Only one candidate is asked for.
        let Some(candidate) = piece.candidates.into_iter().next() else {
            let refused = piece.prompt_feedback.and_then(refusal_of_question);
            return refused.map_or(Ok(()), Err);
        };
        self.take_candidate(candidate, events).await;
        Ok(())
    }

    /// Whether the vendor said that the answer is whole.
    pub(super) fn is_finished(&self) -> bool {
        self.reply.finish_reason.is_some()
    }

    /// The whole answer.
    ///
    /// # Errors
    /// `ModelAnswer` where the vendor let the model say nothing, or the model's call of a tool
    /// cannot be read.
    pub(super) fn finish(self) -> Result<ChatReply> {
        let mut reply = self.reply;
        let own = reply.finish_reason.take().unwrap_or_default();
        let silent = reply.text.is_empty() && reply.tool_calls.is_empty();
        let finished = reason(&own, !reply.tool_calls.is_empty());
        if silent && finished != "stop" && finished != "length" {
            return Err(nothing_said(&own, &finished, self.finish_message.as_deref()));
        }
        reply.finish_reason = Some(finished);
        if let Some(pages) = &self.pages {
            hosted::take_pages(pages, &mut reply.hosted);
        }
        if let Some(grounding) = &self.grounding {
            hosted::take_grounding(grounding, &mut reply.hosted);
        }
        if self.parts.iter().any(|it| it.contains_key(SIGNATURE)) {
            reply.signed = Some(json!({content::SIGNED: self.parts}));
        }
        Ok(reply)
    }

    async fn take_candidate(&mut self, candidate: Candidate, events: &Events) {
        for part in candidate.content.parts {
            self.take_part(part, events).await;
        }
        self.grounding = candidate.grounding_metadata.or(self.grounding.take());
        self.pages = candidate.url_context_metadata.or(self.pages.take());
        if candidate.finish_reason.is_some() {
            self.reply.finish_reason = candidate.finish_reason;
            self.finish_message = candidate.finish_message;
        }
    }

    async fn take_part(&mut self, part: Map<String, Value>, events: &Events) {
        let text = part.get("text").and_then(Value::as_str);
        if part.get("thought") == Some(&Value::Bool(true)) {
            if let Some(thought) = text.filter(|it| !it.is_empty()) {
                self.reply.reasoning.push_str(thought);
                events.emit(Event::Thinking(thought.to_owned())).await;
            }
            return;
        }
        if let Some(text) = text {
            self.reply.text.push_str(text);
            events.token(text).await;
        }
        if let Some(call) = part.get("functionCall") {
            // A call without words begins the answer too.
            events.token("").await;
            let word = |name: &str| call[name].as_str().filter(|it| !it.is_empty());
            let arguments = call.get("args").map_or_else(|| "{}".to_owned(), Value::to_string);
            self.reply.tool_calls.push(ToolCall {
                id: word("id").map_or_else(random::call_id, str::to_owned),
                name: word("name").unwrap_or_default().to_owned(),
                arguments,
            });
        }
        hosted::take_part(&part, &mut self.reply.hosted);
        self.keep(part);
    }

    /// Keeps a part for the way back. Words that came in pieces become one part again, but never
    /// across a signature, which belongs to its part.
    fn keep(&mut self, mut part: Map<String, Value>) {
        let is_plain = |it: &Map<String, Value>| it.len() == 1 && it.contains_key("text");
        if is_plain(&part)
            && let Some(last) = self.parts.last_mut().filter(|it| is_plain(it))
            && let (Some(Value::String(before)), Some(Value::String(text))) =
                (last.get_mut("text"), part.get("text"))
        {
            before.push_str(text);
            return;
        }
        part.retain(|_, value| !value.is_null());
        self.parts.push(part);
    }
}

/// The reason for the end in the words that all wires share.
fn reason(own: &str, calls: bool) -> String {
    match own {
        "STOP" if calls => "tool_calls".to_owned(),
        "STOP" => "stop".to_owned(),
        "MAX_TOKENS" => "length".to_owned(),
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "IMAGE_SAFETY" => {
            "content_filter".to_owned()
        }
        other => other.to_ascii_lowercase(),
    }
}

fn refusal_of_question(feedback: Feedback) -> Option<Error> {
    let reason = feedback.block_reason?;
    let said = feedback.block_reason_message.map(|it| format!(": {it}")).unwrap_or_default();
    Some(Error::ModelAnswer(format!(
        "Gemini's content filter refused the question ({reason}){said}"
    )))
}

fn nothing_said(own: &str, finished: &str, message: Option<&str>) -> Error {
    let said = message.map(|it| format!(": {it}")).unwrap_or_default();
    Error::ModelAnswer(match (own, finished) {
        (_, "content_filter") => {
            format!("Gemini's content filter let the model give no answer ({own}){said}")
        }
        ("MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL", _) => {
            format!("Gemini called a tool in a way that cannot be read ({own}){said}")
        }
        _ => format!("Gemini gave no answer ({own}){said}"),
    })
}
