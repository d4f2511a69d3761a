//! Remembers the newest turns of a conversation as they are and the rest by a summary.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Memory, Message, Node, Result, Run, Spec};

use super::{
    MEMORY_KEY, SESSION_ID, conversation_summary_memory::MODEL, stored::StoredMemory,
    summary::Summaries,
};

const LIMIT: Input<u64> = Input::whole("Max Token Limit", "maxTokenLimit")
    .default(2000)
    .describe("Turns are summarised, the oldest first, until the rest is no longer than this");

static SPEC: Spec = Spec {
    label: "Conversation Summary Buffer Memory",
    name: "conversationSummaryBufferMemory",
    version: 1.0,
    kind: "ConversationSummaryBufferMemory",
    icon: "memory-summary.svg",
    category: "Memory",
    description: "Remembers the newest turns as they are, and the older ones by a summary that a \
                  model keeps",
    base_classes: &[
        "ConversationSummaryBufferMemory",
        "BaseConversationSummaryMemory",
        "BaseChatMemory",
        "BaseMemory",
    ],
    inputs: &[MODEL.field, LIMIT.field, SESSION_ID.field, MEMORY_KEY.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ConversationSummaryBufferMemory;

#[async_trait]
impl Node for ConversationSummaryBufferMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let limit = match inputs.get(&LIMIT)? {
            0 => 2000,
            chosen => usize::try_from(chosen).unwrap_or(usize::MAX),
        };
        Ok(Capability::Memory(Arc::new(PartlySummarised {
            stored: StoredMemory::from_form(inputs, None)?,
            summaries: Summaries::new(inputs.get(&MODEL)?),
            limit,
        })))
    }
}

struct PartlySummarised {
    stored: StoredMemory,
    summaries: Summaries,
    /// Tokens of the summary and the turns after it.
    limit: usize,
}

#[async_trait]
impl Memory for PartlySummarised {
    fn session_id(&self) -> Option<&str> {
        self.stored.session_id()
    }

    fn key(&self) -> &str {
        self.stored.key()
    }

    async fn messages(&self, run: &Run) -> Result<Vec<Message>> {
        let turns = self.stored.messages(run).await?;
        let session = super::session(self.session_id(), run);
        let mut summary = self.summaries.known(session, &turns).await;
        let mut first = summary.as_ref().map_or(0, |it| it.turns);
        let mut tokens: usize = turns[first..].iter().map(|it| self.summaries.tokens(it)).sum();
        tokens += summary.as_ref().map_or(0, |it| {
            let turn = self.summaries.as_turn(it);
            self.summaries.tokens(&turn)
        });
        let kept_before = first;
        while tokens > self.limit && first < turns.len() {
            tokens = tokens.saturating_sub(self.summaries.tokens(&turns[first]));
            first += 1;
        }
        if first > kept_before {
            summary = Some(self.summaries.of(session, &turns[..first]).await?);
        }
        let summary = summary.iter().map(|it| self.summaries.as_turn(it));
        Ok(summary.chain(turns[first..].iter().cloned()).collect())
    }

    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()> {
        self.stored.remember(run, question, answer).await
    }

    async fn clear(&self, run: &Run) -> Result<()> {
        self.summaries.forget(super::session(self.session_id(), run)).await;
        self.stored.clear(run).await
    }
}
