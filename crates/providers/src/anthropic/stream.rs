//! Puts an answer together from the events in which it comes.

use flowstone_core::{ChatReply, Error, Event, Events, Result, ToolCall};
use serde_json::{Map, Value, json};

use super::{
    content, hosted,
    wire::{Delta, Piece, Spent, Tail},
};
use crate::failure;

/// An answer as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    /// The tool whose arguments are the answer.
    answer_tool: Option<String>,
    blocks: Vec<Block>,
    reasoning: String,
    spent: Option<Spent>,
    stop_reason: Option<String>,
    stop_details: Option<Value>,
    stopped: bool,
}

/// A block as far as it has come.
#[derive(Debug)]
struct Block {
    index: usize,
    content: Map<String, Value>,
    /// JSON text of a call's arguments, which comes in pieces.
    arguments: String,
}

impl Block {
    fn is(&self, kind: &str) -> bool {
        self.content.get("type").is_some_and(|it| it == kind)
    }

    fn text(&self, field: &str) -> &str {
        self.content.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    fn append(&mut self, field: &str, piece: &str) {
        match self.content.get_mut(field) {
            Some(Value::String(text)) => text.push_str(piece),
            _ => {
                self.content.insert(field.to_owned(), piece.into());
            }
        }
    }

    /// JSON text of the arguments, exactly as the model wrote it where it came as text.
    fn arguments(&self) -> String {
        if !self.arguments.is_empty() {
            return self.arguments.clone();
        }
        self.content.get("input").map_or_else(|| "{}".to_owned(), Value::to_string)
    }

    /// The block as the vendor wants it back.
    fn signed(mut self) -> Value {
        if self.is("tool_use") || !self.arguments.is_empty() {
            let input = content::input(&self.arguments());
            self.content.insert("input".to_owned(), input);
        }
        self.content.into()
    }
}

impl Assembly {
    /// An answer of which nothing has come. The arguments of `answer_tool` are its text.
    pub(super) fn new(answer_tool: Option<String>) -> Self {
        Self { answer_tool, ..Self::default() }
    }

    /// Takes a piece and tells of it.
    ///
    /// # Errors
    /// `Provider` where the piece reports one; `Transport` where it is no piece of this wire.
    pub(super) async fn take(&mut self, data: &[u8], events: &Events, secret: &str) -> Result<()> {
        let piece: Piece = serde_json::from_slice(data).map_err(|error| {
            Error::Transport(format!("the model's answer holds a piece that is no event: {error}"))
        })?;
        match piece {
            Piece::MessageStart { message } => {
                self.spent = message.usage;
                events.token("").await;
            }
            Piece::ContentBlockStart { index, content_block } => {
                self.begin(index, content_block, events).await;
            }
            Piece::ContentBlockDelta { index, delta } => self.go_on(index, delta, events).await,
            Piece::MessageDelta { delta, usage } => self.end(delta, usage),
            Piece::MessageStop => self.stopped = true,
            Piece::Message { content, tail, usage } => {
                events.token("").await;
                for (index, block) in content.into_iter().enumerate() {
                    self.begin(index, block, events).await;
                }
                self.end(tail, usage);
                self.stopped = true;
            }
            Piece::Error { error } => return Err(failed(&error, secret)),
            Piece::Other => {}
        }
        Ok(())
    }

    /// Whether nothing more is to come.
    pub(super) fn is_over(&self) -> bool {
        self.stopped
    }

    /// Whether the vendor said why the answer ends.
    pub(super) fn is_finished(&self) -> bool {
        self.stopped || self.stop_reason.is_some()
    }

    /// The whole answer.
    ///
    /// # Errors
    /// `ModelAnswer` where the vendor let the model say nothing.
    pub(super) fn finish(mut self) -> Result<ChatReply> {
        let mut reply = ChatReply {
            reasoning: std::mem::take(&mut self.reasoning),
            usage: self.spent.map(Into::into),
            ..ChatReply::default()
        };
        for block in &self.blocks {
            if hosted::is_call(&block.content) {
                let others = self.blocks.iter().map(|it| &it.content);
                let input = content::input(&block.arguments());
                reply.hosted.used.push(hosted::used(&block.content, input, others));
            }
            if block.is("text") {
                reply.text.push_str(block.text("text"));
            }
            if !block.is("tool_use") {
                continue;
            }
            if self.is_answer(block) {
                reply.text = block.arguments();
                continue;
            }
            reply.tool_calls.push(ToolCall {
                id: block.text("id").to_owned(),
                name: block.text("name").to_owned(),
                arguments: block.arguments(),
            });
        }
        let refused = self.stop_reason.as_deref() == Some("refusal");
        if refused && reply.text.is_empty() && reply.tool_calls.is_empty() {
            return Err(refusal(self.stop_details.as_ref()));
        }
        reply.finish_reason = self.stop_reason.map(|it| reason(it, !reply.tool_calls.is_empty()));
        // Plain words and calls can be written anew; all else must go back as it came.
        if !self.blocks.iter().all(|it| it.is("text") || it.is("tool_use")) {
            let blocks: Vec<_> = self.blocks.into_iter().map(Block::signed).collect();
            reply.signed = Some(json!({content::SIGNED: blocks}));
        }
        Ok(reply)
    }

    async fn begin(&mut self, index: usize, content: Map<String, Value>, events: &Events) {
        let block = Block { index, content, arguments: String::new() };
        if block.is("text") {
            events.token(block.text("text")).await;
        } else if block.is("thinking") {
            self.think(block.text("thinking"), events).await;
        } else if block.is("tool_use") && self.is_answer(&block) {
            let whole = block.content.get("input").filter(|it| **it != json!({}));
            if let Some(input) = whole {
                events.token(&input.to_string()).await;
            }
        }
        self.blocks.push(block);
    }

    async fn go_on(&mut self, index: usize, delta: Delta, events: &Events) {
        let Some(place) = self.blocks.iter().rposition(|it| it.index == index) else { return };
        match delta {
            Delta::Text { text } => {
                self.blocks[place].append("text", &text);
                events.token(&text).await;
            }
            Delta::Arguments { partial_json } => {
                self.blocks[place].arguments.push_str(&partial_json);
                if self.is_answer(&self.blocks[place]) {
                    events.token(&partial_json).await;
                }
            }
            Delta::Thinking { thinking } => {
                self.blocks[place].append("thinking", &thinking);
                self.think(&thinking, events).await;
            }
            Delta::Signature { signature } => {
                self.blocks[place].append("signature", &signature);
            }
            Delta::Citation { citation } => {
                let citations = &mut self.blocks[place].content;
                match citations.get_mut("citations") {
                    Some(Value::Array(list)) => list.push(citation),
                    _ => {
                        citations.insert("citations".to_owned(), vec![citation].into());
                    }
                }
            }
            Delta::Other => {}
        }
    }

    async fn think(&mut self, piece: &str, events: &Events) {
        if !piece.is_empty() {
            self.reasoning.push_str(piece);
            events.emit(Event::Thinking(piece.to_owned())).await;
        }
    }

    fn end(&mut self, tail: Tail, usage: Option<Spent>) {
        if let Some(usage) = usage {
            self.spent = Some(usage.after(self.spent));
        }
        self.stop_reason = tail.stop_reason.or(self.stop_reason.take());
        self.stop_details = tail.stop_details.or(self.stop_details.take());
    }

    fn is_answer(&self, block: &Block) -> bool {
        self.answer_tool.as_deref() == Some(block.text("name"))
    }
}

/// The reason for the end in the words that all wires share.
fn reason(own: String, calls: bool) -> String {
    match own.as_str() {
        "end_turn" | "stop_sequence" => "stop".to_owned(),
        "max_tokens" | "model_context_window_exceeded" => "length".to_owned(),
        // The only call may have been the answer.
        "tool_use" => if calls { "tool_calls" } else { "stop" }.to_owned(),
        "refusal" => "content_filter".to_owned(),
        _ => own,
    }
}

fn refusal(details: Option<&Value>) -> Error {
    let word = |name: &str| details.and_then(|it| it[name].as_str()).filter(|it| !it.is_empty());
    let why = match (word("explanation"), word("category")) {
        (Some(explanation), _) => format!(": {explanation}"),
        (None, Some(category)) => format!(" ({category})"),
        (None, None) => String::new(),
    };
    Error::ModelAnswer(format!("Anthropic's content filter let the model give no answer{why}"))
}

/// An error event has no status; its type tells the one that it would have had.
fn failed(error: &Value, secret: &str) -> Error {
    let status = match error["type"].as_str().unwrap_or_default() {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    };
    let mut error = error.clone();
    if error.is_object() {
        error["code"] = status.into();
    }
    failure::of_value(&error, Some(secret))
}
