//! Those who follow a run by what is kept of its events: after a cut, after a restart of the server,
//! on another server than the one that walks it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use flowstone_store::{EventsKept, WorkspaceScope};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::{mpsc, watch};

use super::stream::Kept;
use crate::{AppState, problem::Result};

/// How often a run that another server walks is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How many events may wait for a slow reader.
const WAITING: usize = 64;
/// The last event of a run, or of its way to a person it waits for.
const END: &str = r#"{"event":"end","data":"[DONE]"}"#;

/// Who follows which run on this server; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Followers(Arc<Mutex<HashMap<String, watch::Sender<()>>>>);

/// Follows a run until it is dropped.
struct Follower {
    all: Followers,
    id: String,
    news: watch::Receiver<()>,
}

impl Followers {
    /// Whether anybody follows the run.
    pub(super) fn has(&self, id: &str) -> bool {
        self.0.lock().contains_key(id)
    }

    /// Tells those who follow the run that more of it is kept.
    pub(super) fn wake(&self, id: &str) {
        if let Some(sender) = self.0.lock().get(id) {
            sender.send_replace(());
        }
    }

    fn join(&self, id: &str) -> Follower {
        let mut all = self.0.lock();
        let news = all.entry(id.to_owned()).or_insert_with(|| watch::Sender::new(())).subscribe();
        Follower { all: self.clone(), id: id.to_owned(), news }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut all = self.all.0.lock();
        // This one is still counted.
        if all.get(&self.id).is_some_and(|it| it.receiver_count() <= 1) {
            all.remove(&self.id);
        }
    }
}

/// Whether a run has told, or may yet tell, anything after event number `after`.
pub(crate) async fn has_more(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    after: i32,
) -> flowstone_store::Result<bool> {
    let executions = state.store.executions();
    let in_progress = executions.get(scope, id).await?.state == "INPROGRESS";
    Ok(in_progress || executions.last_event(id).await? > after)
}

/// What a run tells after event number `after`, up to its end or to where it waits for a person.
pub(super) fn follow(
    state: &AppState,
    scope: WorkspaceScope,
    id: String,
    after: i32,
) -> mpsc::Receiver<Kept> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let runner = state.clone();
    let mut follower = state.followers.join(&id);
    // What a turn has told before anybody listened is kept for them now.
    state.walking.wake(&id);
    state.tasks.spawn(async move {
        let telling = tell(&runner, &scope, &mut follower, after, &sender);
        tokio::select! {
            told = telling => if let Err(problem) = told {
                tracing::warn!(run = id, problem = problem.message(), "a run could not be followed");
            },
            () = sender.closed() => {}
            () = runner.leaving.cancelled() => {}
        }
    });
    receiver
}

async fn tell(
    state: &AppState,
    scope: &WorkspaceScope,
    follower: &mut Follower,
    after: i32,
    sender: &mpsc::Sender<Kept>,
) -> Result<()> {
    let executions = state.store.executions();
    let (mut last, mut is_over) = (after, false);
    loop {
        follower.news.mark_unchanged();
        let pieces = executions.events_after(&follower.id, last).await?;
        if pieces.is_empty() && is_over {
            return Ok(());
        }
        let mut records = None;
        for piece in &pieces {
            for (number, event) in numbered(piece) {
                if number <= last {
                    continue;
                }
                let text = match named_records(event) {
                    None => event.to_owned(),
                    Some(named) => {
                        if records.is_none() {
                            records = Some(executions.records(&follower.id).await?);
                        }
                        with_records(&named, records.as_deref().unwrap_or_default())
                    }
                };
                let ends = text == END;
                if sender.send(Kept { number, text }).await.is_err() || ends {
                    return Ok(());
                }
                last = number;
            }
        }
        if !pieces.is_empty() {
            continue;
        }
        // What was kept between the two questions is asked for once more.
        is_over = executions.get(scope, &follower.id).await?.state != "INPROGRESS";
        if !is_over {
            let _ = tokio::time::timeout(LOOK, follower.news.changed()).await;
        }
    }
}

/// The events of a piece with their numbers.
fn numbered(piece: &EventsKept) -> Vec<(i32, &str)> {
    let events: Vec<&str> = piece.events.lines().collect();
    let first = piece.last - i32::try_from(events.len()).unwrap_or_default() + 1;
    (first..).zip(events).collect()
}

/// The event that names records instead of holding them.
fn named_records(event: &str) -> Option<Value> {
    // Only these are looked into: most events are pieces of an answer.
    let named = event.starts_with(r#"{"event":"agentFlowExecutedData""#);
    named.then(|| serde_json::from_str(event).ok()).flatten()
}

/// The event as it was told: the records in it, the last one as it was then.
fn with_records(named: &Value, records: &[String]) -> String {
    let count = named["records"].as_u64().and_then(|it| usize::try_from(it).ok());
    let count = count.unwrap_or_default().min(records.len());
    let mut texts = records[..count].to_vec();
    if let (Some(last), Some(then)) = (texts.last_mut(), named.get("last")) {
        *last = then.to_string();
    }
    format!(r#"{{"event":"agentFlowExecutedData","data":[{}]}}"#, texts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_from_the_end_of_their_piece() {
        let piece = EventsKept { last: 9, events: format!("{{\"event\":\"a\"}}\n{END}") };
        assert_eq!(numbered(&piece), [(8, r#"{"event":"a"}"#), (9, END)]);
    }

    #[test]
    fn records_are_put_back_as_they_were() {
        let records = ["1".to_owned(), "2".to_owned(), "3".to_owned()];
        let put_back = |event: &str| with_records(&named_records(event).unwrap(), &records);
        assert_eq!(
            put_back(r#"{"event":"agentFlowExecutedData","records":2}"#),
            r#"{"event":"agentFlowExecutedData","data":[1,2]}"#
        );
        assert_eq!(
            put_back(r#"{"event":"agentFlowExecutedData","records":2,"last":{"k":0}}"#),
            r#"{"event":"agentFlowExecutedData","data":[1,{"k":0}]}"#
        );
        assert!(named_records(END).is_none());
    }

    #[test]
    fn a_run_is_followed_until_the_last_one_leaves() {
        let followers = Followers::default();
        let (one, two) = (followers.join("r"), followers.join("r"));
        drop(one);
        assert!(followers.has("r") && !followers.has("other"));
        followers.wake("r");
        assert!(two.news.has_changed().unwrap());
        drop(two);
        assert!(!followers.has("r"));
    }
}
