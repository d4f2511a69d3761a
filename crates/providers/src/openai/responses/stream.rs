//! Puts an answer together from the events in which it comes, or from the whole of it.

use flowstone_core::{ChatReply, Error, Event, Events, Result, ToolCall, Usage};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    THOUGHTS,
    hosted::{Drawn, Interpreted, Search},
};
use crate::{
    failure,
    http::Response,
    openai::stream::{FILTERED, LONGEST, cut_off, filtered, is_stream},
    sse::SseParser,
};

/// Reads an answer, streamed or whole; gives also what it cites.
pub(super) async fn read(
    mut response: Response,
    events: &Events,
    secret: Option<&str>,
) -> Result<(ChatReply, Vec<Value>)> {
    let mut assembly = Assembly::default();
    if !is_stream(&response) {
        let whole: Whole = response.json(LONGEST).await?;
        assembly.take_whole(whole, events, secret).await?;
        return assembly.finish();
    }
    let mut parser = SseParser::default();
    while let Some(bytes) = response.chunk().await? {
        parser.feed(&bytes)?;
        while let Some(data) = parser.next_data() {
            assembly.take(data, events, secret).await?;
        }
    }
    if let Some(data) = parser.last_data() {
        assembly.take(data, events, secret).await?;
    }
    if !assembly.finished {
        return Err(cut_off(&response));
    }
    assembly.finish()
}

/// An event of a stream; which fields it has depends on its kind.
#[derive(Deserialize)]
struct Piece {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    delta: Option<Value>,
    #[serde(default)]
    item: Option<Item>,
    #[serde(default)]
    response: Option<Whole>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    code: Option<Value>,
}

/// A whole answer, or the frame that ends a stream.
#[derive(Default, Deserialize)]
struct Whole {
    #[serde(default)]
    output: Vec<Item>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    incomplete_details: Option<Incomplete>,
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    usage: Option<Spent>,
}

#[derive(Deserialize)]
struct Incomplete {
    #[serde(default)]
    reason: Option<String>,
}

/// A thing that the model made.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item {
    Message {
        #[serde(default)]
        content: Vec<Part>,
    },
    FunctionCall {
        call_id: String,
        name: String,
        #[serde(default)]
        arguments: String,
    },
    Reasoning {
        #[serde(default)]
        id: Option<String>,
        #[serde(default)]
        summary: Vec<Part>,
        #[serde(default)]
        encrypted_content: Option<String>,
    },
    WebSearchCall(Search),
    CodeInterpreterCall(Interpreted),
    ImageGenerationCall(Drawn),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
    #[serde(default)]
    refusal: String,
    #[serde(default)]
    annotations: Vec<Value>,
}

/// Tokens spent, under this wire's names.
#[derive(Deserialize)]
struct Spent {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    #[serde(default)]
    input_tokens_details: Option<Details>,
    #[serde(default)]
    output_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    cached_tokens: u64,
    #[serde(default)]
    reasoning_tokens: u64,
}

/// An answer as far as it has come.
#[derive(Default)]
struct Assembly {
    reply: ChatReply,
    /// Thoughts that only the vendor can read.
    thoughts: Vec<Value>,
    /// What the answer cites.
    cited: Vec<Value>,
    begun: bool,
    finished: bool,
}

impl Assembly {
    async fn take(&mut self, data: &[u8], events: &Events, secret: Option<&str>) -> Result<()> {
        if data == b"[DONE]" {
            return Ok(());
        }
        let piece: Piece = serde_json::from_slice(data).map_err(|error| {
            Error::Transport(format!("the model's stream holds a piece that is no event: {error}"))
        })?;
        let delta = piece.delta.as_ref().and_then(Value::as_str).unwrap_or_default();
        match piece.kind.as_str() {
            "response.output_text.delta" | "response.refusal.delta" => {
                self.say(delta, events).await;
            }
            "response.reasoning_summary_part.added" if !self.reply.reasoning.is_empty() => {
                self.think("\n\n", events).await;
            }
            "response.reasoning_summary_text.delta" => self.think(delta, events).await,
            "response.output_item.done" => {
                if let Some(item) = piece.item {
                    self.keep(item);
                }
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                self.end(&piece.response.unwrap_or_default(), secret)?;
            }
            "error" => {
                let error = json!({"message": piece.message, "code": piece.code});
                return Err(failure::of_value(&error, secret));
            }
            _ => {}
        }
        Ok(())
    }

    async fn take_whole(
        &mut self,
        mut whole: Whole,
        events: &Events,
        secret: Option<&str>,
    ) -> Result<()> {
        for item in std::mem::take(&mut whole.output) {
            match &item {
                Item::Reasoning { summary, .. } => {
                    let parts: Vec<_> = summary.iter().map(|it| it.text.as_str()).collect();
                    self.think(&parts.join("\n\n"), events).await;
                }
                Item::Message { content } => {
                    for part in content {
                        self.say(&part.text, events).await;
                        self.say(&part.refusal, events).await;
                    }
                }
                _ => {}
            }
            self.keep(item);
        }
        self.end(&whole, secret)
    }

    async fn say(&mut self, piece: &str, events: &Events) {
        // The first piece announces the answer, also when it is empty.
        if !piece.is_empty() || !self.begun {
            self.begun = true;
            self.reply.text.push_str(piece);
            events.token(piece).await;
        }
    }

    async fn think(&mut self, piece: &str, events: &Events) {
        if !piece.is_empty() {
            self.reply.reasoning.push_str(piece);
            events.emit(Event::Thinking(piece.to_owned())).await;
        }
    }

    /// Keeps what is needed of a thing once it is whole. Words were told before.
    fn keep(&mut self, item: Item) {
        match item {
            Item::FunctionCall { call_id, name, arguments } => {
                self.reply.tool_calls.push(ToolCall { id: call_id, name, arguments });
            }
            Item::Reasoning { id, summary, encrypted_content: Some(sealed) } => {
                let summary =
                    summary.iter().map(|it| json!({"type": "summary_text", "text": it.text}));
                self.thoughts.push(json!({
                    "type": "reasoning",
                    "id": id,
                    "summary": summary.collect::<Value>(),
                    "encrypted_content": sealed,
                }));
            }
            Item::Message { content } => {
                self.cited.extend(content.into_iter().flat_map(|it| it.annotations));
            }
            Item::WebSearchCall(call) => call.keep(&mut self.reply.hosted),
            Item::CodeInterpreterCall(call) => call.keep(&mut self.reply.hosted),
            Item::ImageGenerationCall(call) => call.keep(&mut self.reply.hosted),
            Item::Reasoning { .. } | Item::Other => {}
        }
    }

    fn end(&mut self, whole: &Whole, secret: Option<&str>) -> Result<()> {
        if let Some(error) = whole.error.as_ref().filter(|it| !it.is_null()) {
            return Err(failure::of_value(error, secret));
        }
        if whole.status.as_deref() == Some("failed") {
            return Err(failure::of_value(&json!("the provider gave up without a reason"), secret));
        }
        let reason = whole.incomplete_details.as_ref().and_then(|it| it.reason.as_deref());
        let calls = !self.reply.tool_calls.is_empty();
        self.reply.finish_reason = Some(match reason {
            Some("max_output_tokens") => "length".to_owned(),
            Some(other) => other.to_owned(),
            None if calls => "tool_calls".to_owned(),
            None => "stop".to_owned(),
        });
        self.reply.usage = whole.usage.as_ref().map(|it| Usage {
            input_tokens: it.input_tokens,
            output_tokens: it.output_tokens,
            cached_tokens: it.input_tokens_details.as_ref().map_or(0, |it| it.cached_tokens),
            reasoning_tokens: it.output_tokens_details.as_ref().map_or(0, |it| it.reasoning_tokens),
        });
        self.finished = true;
        Ok(())
    }

    fn finish(mut self) -> Result<(ChatReply, Vec<Value>)> {
        if filtered(&self.reply) {
            return Err(Error::ModelAnswer(FILTERED.to_owned()));
        }
        // Only between a call and its result: later questions do not need them.
        if !self.thoughts.is_empty() && !self.reply.tool_calls.is_empty() {
            self.reply.signed = Some(json!({THOUGHTS: self.thoughts}));
        }
        Ok((self.reply, self.cited))
    }
}
