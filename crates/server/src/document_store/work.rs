//! Who works on which store: one at a time, to the end, and told how far it is.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::Mutex as Turn;
use ts_rs::TS;

use crate::{AppState, Problem, problem::Result};

/// The work that goes on in this process.
#[derive(Default)]
pub(crate) struct Work(Mutex<HashMap<String, Entry>>);

#[derive(Default)]
struct Entry {
    /// Whoever holds it works on the store.
    turn: Arc<Turn<()>>,
    waiting: usize,
    progress: Option<Progress>,
}

/// How far the work on a store is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "DocumentStoreProgress")]
#[schemars(rename = "DocumentStoreProgress")]
pub(crate) struct Progress {
    /// `loading` or `writing`.
    pub(crate) stage: &'static str,
    /// The loader that is worked on; empty for all of them.
    pub(crate) loader: String,
    /// How many loaders are done.
    pub(crate) done: usize,
    /// How many there are to do.
    pub(crate) total: usize,
}

impl Work {
    /// How far the work on a store is; `None` where nothing is done.
    pub(crate) fn progress(&self, store: &str) -> Option<Progress> {
        self.0.lock().get(store).and_then(|it| it.progress.clone())
    }

    /// Tells how far it is.
    pub(super) fn tell(&self, store: &str, progress: Progress) {
        if let Some(entry) = self.0.lock().get_mut(store) {
            entry.progress = Some(progress);
        }
    }

    fn enter(&self, store: &str) -> Arc<Turn<()>> {
        let mut all = self.0.lock();
        let entry = all.entry(store.to_owned()).or_default();
        entry.waiting += 1;
        entry.turn.clone()
    }

    fn leave(&self, store: &str) {
        let mut all = self.0.lock();
        let Some(entry) = all.get_mut(store) else { return };
        entry.waiting -= 1;
        entry.progress = None;
        if entry.waiting == 0 {
            all.remove(store);
        }
    }
}

/// Leaves, however the work ends.
struct Place<'a> {
    work: &'a Work,
    store: &'a str,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.work.leave(self.store);
    }
}

/// Does `work` on a store once nobody else does, to its end, even if whoever asked for it leaves.
///
/// # Errors
/// What `work` says, and where it was cut short.
pub(crate) async fn to_its_end<T, F>(state: &AppState, store: &str, work: F) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let (of_work, id) = (state.clone(), store.to_owned());
    let task = state.tasks.spawn(async move {
        let turn = of_work.document_work.enter(&id);
        let _place = Place { work: &of_work.document_work, store: &id };
        let _turn = turn.lock().await;
        work.await
    });
    task.await.unwrap_or_else(|error| Err(Problem::internal(&error)))
}
