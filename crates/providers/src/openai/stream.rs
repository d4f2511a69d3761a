//! Puts an answer together from the pieces in which it comes.

use std::time::Duration;

use flowstone_core::{ChatReply, Error, Event, Events, Result, ToolCall};

use serde_json::json;

use super::wire::{CallPiece, Chunk, Delta};
use crate::{failure, http::Response, random, sse::SseParser};

/// Longest answer that is not streamed, in bytes.
pub(super) const LONGEST: usize = 64 * 1024 * 1024;
/// What a stream ends with.
const DONE: &[u8] = b"[DONE]";
/// How long the end of the connection's body is awaited after the end of the stream. It mostly is
/// there already; with it the connection can serve the next call.
const LAST_BYTES: Duration = Duration::from_millis(20);

/// Told in place of an answer that a filter took away; an empty one would puzzle its reader.
pub(super) const FILTERED: &str = "the provider's content filter stopped the answer before its first word: ask differently, or \
     ease the filter at the provider";

/// Whether a filter left nothing of an answer.
pub(super) fn filtered(reply: &ChatReply) -> bool {
    let stopped = reply.finish_reason.as_deref() == Some("content_filter");
    stopped && reply.text.is_empty() && reply.tool_calls.is_empty()
}

/// Reads an answer, streamed or whole: a server that cannot stream answers whole, whatever it was
/// asked.
pub(super) async fn read(
    mut response: Response,
    events: &Events,
    secret: Option<&str>,
    echo: Option<&str>,
) -> Result<ChatReply> {
    let mut assembly = Assembly::default();
    if !is_stream(&response) {
        assembly.take(&response.bytes(LONGEST).await?, events, secret).await?;
        return assembly.finish(echo);
    }
    let mut parser = SseParser::default();
    while let Some(bytes) = response.chunk().await? {
        parser.feed(&bytes)?;
        while let Some(data) = parser.next_data() {
            if data == DONE {
                let _ = tokio::time::timeout(LAST_BYTES, response.chunk()).await;
                return assembly.finish(echo);
            }
            assembly.take(data, events, secret).await?;
        }
    }
    if let Some(data) = parser.last_data()
        && data != DONE
    {
        assembly.take(data, events, secret).await?;
    }
    if !assembly.is_finished() {
        return Err(cut_off(&response));
    }
    assembly.finish(echo)
}

/// Whether the answer comes as server-sent events.
pub(super) fn is_stream(response: &Response) -> bool {
    let kind = response.header("content-type").unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream")
}

/// The stream ended and the vendor did not say that the answer is whole.
pub(super) fn cut_off(response: &Response) -> Error {
    let place = response.place();
    Error::Transport(format!("the answer of {place} ended before it was complete"))
}

/// An answer as far as it has come.
#[derive(Debug, Default)]
struct Assembly {
    reply: ChatReply,
    /// The `index` of each call of the reply, where the vendor gave one.
    indices: Vec<Option<usize>>,
    begun: bool,
}

impl Assembly {
    /// Takes a piece and tells of it.
    ///
    /// # Errors
    /// `Provider` where the piece reports one; `Transport` where it is no piece of this wire.
    async fn take(&mut self, data: &[u8], events: &Events, secret: Option<&str>) -> Result<()> {
        let chunk: Chunk<'_> = serde_json::from_slice(data).map_err(|error| {
            Error::Transport(format!("the model's stream holds a piece that is no chunk: {error}"))
        })?;
        if let Some(error) = &chunk.error {
            return Err(failure::of_value(error, secret));
        }
        let groq = chunk.x_groq.and_then(|it| it.usage);
        if let Some(usage) = chunk.usage.as_ref().map(|it| it.spent).or(groq) {
            self.reply.usage = Some(usage.into());
        }
        if let Some(usage) = chunk.usage {
            self.reply.facts.insert("usage".to_owned(), usage.words);
        }
        for (name, fact) in [
            ("id", &chunk.id),
            ("system_fingerprint", &chunk.system_fingerprint),
            ("service_tier", &chunk.service_tier),
        ] {
            // Every piece says it again.
            if !fact.text.is_empty() && !self.reply.facts.contains_key(name) {
                self.reply.facts.insert(name.to_owned(), fact.text.as_ref().into());
            }
        }
        for turn in chunk.messages {
            self.reply.finish_reason = Some("stop".to_owned());
            self.take_delta(turn, events).await;
        }
        // Only the first choice is asked for.
        let Some(choice) = chunk.choices.into_iter().next() else { return Ok(()) };
        if choice.finish_reason.is_some() {
            self.reply.finish_reason = choice.finish_reason;
        }
        let mut delta = choice.delta;
        if !choice.text.text.is_empty() {
            delta.content = choice.text;
        }
        self.take_delta(delta, events).await;
        Ok(())
    }

    /// Whether the vendor said that the answer is whole.
    fn is_finished(&self) -> bool {
        self.reply.finish_reason.is_some()
    }

    /// The whole answer. `echo` names the field in which the vendor wants its thoughts back.
    ///
    /// # Errors
    /// `ModelAnswer` where the vendor's filter left nothing of it.
    fn finish(mut self, echo: Option<&str>) -> Result<ChatReply> {
        for call in &mut self.reply.tool_calls {
            if call.id.is_empty() {
                call.id = random::call_id();
            }
        }
        let reply = &mut self.reply;
        if filtered(reply) {
            return Err(Error::ModelAnswer(FILTERED.to_owned()));
        }
        // Only between a call and its result: later questions do not need them.
        if let Some(field) = echo
            && !reply.reasoning.is_empty()
            && !reply.tool_calls.is_empty()
        {
            reply.signed = Some(json!({ field: reply.reasoning }));
        }
        Ok(self.reply)
    }

    async fn take_delta(&mut self, delta: Delta<'_>, events: &Events) {
        let thoughts = [
            delta.reasoning_content.text.as_ref(),
            delta.reasoning.text.as_ref(),
            delta.content.thoughts.as_str(),
        ];
        // Some vendors send the same thought under two names.
        if let Some(thought) = thoughts.into_iter().find(|it| !it.is_empty()) {
            self.reply.reasoning.push_str(thought);
            events.emit(Event::Thinking(thought.to_owned())).await;
        }
        for piece in [delta.content.text, delta.refusal.text] {
            // The first piece announces the answer, also when it is empty, as it mostly is.
            if !piece.is_empty() || !self.begun {
                self.begun = true;
                self.reply.text.push_str(&piece);
                events.token(&piece).await;
            }
        }
        for piece in delta.tool_calls {
            self.take_call(piece);
        }
    }

    fn take_call(&mut self, piece: CallPiece) {
        let id = piece.id.unwrap_or_default();
        let place = match piece.index {
            Some(index) => self.indices.iter().position(|it| *it == Some(index)),
            // Without an index a new id begins a new call.
            None => self.reply.tool_calls.iter().rposition(|call| id.is_empty() || call.id == id),
        };
        let place = place.unwrap_or_else(|| {
            let call =
                ToolCall { id: String::new(), name: String::new(), arguments: String::new() };
            self.reply.tool_calls.push(call);
            self.indices.push(piece.index);
            self.indices.len() - 1
        });
        let call = &mut self.reply.tool_calls[place];
        if call.id.is_empty() {
            call.id = id;
        }
        if call.name.is_empty() {
            call.name = piece.function.name.unwrap_or_default();
        }
        call.arguments.push_str(&piece.function.arguments);
    }
}
