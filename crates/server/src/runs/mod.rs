//! The history of runs: recorded while they answer, written together after they did.

mod log;
mod record;
mod redact;
mod span;
mod tally;

pub(crate) use log::RunLog;
pub(crate) use record::{Recorder, RunFacts};
pub(crate) use span::RunSpan;
pub(crate) use tally::Tally;

/// What is kept of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunContent {
    /// Nothing.
    Off,
    /// What happened and for how long, but neither questions nor what spans were given and gave.
    Outline,
    /// All of it, cut where it is long and without secrets.
    Full,
}

/// What is kept of runs, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct RunSettings {
    /// What is kept.
    pub content: RunContent,
    /// For how many days.
    pub days: u32,
    /// How many runs at most, in all workspaces together.
    pub most: u64,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self { content: RunContent::Full, days: 30, most: 10_000 }
    }
}
