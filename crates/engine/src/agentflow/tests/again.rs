//! Going back in a run, and what trying a flow out adds: pins and breakpoints.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::{
    super::{ExecutionState, Past, Progress, visits},
    Kept, answer, call, everything, flow, go, human, iteration, ledger_of,
};

/// How a run goes on from before record `at` of what `journal` kept.
fn back(journal: &Kept, at: usize) -> Option<(Progress, Vec<Arc<Value>>)> {
    let (progress, records) = journal.last();
    let positions = journal.positions.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let past =
        Past { records: &records, positions: &positions, progress: &progress, question: "hi" };
    let (progress, own) = past.before(at)?;
    // As it is kept until somebody walks it.
    let progress = serde_json::from_str(&json!(progress).to_string()).unwrap();
    Some((progress, records[..own].to_vec()))
}

/// A journal that has what the run goes on from.
fn begun(from: Option<&(Progress, Vec<Arc<Value>>)>) -> Kept {
    let kept = from.map(|(progress, records)| (json!(progress).to_string(), records.clone()));
    Kept { kept: Mutex::new(kept), ..Kept::default() }
}

#[tokio::test]
async fn a_run_goes_on_from_any_of_its_turns_as_it_did() {
    let flow = everything();
    let journal = Kept::default();
    let whole = go(&flow, &call("back"), &journal, None).await;
    let took = ledger_of("back");
    assert_eq!(took.len(), whole.records.len(), "each turn has a record");
    for at in 0..whole.records.len() {
        let name = format!("back to {at}");
        let from = back(&journal, at);
        let (_, own) = from.as_ref().unwrap();
        let kept = own.len();
        let end = go(&flow, &call(&name), &begun(from.as_ref()), from).await;
        assert_eq!(end.records, whole.records, "from {at}");
        assert_eq!(end.text, whole.text, "from {at}");
        // An iteration goes back to its beginning; everything else to its own record.
        let is_iteration = whole.records[at]["nodeId"] == "i";
        assert_eq!(kept, if is_iteration { at - 4 } else { at }, "from {at}");
        let first = ledger_of(&name)[0].clone();
        assert_eq!(json!(first), whole.records[at]["nodeId"], "from {at}");
    }
}

#[tokio::test]
async fn what_was_not_kept_cannot_be_gone_back_to() {
    let journal = Kept::default();
    go(&everything(), &call("unkept"), &journal, None).await;
    journal.positions.lock().unwrap_or_else(PoisonError::into_inner)[3] = None;
    assert!(back(&journal, 3).is_none() && back(&journal, 99).is_none());
    let (_, records) = journal.last();
    assert!(back(&journal, records.len() - 1).is_some());
    assert_eq!(visits(&records, "s"), [0]);
    assert_eq!(visits(&records, "a").len(), 3);
    assert!(visits(&records, "gone").is_empty());
}

#[tokio::test]
async fn going_back_to_a_node_that_asked_asks_again() {
    let journal = Kept::default();
    go(&human(), &call("asked"), &journal, None).await;
    let (mut progress, records) = journal.last();
    progress.resume_at("h", answer("reject"));
    go(&human(), &call("asked"), &journal, Some((progress, records))).await;
    let from = back(&journal, 1);
    let end = go(&human(), &call("asked again"), &begun(from.as_ref()), from).await;
    assert_eq!((end.state, end.records.len()), (ExecutionState::Stopped, 2));
}

#[tokio::test]
async fn a_pinned_node_gives_what_is_written_where_a_flow_is_tried_out_only() {
    let nodes = [("s", "begin", ""), ("a", "set", "ran"), ("b", "say", "{{a}} {{$flow.state.n}}")];
    let mut flow = flow(&nodes, &["s>a", "a>b"]);
    flow["nodes"][1]["data"]["pinnedOutput"] = json!({"content": "pinned"});
    flow["nodes"][1]["data"]["inputs"]["toyUpdateState"] =
        json!([{"key": "n", "value": "{{ output }}"}, {"key": "", "value": "x"}]);
    let end = go(&flow, &call("trial pin"), &Kept::default(), None).await;
    assert_eq!(ledger_of("trial pin"), ["s", "b"]);
    assert_eq!(end.text, "pinned pinned");
    let data = &end.records[1]["data"];
    assert_eq!((&data["pinned"], &data["output"]["content"]), (&json!(true), &json!("pinned")));
    assert!(end.records[2]["data"].get("pinned").is_none());
    let end = go(&flow, &call("live pin"), &Kept::default(), None).await;
    assert_eq!((ledger_of("live pin").len(), end.text.as_str()), (3, "ran ran"));
}

#[tokio::test]
async fn a_pinned_decision_goes_where_it_went() {
    let mut flow = human();
    flow["nodes"][1]["data"]["pinnedOutput"] =
        json!({"conditions": [{"isFulfilled": false}, {"isFulfilled": true}]});
    // Where the flow begins, nothing is pinned.
    flow["nodes"][0]["data"]["pinnedOutput"] = json!({"content": "x"});
    let end = go(&flow, &call("trial decision"), &Kept::default(), None).await;
    assert_eq!(ledger_of("trial decision"), ["s", "n"]);
    assert_eq!((end.state, end.text.as_str()), (ExecutionState::Finished, "no"));
}

#[tokio::test]
async fn a_breakpoint_stops_before_its_node_until_a_person_says_how_to_go_on() {
    let mut flow = human();
    flow["nodes"][1]["data"]["breakpoint"] = json!(true);
    let end = go(&flow, &call("live break"), &Kept::default(), None).await;
    assert_eq!(end.action, Some(json!({"ask": "h"})), "nobody tries it out");
    let (run, journal) = (call("trial break"), Kept::default());
    let end = go(&flow, &run, &journal, None).await;
    assert_eq!((end.state, ledger_of("trial break")), (ExecutionState::Stopped, vec!["s".into()]));
    let action = end.action.unwrap();
    assert_eq!((&action["breakpoint"], &action["data"]["nodeId"]), (&json!(true), &json!("h")));
    let record = &end.records[1];
    assert_eq!(
        (&record["status"], &record["data"]["breakpoint"]),
        (&json!("STOPPED"), &json!(true))
    );
    // It goes on, and the node asks for itself: that answer is the node's.
    let (mut progress, records) = journal.last();
    progress.resume_paused(answer("proceed"));
    let end = go(&flow, &run, &journal, Some((progress, records))).await;
    assert_eq!((end.action, end.records.len()), (Some(json!({"ask": "h"})), 2));
    let (mut progress, records) = journal.last();
    progress.resume_at("h", answer("proceed"));
    let end = go(&flow, &run, &journal, Some((progress, records))).await;
    assert_eq!((end.state, end.text.as_str()), (ExecutionState::Finished, "yes"));
}

#[tokio::test]
async fn a_run_that_is_refused_at_a_breakpoint_ends_there() {
    let mut flow = human();
    flow["nodes"][1]["data"]["breakpoint"] = json!(true);
    let (run, journal) = (call("trial refused"), Kept::default());
    go(&flow, &run, &journal, None).await;
    let (mut progress, records) = journal.last();
    progress.resume_paused(answer("reject"));
    let end = go(&flow, &run, &journal, Some((progress, records))).await;
    assert_eq!(end.state, ExecutionState::Terminated);
    assert_eq!(ledger_of("trial refused"), ["s"]);
    let last = end.records.last().unwrap();
    assert_eq!((end.records.len(), &last["status"]), (2, &json!("TERMINATED")));
    assert!(last["data"]["error"].as_str().unwrap().contains("stopped by a person"));
}

#[tokio::test]
async fn a_breakpoint_inside_an_iteration_stops_in_each_round() {
    let mut flow = iteration();
    let whole = go(&flow, &call("rounds"), &Kept::default(), None).await;
    flow["nodes"][3]["data"]["breakpoint"] = json!(true);
    let (run, journal) = (call("trial rounds"), Kept::default());
    let mut end = go(&flow, &run, &journal, None).await;
    for round in 0..2 {
        assert_eq!(end.state, ExecutionState::Stopped, "round {round}");
        assert_eq!(end.records.last().unwrap()["data"]["iterationIndex"], round);
        let (mut progress, records) = journal.last();
        progress.resume_paused(answer("proceed"));
        end = go(&flow, &run, &journal, Some((progress, records))).await;
    }
    assert_eq!((end.records, end.text), (whole.records, whole.text));
}
