//! Turns that stay inside the run may be held back: a crash then costs them, and nothing else.

use super::*;

pub(super) static QUIET: Spec = Spec { name: "toyQuiet", label: "Toy Quiet", ..TOY };

/// A toy step that says of itself that it stays inside the run.
pub(super) struct ToyQuiet;

#[async_trait]
impl Node for ToyQuiet {
    fn spec(&self) -> &'static Spec {
        &QUIET
    }
    fn stays_inside(&self) -> bool {
        true
    }
    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        ToyStep.init(inputs).await
    }
}

/// Holds back whatever may wait.
#[derive(Default)]
struct Holding {
    below: Kept,
    /// The records so far, where some of them wait.
    held: Mutex<Option<Vec<Arc<Value>>>>,
    writes: Mutex<usize>,
}

impl Holding {
    fn held(&self) -> std::sync::MutexGuard<'_, Option<Vec<Arc<Value>>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What would be kept with this checkpoint.
    fn records(&self, checkpoint: &Checkpoint<'_>) -> Vec<Arc<Value>> {
        let kept = self.below.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref().map(|(_, records)| records.clone());
        let mut records = self.held().take().or(kept).unwrap_or_default();
        records.truncate(checkpoint.records);
        if let Some((at, record)) = checkpoint.record {
            records.truncate(at);
            records.push(record.clone());
        }
        assert_eq!(records.len(), checkpoint.records, "a record was never told of");
        records
    }

    fn write(&self, progress: &Progress, records: Vec<Arc<Value>>) -> Result<()> {
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        if self.below.dies_after == Some(*writes) {
            return Err(Error::Unsupported("the process is gone".to_owned()));
        }
        *writes += 1;
        let text = serde_json::to_string(progress).unwrap();
        *self.below.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((text, records));
        Ok(())
    }
}

#[async_trait]
impl Journal for Holding {
    async fn commit(&self, checkpoint: Checkpoint<'_>) -> Result<()> {
        let records = self.records(&checkpoint);
        if checkpoint.may_wait {
            *self.held() = Some(records);
            return Ok(());
        }
        self.write(checkpoint.progress, records)
    }

    async fn settle(&self, progress: &Progress) -> Result<()> {
        let held = self.held().clone();
        held.map_or(Ok(()), |records| self.write(progress, records))?;
        *self.held() = None;
        Ok(())
    }
}

/// The flow of everything, where all but `say` and `set` stay inside.
fn mostly_quiet() -> Value {
    let mut flow = everything();
    for node in flow["nodes"].as_array_mut().unwrap() {
        if !["say", "set"].contains(&node["data"]["inputs"]["does"].as_str().unwrap()) {
            node["data"]["name"] = "toyQuiet".into();
        }
    }
    flow
}

fn acts(run: &str) -> usize {
    let acting = ["a", "x", "z", "p", "r", "j"];
    ledger_of(run).iter().filter(|it| acting.contains(&it.as_str())).count()
}

#[tokio::test]
async fn what_is_held_back_is_kept_before_anything_happens_outside() {
    let flow = mostly_quiet();
    let whole = Holding::default();
    let expected = go(&flow, &call("held whole"), &whole, None).await;
    assert_eq!(expected.state, ExecutionState::Finished);
    let writes = *whole.writes.lock().unwrap_or_else(PoisonError::into_inner);
    let turns = expected.records.len();
    assert!(writes > acts("held whole"), "{writes}: before and after what happens outside");
    for dies_after in 1..writes {
        let name = format!("held {dies_after}");
        let below = Kept { dies_after: Some(dies_after), ..Kept::default() };
        let dying = Holding { below, ..Holding::default() };
        go(&flow, &call(&name), &dying, None).await;
        let revived = Holding { below: dying.below.revived(), ..Holding::default() };
        let end = go(&flow, &call(&name), &revived, Some(dying.below.last())).await;
        assert_eq!(end.state, ExecutionState::Finished, "after {dies_after}");
        assert_eq!(end.records, expected.records, "after {dies_after}");
        let (took, once) = (acts(&name), acts("held whole"));
        assert!(took <= once + 1, "after {dies_after}: {took} for {once} of {turns} turns");
    }
}

#[tokio::test]
async fn a_turn_that_must_not_run_twice_never_waits() {
    let mut flow = flow(&[("s", "begin", ""), ("d", "first", "")], &["s>d"]);
    for node in flow["nodes"].as_array_mut().unwrap() {
        node["data"]["name"] = "toyQuiet".into();
        node["data"]["envelope"] = json!({"repeatable": false});
    }
    let journal = Holding::default();
    go(&flow, &call("held not"), &journal, None).await;
    let writes = *journal.writes.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(writes, 3, "each turn and the end");
}
