//! What counts for one round or one try, and not for the whole run; what is waited for in vain; and
//! flows that could not be walked.

use super::*;

#[tokio::test]
async fn a_loop_inside_an_iteration_counts_anew_for_each_entry() {
    let nodes = [("s", "begin", ""), ("i", "each", ""), ("a", "say", "x"), ("l", "again", "a")];
    let mut flow = flow(&nodes, &["s>i", "a>l"]);
    for inside in [2, 3] {
        flow["nodes"][inside]["parentNode"] = json!("i");
    }
    let end = go(&flow, &call("loops"), &Unkept, None).await;
    assert_eq!(end.state, ExecutionState::Finished);
    let rounds = ["a", "l", "a", "l", "a", "l"];
    assert_eq!(ledger_of("loops"), [&["s", "i"][..], &rounds, &rounds].concat());
}

#[tokio::test]
async fn the_most_turns_are_those_of_a_round() {
    let flow = iteration();
    let (graph, catalog, run) = (graph(&flow).unwrap(), catalog(), call("most"));
    let walk = Walk {
        graph: &graph,
        catalog: &catalog,
        run: &run,
        id: "run",
        past: Vec::new(),
        journal: &Unkept,
        begin: Begin::default(),
        // Seven are taken in all: three by the flow, two by each of two rounds.
        most_turns: 3,
        is_trial: false,
        price: None,
    };
    let progress = Progress::starting(graph.start(), "hi");
    let end = walk.go(progress, Vec::new(), std::pin::pin!(std::future::pending())).await;
    assert_eq!((end.state, ledger_of("most").len()), (ExecutionState::Finished, 7));
}

#[tokio::test]
async fn a_question_whose_answer_failed_is_asked_again() {
    let flow = flow(&[("s", "begin", ""), ("h", "ask, then fail", "")], &["s>h"]);
    let (run, journal) = (call("again"), Kept::default());
    go(&flow, &run, &journal, None).await;
    for _ in 0..2 {
        let (mut progress, records) = journal.last();
        assert_eq!(records[1]["status"], "STOPPED");
        progress.resume_at("h", answer("proceed"));
        let end = go(&flow, &run, &journal, Some((progress, records))).await;
        assert_eq!((end.state, end.records.len()), (ExecutionState::Error, 3));
        assert_eq!(end.records[2]["data"]["error"], "H: 503 asleep");
        let again = journal.asked_again.lock().unwrap_or_else(PoisonError::into_inner).take();
        assert_eq!(again, Some(json!({ "ask": "h" })));
    }
}

#[tokio::test]
async fn the_code_of_tools_sees_the_state_of_the_flow() {
    let nodes = [("s", "begin", ""), ("a", "set", "7"), ("b", "state", "")];
    let (end, _) = walked("state", &nodes, &["s>a", "a>b"]).await;
    assert_eq!(end.text, "7");
}

#[tokio::test]
async fn nobody_waits_for_what_lies_below_a_decision_that_never_came() {
    let decisions = |first| {
        [
            ("s", "begin", ""),
            ("d", first, ""),
            ("e", "first", ""),
            ("a", "say", "A"),
            ("b", "say", "B"),
            ("r", "say", "R"),
        ]
    };
    let wires = ["s>d", "d.0>e", "d.1>r", "e.0>a", "e.1>b", "a>r", "b>r"];
    let (end, took) = walked("outer", &decisions("second"), &wires).await;
    assert_eq!((took, end.text.as_str()), (vec!["s".to_owned(), "d".into(), "r".into()], "R"));
    // What another way of the same decision leads to is waited for, and the run ends without it.
    let nodes = [
        ("s", "begin", ""),
        ("a", "say", "A"),
        ("d", "second", ""),
        ("b", "say", "B"),
        ("j", "say", "J"),
    ];
    let (end, took) = walked("chosen", &nodes, &["s>a", "s>d", "d.0>b", "b>j", "a>j"]).await;
    assert_eq!(
        (end.state, took),
        (ExecutionState::Finished, vec!["s".to_owned(), "a".into(), "d".into()])
    );
}

#[test]
fn nodes_that_wait_for_each_other_are_named() {
    let message = |flow: &Value| graph(flow).err().unwrap().to_string();
    let nodes = [("s", "begin", ""), ("a", "say", ""), ("b", "say", ""), ("c", "say", "")];
    let circle = flow(&nodes, &["s>a", "a>b", "b>a", "b>c"]);
    assert_eq!(message(&circle), "these nodes need each other in a circle: A → B → A");
    let mut twice = flow(&nodes, &["s>a"]);
    for inside in [2, 3] {
        twice["nodes"][inside]["parentNode"] = json!("a");
    }
    assert!(message(&twice).contains("(B, C)"));
}
