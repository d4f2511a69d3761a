//! Where the turns of a run are kept, so that the run outlives the process that walks it.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Error, Event, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Progress;

/// How a run of an agentflow stands. The words are those of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ExecutionState {
    /// It has an owner that walks it, or will be taken up by one.
    InProgress,
    /// It came to an end.
    Finished,
    /// A node failed, and nothing caught it.
    Error,
    /// It waits for a person.
    Stopped,
    /// Its user ended it.
    Terminated,
    /// It took longer than it may.
    Timeout,
}

impl ExecutionState {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "INPROGRESS",
            Self::Finished => "FINISHED",
            Self::Error => "ERROR",
            Self::Stopped => "STOPPED",
            Self::Terminated => "TERMINATED",
            Self::Timeout => "TIMEOUT",
        }
    }
}

/// What is kept after a turn: its record and how to go on, whole or not at all.
#[derive(Clone, Copy, Debug)]
pub struct Checkpoint<'a> {
    /// The record of the turn with its place among the run's records; none where only the state
    /// changes.
    pub record: Option<(usize, &'a Arc<Value>)>,
    /// Where the run stood before the turn of that record, as JSON: enough to run it again from
    /// there. It stays as it was kept first.
    pub position: Option<&'a str>,
    /// How many records the run has: those from here on no longer count.
    pub records: usize,
    /// How to go on.
    pub progress: &'a Progress,
    /// How the run stands now.
    pub state: ExecutionState,
    /// What a person is asked; only while the run is [`ExecutionState::Stopped`].
    pub action: Option<&'a Value>,
    /// What was asked before, where the turn that took the answer failed: it can be answered again.
    pub asks_again: Option<&'a Value>,
    /// Why the run failed; only where it is [`ExecutionState::Error`].
    pub failure: Option<&'a Error>,
    /// What the caller is told of it.
    pub told: &'a [Event],
    /// Whether it may be kept later, together with what comes next: all that would be lost is a
    /// turn that can be taken again without harm. [`Journal::settle`] says when it is time.
    pub may_wait: bool,
}

/// Keeps the turns of one run.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Keeps a checkpoint, and those that waited before it, in one transaction. One that may wait
    /// can be held back.
    ///
    /// # Errors
    /// Where nothing could be kept, or the run now belongs to somebody else: the walk then ends and
    /// tells so.
    async fn commit(&self, checkpoint: Checkpoint<'_>) -> Result<()>;

    /// A turn is next that does something outside the run: what was held back is to be kept before
    /// this returns. `progress` is how to go on.
    ///
    /// # Errors
    /// As [`Journal::commit`].
    async fn settle(&self, progress: &Progress) -> Result<()> {
        let _ = progress;
        Ok(())
    }

    /// A turn begins. Where its node must not run twice ([`Progress::begun`]), that is to be kept
    /// before this returns.
    async fn begins(&self, progress: &Progress) -> Result<()> {
        let _ = progress;
        Ok(())
    }
}

/// Keeps nothing: for tests and for measuring what keeping costs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unkept;

#[async_trait]
impl Journal for Unkept {
    async fn commit(&self, _: Checkpoint<'_>) -> Result<()> {
        Ok(())
    }
}
