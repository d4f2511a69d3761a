//! Writes ended runs to the database: many at once, and never while somebody waits for an answer.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use flowstone_store::FlowRun;
use parking_lot::Mutex;
use tokio::runtime::Handle;

use super::record::Finished;
use crate::AppState;

/// Most runs that wait to be written; the oldest are lost first.
const WAITING: usize = 1_000;
/// Most runs that are written at once.
const BATCH: usize = 50;
/// How often old runs are looked for.
const PRUNE_EVERY: Duration = Duration::from_mins(10);

/// The runs that are still to be written.
#[derive(Default)]
pub(crate) struct RunLog {
    waiting: Mutex<Waiting>,
    /// Held by whoever writes; when old runs were last looked for.
    writing: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Default)]
struct Waiting {
    runs: VecDeque<Finished>,
    /// Somebody is about to write them.
    is_expected: bool,
    /// How many were lost since that was last told.
    lost: usize,
}

impl RunLog {
    /// Adds a run, which is written soon.
    pub(super) fn push(&self, state: &AppState, run: Finished) {
        let mut waiting = self.waiting.lock();
        if waiting.runs.len() >= WAITING {
            waiting.runs.pop_front();
            waiting.lost += 1;
        }
        waiting.runs.push_back(run);
        // A run may be dropped while the program ends; nobody could write it then.
        if waiting.is_expected || Handle::try_current().is_err() {
            return;
        }
        waiting.is_expected = true;
        drop(waiting);
        let writer = state.clone();
        state.tasks.spawn(async move { writer.run_log.write(&writer).await });
    }

    /// Writes what waits, so that whoever reads next finds it.
    pub(crate) async fn write(&self, state: &AppState) {
        let mut pruned = self.writing.lock().await;
        while let Some(batch) = self.next_batch() {
            let price = &*state.price;
            let rows: Vec<FlowRun> = batch.into_iter().map(|it| it.into_row(price)).collect();
            match state.store.runs().insert_for_anyone(&rows).await {
                Ok(0) => {}
                Ok(lost) => tracing::debug!(lost, "runs of flows that are gone were not kept"),
                Err(error) => {
                    let lost = rows.len();
                    tracing::warn!(%error, lost, "runs could not be written to the history");
                }
            }
            if pruned.is_none_or(|it| it.elapsed() >= PRUNE_EVERY) {
                *pruned = Some(Instant::now());
                prune(state).await;
            }
        }
    }

    fn next_batch(&self) -> Option<Vec<Finished>> {
        let mut waiting = self.waiting.lock();
        let lost = std::mem::take(&mut waiting.lost);
        if lost > 0 {
            tracing::warn!(lost, "runs ended faster than the history could be written");
        }
        let batch = waiting.runs.len().min(BATCH);
        if batch == 0 {
            waiting.is_expected = false;
            return None;
        }
        Some(waiting.runs.drain(..batch).collect())
    }
}

async fn prune(state: &AppState) {
    let settings = state.settings.runs;
    let before = Utc::now() - TimeDelta::days(settings.days.into());
    match state.store.runs().prune_everywhere(before, settings.most).await {
        Ok(0) => {}
        Ok(forgotten) => tracing::debug!(forgotten, "old runs were forgotten"),
        Err(error) => tracing::warn!(%error, "old runs could not be forgotten"),
    }
}
