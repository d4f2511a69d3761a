//! A memory that reads the chat as it is stored anyway.

use async_trait::async_trait;
use flowstone_core::{Inputs, Memory, Message, Result, Run};

use super::{MEMORY_KEY, SESSION_ID, session};

/// The stored turns of a conversation, all or the newest.
pub(crate) struct StoredMemory {
    session: Option<String>,
    key: String,
    limit: Option<u64>,
}

impl StoredMemory {
    /// Reads the rows both buffer memories have; `limit` counts turns, not exchanges.
    pub(crate) fn from_form(inputs: &Inputs, limit: Option<u64>) -> Result<Self> {
        Ok(Self { session: inputs.get(&SESSION_ID)?, key: inputs.get(&MEMORY_KEY)?, limit })
    }
}

#[async_trait]
impl Memory for StoredMemory {
    fn session_id(&self) -> Option<&str> {
        self.session.as_deref()
    }

    fn key(&self) -> &str {
        &self.key
    }

    async fn messages(&self, run: &Run) -> Result<Vec<Message>> {
        if self.limit == Some(0) {
            return Ok(Vec::new());
        }
        let session = session(self.session.as_deref(), run);
        let chats = &run.services.chats;
        chats.history(&run.workspace, &run.flow_id, session, self.limit).await
    }

    /// The server stores every answer, so there is nothing to do.
    async fn remember(&self, _: &Run, _: &str, _: &str) -> Result<()> {
        Ok(())
    }

    /// Clearing the chat removes the stored turns, so there is nothing to do.
    async fn clear(&self, _: &Run) -> Result<()> {
        Ok(())
    }
}
