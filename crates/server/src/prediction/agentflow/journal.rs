//! Keeps the turns of runs in the database.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::Utc;
use flowstone_core::Error;
use flowstone_engine::agentflow::{Checkpoint, Journal, Progress};
use flowstone_store::{Store, TurnKept};
use serde_json::Value;

use super::{LEASE, request::place};
use crate::AppState;

/// Keeps the turns of one run in the database.
pub(super) struct StoreJournal {
    store: Store,
    owner: String,
    id: String,
    /// How many records are kept.
    records: AtomicUsize,
}

impl StoreJournal {
    pub(super) fn new(state: &AppState, id: &str, records: usize) -> Self {
        Self {
            store: state.store.clone(),
            owner: state.owner.clone(),
            id: id.to_owned(),
            records: AtomicUsize::new(records),
        }
    }
}

fn unkept(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    let message = "the run's turn could not be kept, so the run ends here".to_owned();
    Error::Storage { message, source: Box::new(source) }
}

#[async_trait]
impl Journal for StoreJournal {
    async fn commit(&self, checkpoint: Checkpoint<'_>) -> flowstone_core::Result<()> {
        let before = self.records.swap(checkpoint.records, Ordering::Relaxed);
        let record = checkpoint.record.map(|(at, record)| (place(at), record.to_string()));
        let now = Utc::now();
        let kept = TurnKept {
            id: &self.id,
            owner: &self.owner,
            record,
            truncates: checkpoint.records < before,
            state: checkpoint.state.as_str(),
            progress: serde_json::to_string(checkpoint.progress).map_err(unkept)?,
            action: checkpoint.action.map(Value::to_string),
            now,
            lease: now + LEASE,
        };
        self.store.executions().keep_turn(kept).await.map_err(unkept)
    }

    async fn begins(&self, progress: &Progress) -> flowstone_core::Result<()> {
        let text = serde_json::to_string(progress).map_err(unkept)?;
        let mine = self.store.executions().keep_progress(&self.id, &self.owner, text).await;
        if mine.map_err(unkept)? {
            return Ok(());
        }
        let said = "another server has taken the run over, or it was deleted";
        Err(Error::Unsupported(said.to_owned()))
    }
}
