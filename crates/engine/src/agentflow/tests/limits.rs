//! Envelopes and budgets: other models, ends of money and time, turns that cannot be kept.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Error, Result};
use serde_json::{Value, json};

use super::{
    super::{Checkpoint, ExecutionState, Journal, Unkept},
    Kept, answer, call, flow, go, ledger_of,
};

#[tokio::test]
async fn another_model_is_asked_where_the_chosen_one_fails() {
    let nodes = [("s", "begin", ""), ("a", "model", "down"), ("b", "say", "{{a}}")];
    let mut flow = flow(&nodes, &["s>a", "a>b"]);
    let end = go(&flow, &call("no fallback"), &Unkept, None).await;
    assert_eq!(end.failure.unwrap().to_string(), "A: 404 gone");
    flow["nodes"][1]["data"]["envelope"] =
        json!({"retries": 1, "fallbackModel": {"name": "toyModel", "config": {"text": "spare"}}});
    let end = go(&flow, &call("fallback"), &Unkept, None).await;
    assert_eq!((end.state, end.text.as_str()), (ExecutionState::Finished, "spare"));
    let data = &end.records[1]["data"];
    assert_eq!((&data["tries"], &data["fallbackModel"]), (&json!(2), &json!("toyModel")));
    assert!(end.records[2]["data"].get("tries").is_none());
    // Its form may name what is known, as any form may.
    let config = json!({"text": "{{ question }} {{s}}?"});
    flow["nodes"][1]["data"]["envelope"]["fallbackModel"]["config"] = config;
    let end = go(&flow, &call("named"), &Unkept, None).await;
    assert_eq!(end.text, "hi ?");
    flow["nodes"][1]["data"]["envelope"]["fallbackModel"]["config"]["text"] = json!("down");
    let end = go(&flow, &call("both down"), &Unkept, None).await;
    assert_eq!(ledger_of("both down"), ["s", "a", "a"]);
    assert_eq!(end.failure.unwrap().to_string(), "A: 404 gone");
}

#[tokio::test]
async fn a_run_ends_at_the_node_where_its_budget_does() {
    let nodes = [("s", "begin", ""), ("a", "model", "x"), ("l", "forever", "a")];
    let mut flow = flow(&nodes, &["s>a", "a>l"]);
    // Nothing that a node says of failures changes it.
    flow["nodes"][1]["data"]["envelope"] = json!({"onError": "continue", "retries": 3});
    for (budget, said) in [
        (json!({"tokens": 25}), "A: the run has spent 30 tokens, and its budget is 25"),
        (json!({"cost": 12}), "A: the run has spent 12.0000 dollars, and its budget is 12"),
    ] {
        flow["nodes"][0]["data"]["envelope"] = json!({ "budget": budget });
        let journal = Kept::default();
        let end = go(&flow, &call("budget"), &journal, None).await;
        assert_eq!(end.state, ExecutionState::Error);
        let failure = end.failure.unwrap().to_string();
        assert_eq!(failure, format!("{said}: no further model is asked"));
        let last = end.records.last().unwrap();
        assert_eq!((&last["nodeId"], &last["data"]["error"]), (&json!("a"), &json!(failure)));
        let spent = journal.last().0.spent;
        assert_eq!(
            spent.input_tokens + spent.output_tokens,
            if budget["cost"].is_null() { 30 } else { 20 }
        );
    }
}

#[tokio::test]
async fn what_was_spent_before_a_wait_counts_and_waiting_does_not() {
    let nodes = [("s", "begin", ""), ("a", "model", "x"), ("h", "ask", ""), ("b", "model", "y")];
    let mut flow = flow(&nodes, &["s>a", "a>h", "h.0>b"]);
    flow["nodes"][0]["data"]["envelope"] = json!({"budget": {"tokens": 10}});
    let (run, journal) = (call("spent"), Kept::default());
    go(&flow, &run, &journal, None).await;
    let (mut progress, records) = journal.last();
    progress.resume_at("h", answer("proceed"));
    let end = go(&flow, &run, &journal, Some((progress, records))).await;
    assert!(end.failure.unwrap().to_string().starts_with("B: the run has spent 10 tokens"));
}

#[tokio::test]
async fn a_run_ends_when_its_time_does() {
    let nodes = [("s", "begin", ""), ("a", "hang", "")];
    let mut flow = flow(&nodes, &["s>a"]);
    flow["nodes"][0]["data"]["envelope"] = json!({"budget": {"seconds": 0.02}});
    let end = go(&flow, &call("time"), &Unkept, None).await;
    assert_eq!(end.state, ExecutionState::Timeout);
    let said = "A: the run has taken the 0.02 seconds that its budget allows";
    assert_eq!(end.failure.unwrap().to_string(), said);
    assert_eq!(end.records[1]["status"], "TIMEOUT");
}

#[tokio::test]
async fn a_turn_has_a_key_that_is_the_same_when_it_is_taken_again() {
    let nodes = [("s", "begin", ""), ("a", "key", ""), ("b", "key", "")];
    let flow = flow(&nodes, &["s>a", "a>b"]);
    let dying = Kept { dies_after: Some(1), ..Kept::default() };
    go(&flow, &call("key"), &dying, None).await;
    let from = dying.last();
    let end = go(&flow, &call("key"), &dying.revived(), Some(from)).await;
    assert_eq!(end.records[1]["data"]["output"]["content"], "run/2/0/0 run/2/0/1");
    assert_eq!(end.text, "run/3/0/0 run/3/0/1");
}

/// Refuses one record, as a database does for which it is too large.
struct Refuses(Kept);

#[async_trait]
impl Journal for Refuses {
    async fn commit(&self, checkpoint: Checkpoint<'_>) -> Result<()> {
        let large = |(_, it): (usize, &Arc<Value>)| it["data"]["output"]["content"] == "large";
        if checkpoint.record.is_some_and(large) {
            return Err(Error::Unsupported("too large".to_owned()));
        }
        self.0.commit(checkpoint).await
    }
}

#[tokio::test]
async fn a_turn_that_cannot_be_kept_ends_the_run_with_that_as_its_reason() {
    let nodes = [("s", "begin", ""), ("a", "say", "large"), ("b", "say", "B")];
    let journal = Refuses(Kept::default());
    let end = go(&flow(&nodes, &["s>a", "a>b"]), &call("large"), &journal, None).await;
    assert_eq!(ledger_of("large"), ["s", "a"]);
    assert_eq!(
        (end.state, end.failure.unwrap().to_string().as_str()),
        (ExecutionState::Error, "A: too large")
    );
    let (_, records) = journal.0.last();
    assert_eq!((records.len(), &records[1]["data"]["error"]), (2, &json!("A: too large")));
}
