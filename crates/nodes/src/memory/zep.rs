//! What the memories in Zep share.

use async_trait::async_trait;
use flowstone_core::{Input, Inputs, Memory, Message, Result, Run};
use flowstone_providers::zep::{Names, Server};

use super::{MEMORY_KEY, SESSION_ID, session};

/// Under which name models' turns are kept.
pub(super) const AI_PREFIX: Input<String> = Input::text("AI Prefix", "aiPrefix")
    .default("ai")
    .describe("Under this name the turns of models are kept")
    .additional();
/// Under which name people's turns are kept.
pub(super) const HUMAN_PREFIX: Input<String> = Input::text("Human Prefix", "humanPrefix")
    .default("human")
    .describe("Under this name the turns of people are kept")
    .additional();
/// Kept for flows of the reference.
pub(super) const INPUT_KEY: Input<String> = Input::text("Input Key", "inputKey")
    .default("input")
    .describe("Kept for flows of the reference; the question is always remembered")
    .additional();
/// Kept for flows of the reference.
pub(super) const OUTPUT_KEY: Input<String> = Input::text("Output Key", "outputKey")
    .default("text")
    .describe("Kept for flows of the reference; the answer is always remembered")
    .additional();

/// Before what Zep knows of the conversation in short.
const SUMMARY: &str = "What was said before, in short:\n";

/// The names that a form gives to turns.
pub(super) fn names(inputs: &Inputs) -> Result<Names> {
    Ok(Names { human: inputs.get(&HUMAN_PREFIX)?, ai: inputs.get(&AI_PREFIX)? })
}

/// Conversations on a server of Zep.
pub(super) struct ZepMemory {
    server: Server,
    session: Option<String>,
    key: String,
    last: Option<u64>,
    summarizes: bool,
}

impl ZepMemory {
    /// Reads the shared rows. `last` turns are recalled, with what went before them in short where
    /// `summarizes`.
    pub(super) fn from_form(
        inputs: &Inputs,
        server: Server,
        last: Option<u64>,
        summarizes: bool,
    ) -> Result<Self> {
        let (session, key) = (inputs.get(&SESSION_ID)?, inputs.get(&MEMORY_KEY)?);
        Ok(Self { server, session, key, last, summarizes })
    }

    fn name<'a>(&'a self, run: &'a Run) -> &'a str {
        session(self.session.as_deref(), run)
    }
}

#[async_trait]
impl Memory for ZepMemory {
    fn session_id(&self) -> Option<&str> {
        self.session.as_deref()
    }

    fn key(&self) -> &str {
        &self.key
    }

    async fn messages(&self, run: &Run) -> Result<Vec<Message>> {
        let recalled = self.server.recall(self.name(run), self.last).await?;
        let summary = recalled.summary.filter(|_| self.summarizes);
        let summary = summary.map(|it| Message::system(format!("{SUMMARY}{it}")));
        Ok(summary.into_iter().chain(recalled.turns).collect())
    }

    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()> {
        self.server.add(self.name(run), question, answer).await
    }

    async fn clear(&self, run: &Run) -> Result<()> {
        self.server.forget(self.name(run)).await
    }
}
