//! Keeps the turns of runs in the database.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::Utc;
use flowstone_core::{Error, Event};
use flowstone_engine::agentflow::{Checkpoint, ExecutionState, Journal, Progress};
use flowstone_store::{Spending, TurnKept, crash};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::Mutex as Turnstile;

use super::{
    LEASE,
    closing::{Closing, Ended},
    log::Log,
    request::place,
};
use crate::{AppState, prediction::answer::Exchange};

/// Keeps the turns of one run in the database, and with the last one all that the run leaves behind.
pub(super) struct StoreJournal<'a> {
    state: &'a AppState,
    id: &'a str,
    closing: Closing<'a>,
    log: Log,
    /// How many records are kept.
    records: AtomicUsize,
    /// One write after the other, so that events are kept in their order.
    turnstile: Turnstile<()>,
    ended: Mutex<Option<Exchange>>,
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
            records: AtomicUsize::new(records),
            turnstile: Turnstile::new(()),
            ended: Mutex::default(),
        }
    }

    /// The exchange that was kept with the end of the run, or with its wait for a person.
    pub(super) fn exchange(self) -> Option<Exchange> {
        self.ended.into_inner()
    }

    /// Keeps what was told so far, while a turn goes on.
    pub(super) async fn flush(&self) -> Result<(), flowstone_store::Error> {
        let _one = self.turnstile.lock().await;
        let batch = self.log.batch([]);
        let Some(row) = batch.row() else { return Ok(()) };
        self.state.store.executions().keep_events(self.id, &self.state.owner, row).await?;
        self.log.kept(&batch);
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
        let ended = ended.unwrap_or_default();
        let Ended { messages, told, exchange } = ended;
        let _one = self.turnstile.lock().await;
        let batch = self.log.batch(checkpoint.told.iter().chain::<&[Event]>(&told));
        let before = self.records.load(Ordering::Relaxed);
        let record = checkpoint.record.map(|(at, record)| (place(at), record.to_string()));
        let now = Utc::now();
        let kept = TurnKept {
            id: self.id,
            owner: &self.state.owner,
            record,
            position: checkpoint.position.map(str::to_owned),
            spent: Some(spending(checkpoint.progress)),
            milliseconds: Some(number(checkpoint.progress.spent.milliseconds)),
            truncates: checkpoint.records < before,
            state: checkpoint.state.as_str(),
            progress: serde_json::to_string(checkpoint.progress).map_err(unkept)?,
            action: checkpoint.action.map(Value::to_string),
            now,
            lease: now + LEASE,
            events: batch.row(),
            messages: &messages,
        };
        self.state.store.executions().keep_turn(kept).await.map_err(unkept)?;
        self.records.store(checkpoint.records, Ordering::Relaxed);
        self.log.kept(&batch);
        self.state.followers.wake(self.id);
        *self.ended.lock() = exchange;
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
