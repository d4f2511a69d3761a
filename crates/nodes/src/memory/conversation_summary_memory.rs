//! Remembers a conversation by a summary of it.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Input, Inputs, Memory, Message, Node, Result, Run, Spec,
};

use super::{MEMORY_KEY, SESSION_ID, stored::StoredMemory, summary::Summaries};

/// The model that writes the summary.
pub(super) const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Chat Model", "model", "BaseChatModel");

static SPEC: Spec = Spec {
    label: "Conversation Summary Memory",
    name: "conversationSummaryMemory",
    version: 2.0,
    kind: "ConversationSummaryMemory",
    icon: "memory-summary.svg",
    category: "Memory",
    description: "Remembers a conversation by a summary that a model keeps of it",
    base_classes: &[
        "ConversationSummaryMemory",
        "BaseConversationSummaryMemory",
        "BaseChatMemory",
        "BaseMemory",
    ],
    inputs: &[MODEL.field, SESSION_ID.field, MEMORY_KEY.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ConversationSummaryMemory;

#[async_trait]
impl Node for ConversationSummaryMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Memory(Arc::new(Summarised {
            stored: StoredMemory::from_form(inputs, None)?,
            summaries: Summaries::new(inputs.get(&MODEL)?),
        })))
    }
}

struct Summarised {
    stored: StoredMemory,
    summaries: Summaries,
}

#[async_trait]
impl Memory for Summarised {
    fn session_id(&self) -> Option<&str> {
        self.stored.session_id()
    }

    fn key(&self) -> &str {
        self.stored.key()
    }

    /// One turn: the summary of all that was said.
    async fn messages(&self, run: &Run) -> Result<Vec<Message>> {
        let turns = self.stored.messages(run).await?;
        if turns.is_empty() {
            return Ok(turns);
        }
        let session = super::session(self.session_id(), run);
        let summary = self.summaries.of(session, &turns).await?;
        Ok(vec![self.summaries.as_turn(&summary)])
    }

    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()> {
        self.stored.remember(run, question, answer).await
    }

    async fn clear(&self, run: &Run) -> Result<()> {
        self.summaries.forget(super::session(self.session_id(), run)).await;
        self.stored.clear(run).await
    }
}
