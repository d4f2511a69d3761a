//! What a run tells, in order and numbered: kept with its turns, so that a stream that was cut goes
//! on with every event once.

use std::sync::Arc;

use flowstone_core::{Event, event::Recorder};
use flowstone_store::EventsKept;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::request::place;

/// The events of a run that are not kept yet; cheap to clone.
#[derive(Clone)]
pub(super) struct Log(Arc<Mutex<Pending>>);

struct Pending {
    /// The number of the last event that is kept.
    last: usize,
    /// Those after it, as JSON texts.
    events: Vec<String>,
}

/// Events on their way to the database.
pub(super) struct Batch {
    /// How many of them the log holds.
    recorded: usize,
    events: Vec<String>,
    last: usize,
}

impl Log {
    /// A log that goes on after event number `last`.
    pub(super) fn after(last: i32) -> Self {
        let last = usize::try_from(last).unwrap_or_default();
        Self(Arc::new(Mutex::new(Pending { last, events: Vec::new() })))
    }

    /// Writes down what a run tells, and says so each time.
    pub(super) fn recorder(&self, news: impl Fn() + Send + Sync + 'static) -> Recorder {
        let log = self.0.clone();
        Recorder::new(move |event| {
            log.lock().events.push(text_of(event));
            news();
        })
    }

    /// Whether nothing waits to be kept.
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().events.is_empty()
    }

    /// Writes down what is told of a turn that waits to be kept.
    pub(super) fn add(&self, told: &[Event]) {
        self.0.lock().events.extend(told.iter().map(text_of));
    }

    /// All that waits, and `told` behind it. It stays here until [`Log::kept`].
    pub(super) fn batch<'a>(&self, told: impl IntoIterator<Item = &'a Event>) -> Batch {
        let pending = self.0.lock();
        let mut events = pending.events.clone();
        let recorded = events.len();
        events.extend(told.into_iter().map(text_of));
        Batch { recorded, last: pending.last + events.len(), events }
    }

    /// Forgets what is kept now. What was recorded meanwhile stays.
    pub(super) fn kept(&self, batch: &Batch) {
        let mut pending = self.0.lock();
        pending.events.drain(..batch.recorded);
        pending.last = batch.last;
    }
}

impl Batch {
    /// The events as the store takes them.
    pub(super) fn row(&self) -> Option<EventsKept> {
        let is_empty = self.events.is_empty();
        // A JSON text holds no line break.
        let events = || EventsKept { last: place(self.last), events: self.events.join("\n") };
        (!is_empty).then(events)
    }
}

/// An event as it is kept. Of the records so far only their number: they are kept already. The one
/// of a turn that waits is the exception, as another will take its place.
fn text_of(event: &Event) -> String {
    let Event::AgentFlowExecutedData(records) = event else {
        return serde_json::to_string(event).unwrap_or_default();
    };
    let mut kept = json!({ "event": "agentFlowExecutedData", "records": records.len() });
    if let Some(last) = records.last().filter(|it| it["status"] == "STOPPED") {
        kept["last"] = Value::clone(last);
    }
    kept.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> Event {
        Event::Token(text.to_owned())
    }

    #[tokio::test]
    async fn what_is_told_while_a_batch_is_kept_comes_with_the_next() {
        let log = Log::after(7);
        let events = flowstone_core::Events::silent().recorded(log.recorder(|| {}));
        events.emit(token("a")).await;
        let batch = log.batch([&token("b")]);
        events.emit(token("c")).await;
        let first = batch.row().unwrap();
        assert_eq!(first.last, 9);
        assert_eq!(
            first.events,
            "{\"event\":\"token\",\"data\":\"a\"}\n{\"event\":\"token\",\"data\":\"b\"}"
        );
        log.kept(&batch);
        let next = log.batch([]).row().unwrap();
        assert_eq!((next.last, next.events.as_str()), (10, r#"{"event":"token","data":"c"}"#));
    }

    #[test]
    fn records_are_named_by_their_number_but_for_one_that_waits() {
        let record = |status: &str| Arc::new(json!({ "nodeId": "h", "status": status }));
        let text = |status: &str| text_of(&Event::AgentFlowExecutedData(vec![record(status)]));
        assert_eq!(text("FINISHED"), r#"{"event":"agentFlowExecutedData","records":1}"#);
        assert!(text("STOPPED").contains(r#""last":{"nodeId":"h","status":"STOPPED"}"#));
    }
}
