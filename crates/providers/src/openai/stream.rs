//! Puts an answer together from the pieces in which it comes.

use flowstone_core::{ChatReply, Error, Event, Events, Result, ToolCall};

use super::wire::{CallPiece, Chunk, Delta};
use crate::{failure, random};

/// An answer as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Assembly {
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
    pub(super) async fn take(
        &mut self,
        data: &[u8],
        events: &Events,
        secret: Option<&str>,
    ) -> Result<()> {
        let chunk: Chunk<'_> = serde_json::from_slice(data).map_err(|error| {
            Error::Transport(format!("the model's stream holds a piece that is no chunk: {error}"))
        })?;
        if let Some(error) = &chunk.error {
            return Err(failure::of_value(error, secret));
        }
        let groq = chunk.x_groq.and_then(|it| it.usage);
        if let Some(usage) = chunk.usage.or(groq) {
            self.reply.usage = Some(usage.into());
        }
        // Only the first choice is asked for.
        let Some(choice) = chunk.choices.into_iter().next() else { return Ok(()) };
        if choice.finish_reason.is_some() {
            self.reply.finish_reason = choice.finish_reason;
        }
        self.take_delta(choice.delta, events).await;
        Ok(())
    }

    /// Whether the vendor said that the answer is whole.
    pub(super) fn is_finished(&self) -> bool {
        self.reply.finish_reason.is_some()
    }

    /// The whole answer.
    pub(super) fn finish(mut self) -> ChatReply {
        for call in &mut self.reply.tool_calls {
            if call.id.is_empty() {
                call.id = random::call_id();
            }
        }
        self.reply
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
