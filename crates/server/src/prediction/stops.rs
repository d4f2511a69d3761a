//! Runs that can be stopped from outside.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// The runs of this process, by flow and chat.
#[derive(Clone, Default)]
pub(crate) struct Stops(Arc<Mutex<Runs>>);

/// Runs by flow and chat; the number tells runs of one chat apart.
type Runs = HashMap<Key, Vec<(u64, CancellationToken)>>;
type Key = (String, String);

/// A run's entry; gone with the run.
pub(crate) struct Stoppable {
    stops: Stops,
    key: Key,
    id: u64,
    token: CancellationToken,
}

impl Stops {
    /// Makes a run stoppable until what is returned is dropped.
    pub(crate) fn register(&self, flow: &str, chat: &str) -> Stoppable {
        let (key, token) = ((flow.to_owned(), chat.to_owned()), CancellationToken::new());
        let mut runs = self.0.lock();
        let list = runs.entry(key.clone()).or_default();
        let id = list.last().map_or(0, |(last, _)| last + 1);
        list.push((id, token.clone()));
        drop(runs);
        Stoppable { stops: self.clone(), key, id, token }
    }

    /// Stops every run of a chat; how many there were.
    pub(crate) fn stop(&self, flow: &str, chat: &str) -> usize {
        let runs = self.0.lock();
        let list = runs.get(&(flow.to_owned(), chat.to_owned())).map_or(&[][..], Vec::as_slice);
        for (_, token) in list {
            token.cancel();
        }
        list.len()
    }

    /// Stops every run of this process.
    pub(crate) fn stop_all(&self) {
        for (_, token) in self.0.lock().values().flatten() {
            token.cancel();
        }
    }
}

impl Stoppable {
    /// Waits until somebody stops the run.
    pub(crate) async fn stopped(&self) {
        self.token.cancelled().await;
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        let mut runs = self.stops.0.lock();
        if let Some(list) = runs.get_mut(&self.key) {
            list.retain(|(id, _)| *id != self.id);
            if list.is_empty() {
                runs.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_reaches_the_runs_of_its_chat_only() {
        let stops = Stops::default();
        let (one, two, other) =
            (stops.register("f", "a"), stops.register("f", "a"), stops.register("f", "b"));
        assert_eq!(stops.stop("f", "a"), 2);
        assert!(one.token.is_cancelled() && two.token.is_cancelled());
        assert!(!other.token.is_cancelled());
        drop((one, two, other));
        assert!(stops.0.lock().is_empty());
    }
}
