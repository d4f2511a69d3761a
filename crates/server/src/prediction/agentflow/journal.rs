//! Keeps the turns of runs in the database.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::Utc;
use flowstone_core::{Error, Event};
use flowstone_engine::agentflow::{Checkpoint, ExecutionState, Journal, Progress};
use flowstone_store::{ChatMessage, Spending, TurnKept, TurnTaken, crash};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::Mutex as Turnstile;

use super::{
    LEASE,
    closing::{Closing, Ended},
    log::{Batch, Log},
    request::place,
};
use crate::{AppState, prediction::answer::Exchange};

/// Keeps the turns of one run in the database, and with the last one all that the run leaves behind.
pub(super) struct StoreJournal<'a> {
    state: &'a AppState,
    id: &'a str,
    closing: Closing<'a>,
    log: Log,
    /// What is kept and what waits, behind one write after the other, so that events are kept in
    /// their order.
    turns: Turnstile<Turns>,
    ended: Mutex<Option<Exchange>>,
}

/// The turns of a run on their way to the database.
struct Turns {
    /// How many records are kept.
    kept: usize,
    /// Turns that wait to be kept with the next; in order.
    waiting: Vec<TurnTaken>,
    /// When the last write was.
    written: Instant,
}

/// Most turns that wait for a write.
const MOST_WAITING: usize = 32;

/// Bytes of a record that is too long to wait.
const LONGEST_RECORD: usize = 64 * 1024;

/// Longest that a turn waits for one, if another comes; those who look at the run see it so much
/// later.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

impl Turns {
    /// Puts the record of a checkpoint behind those that wait, in the place of one that it replaces.
    fn add(&mut self, checkpoint: &Checkpoint<'_>) {
        let Some((at, record)) = checkpoint.record else { return };
        let (at, record) = (place(at), record.to_string());
        while self.waiting.last().is_some_and(|it| it.place > at) {
            self.waiting.pop();
        }
        match self.waiting.last_mut().filter(|it| it.place == at) {
            Some(replaced) => replaced.record = record,
            None => {
                let position = checkpoint.position.map(str::to_owned);
                self.waiting.push(TurnTaken { place: at, record, position });
            }
        }
    }

    /// Whether there is room and time for them to wait. A long record does not: should the database
    /// refuse it, that is its own turn's failure.
    fn can_wait(&self) -> bool {
        self.waiting.len() < MOST_WAITING
            && self.waiting.last().is_none_or(|it| it.record.len() < LONGEST_RECORD)
            && self.written.elapsed() < LONGEST_WAIT
    }
}

/// How a run stands, as it is written with its turns.
struct Standing<'s> {
    state: ExecutionState,
    progress: &'s Progress,
    action: Option<String>,
    asks_again: Option<String>,
    /// Whether records behind the last one no longer count.
    truncates: bool,
}

impl<'a> StoreJournal<'a> {
    pub(super) fn new(
        state: &'a AppState,
        id: &'a str,
        records: usize,
        closing: Closing<'a>,
        log: Log,
    ) -> Self {
        Self {
            state,
            id,
            closing,
            log,
            turns: Turnstile::new(Turns {
                kept: records,
                waiting: Vec::new(),
                written: Instant::now(),
            }),
            ended: Mutex::default(),
        }
    }

    /// The exchange that was kept with the end of the run, or with its wait for a person.
    pub(super) fn exchange(self) -> Option<Exchange> {
        self.ended.into_inner()
    }

    /// Keeps what was told so far, while a turn goes on.
    pub(super) async fn flush(&self) -> Result<(), flowstone_store::Error> {
        let turns = self.turns.lock().await;
        if !turns.waiting.is_empty() {
            // Nothing is told of a turn that is not kept; what waits is kept as soon as one takes
            // its time, and its events with it.
            return Ok(());
        }
        let batch = self.log.batch([]);
        let Some(row) = batch.row() else { return Ok(()) };
        self.state.store.executions().keep_events(self.id, &self.state.owner, row).await?;
        self.log.kept(&batch);
        self.state.followers.wake(self.id);
        Ok(())
    }

    /// Writes the turns that wait, what they told, and how the run stands behind them.
    async fn write(
        &self,
        turns: &mut Turns,
        standing: Standing<'_>,
        batch: &Batch,
        messages: &[ChatMessage],
    ) -> flowstone_core::Result<()> {
        let Standing { state, progress, action, asks_again, truncates } = standing;
        let now = Utc::now();
        let kept = TurnKept {
            id: self.id,
            owner: &self.state.owner,
            turns: &turns.waiting,
            truncates,
            spent: Some(spending(progress)),
            milliseconds: Some(number(progress.spent.milliseconds)),
            state: state.as_str(),
            progress: serde_json::to_string(progress).map_err(unkept)?,
            action,
            asks_again,
            now,
            lease: now + LEASE,
            events: batch.row(),
            messages,
        };
        self.state.store.executions().keep_turn(kept).await.map_err(unkept)?;
        turns.waiting.clear();
        turns.written = Instant::now();
        self.log.kept(batch);
        self.state.followers.wake(self.id);
        Ok(())
    }

    /// Whether somebody follows the run and has not been told all of it.
    pub(super) fn is_awaited(&self) -> bool {
        self.state.followers.has(self.id) && !self.log.is_empty()
    }
}

fn spending(progress: &Progress) -> Spending {
    let spent = progress.spent;
    Spending {
        input_tokens: number(spent.input_tokens),
        output_tokens: number(spent.output_tokens),
        cost: spent.cost,
    }
}

fn number(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

fn unkept(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    let message = "the run's turn could not be kept, so the run ends here".to_owned();
    Error::Storage { message, source: Box::new(source) }
}

#[async_trait]
impl Journal for StoreJournal<'_> {
    async fn commit(&self, checkpoint: Checkpoint<'_>) -> flowstone_core::Result<()> {
        let ended = match checkpoint.state {
            ExecutionState::InProgress => None,
            _ => Some(self.closing.end(self.state, &checkpoint).await?),
        };
        let Ended { messages, told, exchange } = ended.unwrap_or_default();
        let mut turns = self.turns.lock().await;
        turns.add(&checkpoint);
        if checkpoint.may_wait && checkpoint.records >= turns.kept && turns.can_wait() {
            self.log.add(checkpoint.told);
            return Ok(());
        }
        let batch = self.log.batch(checkpoint.told.iter().chain::<&[Event]>(&told));
        let standing = Standing {
            state: checkpoint.state,
            progress: checkpoint.progress,
            action: checkpoint.action.map(Value::to_string),
            asks_again: checkpoint.asks_again.map(Value::to_string),
            truncates: checkpoint.records < turns.kept,
        };
        self.write(&mut turns, standing, &batch, &messages).await?;
        turns.kept = checkpoint.records;
        *self.ended.lock() = exchange;
        Ok(())
    }

    async fn settle(&self, progress: &Progress) -> flowstone_core::Result<()> {
        let mut turns = self.turns.lock().await;
        let Some(last) = turns.waiting.last() else { return Ok(()) };
        let records = usize::try_from(last.place).unwrap_or_default() + 1;
        let standing = Standing {
            state: ExecutionState::InProgress,
            progress,
            action: None,
            asks_again: None,
            truncates: false,
        };
        let batch = self.log.batch([]);
        self.write(&mut turns, standing, &batch, &[]).await?;
        turns.kept = records;
        Ok(())
    }

    async fn begins(&self, progress: &Progress) -> flowstone_core::Result<()> {
        crash::here(crash::Point::TurnBegins, self.id);
        if progress.begun.is_none() {
            return Ok(());
        }
        let text = serde_json::to_string(progress).map_err(unkept)?;
        let owner = &self.state.owner;
        let mine = self.state.store.executions().keep_progress(self.id, owner, text).await;
        if mine.map_err(unkept)? {
            return Ok(());
        }
        let said = "another server has taken the run over, or it was deleted";
        Err(Error::Unsupported(said.to_owned()))
    }
}
