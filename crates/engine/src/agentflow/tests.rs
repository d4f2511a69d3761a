//! Walks over toy steps: order, joins, decisions, loops, iterations, waits, failures, and a crash
//! after every turn that was kept.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Error, Events, HumanAnswer, Input, Inputs, Node,
    Result, Run, Spec, Step, Taken, Turn, Usage,
    step::{Begins, Next, StateUpdate},
};
use serde_json::{Map, Value, json};

use super::{
    Begin, Checkpoint, ExecutionState, Graph, Journal, MOST_TURNS, Progress, Unkept, Walk, WalkEnd,
};
use crate::{Catalog, FlowData};

mod again;
mod held;
mod limits;
mod rounds;

const DOES: Input<String> = Input::text("Does", "does").default("say");
const TEXT: Input<Option<String>> = Input::text("Text", "text").optional().accepts_variables();

static TOY: Spec = Spec {
    name: "toyStep",
    label: "Toy Step",
    category: "Agent Flows",
    inputs: &[DOES.field, TEXT.field],
    ..Spec::EMPTY
};

static MODEL: Spec = Spec {
    name: "toyModel",
    label: "Toy Model",
    base_classes: &["ToyModel", "BaseChatModel"],
    inputs: &[TEXT.field],
    ..Spec::EMPTY
};

static NOTE: Spec = Spec { name: "toyNote", label: "Note", kind: "StickyNote", ..Spec::EMPTY };

struct ToyStep;
struct ToyNote;
struct ToyModel;

/// A model that says its name and spends ten tokens on it; the one called `down` is.
struct Saying(String);

struct Doing {
    does: String,
    text: String,
}

#[async_trait]
impl Node for ToyStep {
    fn spec(&self) -> &'static Spec {
        &TOY
    }
    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let text = inputs.get(&TEXT)?.unwrap_or_default();
        Ok(Capability::Step(Arc::new(Doing { does: inputs.get(&DOES)?, text })))
    }
}

#[async_trait]
impl Node for ToyNote {
    fn spec(&self) -> &'static Spec {
        &NOTE
    }
    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Ok(Capability::Value(Value::Null))
    }
}

#[async_trait]
impl Node for ToyModel {
    fn spec(&self) -> &'static Spec {
        &MODEL
    }
    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let name = inputs.get(&TEXT)?.unwrap_or_default();
        Ok(Capability::ChatModel(Arc::new(Saying(name))))
    }
}

#[async_trait]
impl ChatModel for Saying {
    fn provider(&self) -> &'static str {
        "toy"
    }
    fn model(&self) -> &str {
        &self.0
    }
    async fn chat(&self, _: &ChatRequest, _: &Events) -> Result<ChatReply> {
        if self.0 == "down" {
            return Err(Error::Provider { status: 404, message: "gone".to_owned() });
        }
        let usage = Usage { input_tokens: 4, output_tokens: 6, ..Usage::default() };
        Ok(ChatReply { text: self.0.clone(), usage: Some(usage), ..ChatReply::default() })
    }
}

/// Which nodes took a turn, in order: what a service outside would have seen.
static LEDGER: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

fn ledger_of(run: &str) -> Vec<String> {
    let ledger = LEDGER.lock().unwrap_or_else(PoisonError::into_inner);
    ledger.iter().filter(|(id, _)| id == run).map(|(_, node)| node.clone()).collect()
}

#[async_trait]
impl Step for Doing {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let entry = (turn.run.chat_id.clone(), turn.node_id.to_owned());
        LEDGER.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
        let mut taken = Taken::text(Map::new(), self.text.clone());
        match self.does.as_str() {
            "begin" => {
                let mut state = Map::new();
                state.insert("n".to_owned(), "0".into());
                taken.begins = Some(Begins { state, ..Begins::default() });
            }
            "set" => {
                let value = json!("{{ output }}");
                taken.updates.push(StateUpdate { key: "n".to_owned(), value });
            }
            "set gone" => {
                taken.updates.push(StateUpdate { key: "gone".to_owned(), value: json!(1) });
            }
            "first" => taken.next = Next::Ways(vec![0]),
            "second" => taken.next = Next::Ways(vec![1]),
            "again" if turn.jumps < 2 => taken.next = Next::Back(self.text.clone()),
            "again" => taken.next = Next::Ends,
            "forever" => taken.next = Next::Back(self.text.clone()),
            "each" => taken.next = Next::Each(vec![json!("x"), json!({"k": "y"})]),
            "ask" => match turn.answer {
                None => taken.next = Next::Wait(json!({ "ask": turn.node_id })),
                Some(answer) => {
                    let way = usize::from(!answer.proceeds());
                    taken.next = Next::Ways(vec![way]);
                }
            },
            "ask, then fail" if turn.answer.is_none() => {
                let mut output = Map::new();
                let action = json!({ "ask": turn.node_id });
                output.insert("humanInputAction".to_owned(), action.clone());
                taken.output = output;
                taken.next = Next::Wait(action);
            }
            "state" => {
                let known = turn.run.flow_variables();
                taken = Taken::text(
                    Map::new(),
                    known["state"]["n"].as_str().unwrap_or("none").to_owned(),
                );
            }
            "ask, then fail" | "fail" => {
                return Err(Error::Provider { status: 503, message: "asleep".to_owned() });
            }
            "hang" => std::future::pending().await,
            "model" => {
                let config = json!({ "text": self.text });
                let built = turn.flow.build("toyModel", config.as_object().unwrap()).await?;
                let Capability::ChatModel(model) = built else { panic!("not a model") };
                let reply = model.chat(&ChatRequest::default(), &Events::silent()).await?;
                taken = Taken::text(Map::new(), reply.text);
            }
            "key" => {
                let key = turn.run.turn.as_ref().unwrap();
                taken = Taken::text(Map::new(), format!("{} {}", key.next(), key.next()));
            }
            _ => {}
        }
        if self.does == "say" {
            let said = json!({ "role": "user", "content": self.text });
            taken.said = Some(vec![said]);
        }
        Ok(taken)
    }
}

fn catalog() -> Catalog {
    Catalog::new(&[&ToyStep, &held::ToyQuiet, &ToyNote, &ToyModel], &HashSet::new())
}

/// A flow of `(id, does, text)`, with wires `a>b`, or `a.1>b` from an output.
fn flow(nodes: &[(&str, &str, &str)], wires: &[&str]) -> Value {
    let node = |(id, does, text): &(&str, &str, &str)| {
        json!({"id": id, "data": {"name": "toyStep", "label": id.to_uppercase(),
            "inputs": {"does": does, "text": text}}})
    };
    let wire = |wire: &&str| {
        let (from, to) = wire.split_once('>').unwrap();
        let (from, way) = from.split_once('.').unwrap_or((from, "toyStep"));
        json!({"source": from, "target": to, "sourceHandle": format!("{from}-output-{way}"),
            "targetHandle": to})
    };
    json!({
        "nodes": nodes.iter().map(node).collect::<Vec<_>>(),
        "edges": wires.iter().map(wire).collect::<Vec<_>>(),
    })
}

fn graph(flow: &Value) -> crate::Result<Graph> {
    Graph::new(&FlowData::parse(&flow.to_string()).unwrap(), &catalog())
}

fn call(run: &str) -> Run {
    let (given, _) = flowstone_testkit::run("hi", Arc::new(flowstone_testkit::services()));
    Run { chat_id: run.to_owned(), events: flowstone_core::Events::silent(), ..given }
}

async fn go(
    flow: &Value,
    run: &Run,
    journal: &dyn Journal,
    from: Option<(Progress, Vec<Arc<Value>>)>,
) -> WalkEnd {
    let (graph, catalog) = (graph(flow).unwrap(), catalog());
    let walk = Walk {
        graph: &graph,
        catalog: &catalog,
        run,
        id: "run",
        past: Vec::new(),
        journal,
        begin: Begin::default(),
        most_turns: MOST_TURNS,
        is_trial: run.chat_id.starts_with("trial"),
        price: Some(Arc::new(|_, _, usage| {
            Some(f64::from(u32::try_from(usage.output_tokens).unwrap()))
        })),
    };
    let (progress, records) =
        from.unwrap_or_else(|| (Progress::starting(graph.start(), "hi"), Vec::new()));
    walk.go(progress, records, std::pin::pin!(std::future::pending())).await
}

async fn walked(
    name: &str,
    nodes: &[(&str, &str, &str)],
    wires: &[&str],
) -> (WalkEnd, Vec<String>) {
    let run = call(name);
    let end = go(&flow(nodes, wires), &run, &Unkept, None).await;
    (end, ledger_of(name))
}

#[tokio::test]
async fn forks_run_in_order_and_joins_wait_for_all_that_run() {
    let nodes =
        [("s", "begin", ""), ("a", "say", "A"), ("b", "say", "B"), ("j", "say", "{{a}}{{b}}")];
    let (end, took) = walked("join", &nodes, &["s>a", "s>b", "a>j", "b>j"]).await;
    assert_eq!(took, ["s", "a", "b", "j"]);
    assert_eq!((end.state, end.text.as_str()), (ExecutionState::Finished, "AB"));
    let last = end.records.last().unwrap();
    assert_eq!(last["previousNodeIds"], json!(["a", "b"]));
    assert_eq!(last["data"]["chatHistory"][0]["content"], "AB");
}

#[tokio::test]
async fn a_join_below_a_decision_needs_only_the_way_that_was_taken() {
    let nodes = [
        ("s", "begin", ""),
        ("d", "second", ""),
        ("a", "say", "A"),
        ("b", "say", "B"),
        ("j", "say", "J"),
    ];
    let wires = ["s>d", "d.0>a", "d.1>b", "a>j", "b>j"];
    let (_, took) = walked("decision", &nodes, &wires).await;
    assert_eq!(took, ["s", "d", "b", "j"]);
}

#[tokio::test]
async fn state_is_changed_by_what_a_node_gave_and_read_by_the_next() {
    let nodes =
        [("s", "begin", ""), ("a", "set", "seven"), ("b", "say", "n={{$flow.state.n}} {{gone}}")];
    let (end, _) = walked("state", &nodes, &["s>a", "a>b"]).await;
    assert_eq!(end.text, "n=seven {{gone}}");
    assert_eq!(end.records[0]["data"]["state"], json!({"n": "0"}));
    assert_eq!(end.records[1]["data"]["state"], json!({"n": "seven"}));
}

#[tokio::test]
async fn a_key_that_was_never_declared_ends_the_run_at_the_node_that_writes_it() {
    let nodes = [("s", "begin", ""), ("a", "set gone", "seven"), ("b", "say", "B")];
    let (end, took) = walked("undeclared", &nodes, &["s>a", "a>b"]).await;
    let said = "A: Update Flow State: the state has no key gone, and the keys are: n. Declare it in \
                the node that begins the flow";
    assert_eq!(
        (end.state, end.failure.unwrap().to_string().as_str()),
        (ExecutionState::Error, said)
    );
    let last = end.records.last().unwrap();
    assert_eq!((&last["nodeId"], &last["data"]["error"]), (&json!("a"), &json!(said)));
    assert_eq!(took, ["s", "a"]);
}

#[tokio::test]
async fn a_loop_does_what_lies_behind_its_target_anew_and_ends() {
    let nodes = [("s", "begin", ""), ("a", "say", "round {{loop_count}}"), ("l", "again", "a")];
    let (end, took) = walked("loop", &nodes, &["s>a", "a>l"]).await;
    assert_eq!(took, ["s", "a", "l", "a", "l", "a", "l"]);
    assert_eq!(end.records[5]["data"]["output"]["content"], "round 2");
}

#[tokio::test]
async fn a_loop_without_end_is_stopped_and_says_why() {
    let endless = flow(&[("s", "begin", ""), ("l", "forever", "s")], &["s>l"]);
    let (graph, catalog, run) = (graph(&endless).unwrap(), catalog(), call("endless"));
    let walk = Walk {
        graph: &graph,
        catalog: &catalog,
        run: &run,
        id: "run",
        past: Vec::new(),
        journal: &Unkept,
        begin: Begin::default(),
        most_turns: 20,
        is_trial: false,
        price: None,
    };
    let progress = Progress::starting(graph.start(), "hi");
    let end = walk.go(progress, Vec::new(), std::pin::pin!(std::future::pending())).await;
    assert_eq!((end.state, end.records.len()), (ExecutionState::Error, 21));
    assert!(end.failure.unwrap().to_string().contains("20 turns"));
}

/// A flow with an iteration of two nodes.
fn iteration() -> Value {
    let nodes = [
        ("s", "begin", ""),
        ("i", "each", ""),
        ("a", "say", "<{{$iteration}}|{{$iteration.k}}>"),
        ("b", "set", "b{{a}}"),
        ("e", "say", "{{i}} / {{$flow.state.n}}"),
    ];
    let mut flow = flow(&nodes, &["s>i", "i>e", "a>b"]);
    for inside in [2, 3] {
        flow["nodes"][inside]["parentNode"] = json!("i");
    }
    flow
}

#[tokio::test]
async fn an_iteration_runs_its_inside_once_per_entry() {
    let end = go(&iteration(), &call("iteration"), &Unkept, None).await;
    assert_eq!(ledger_of("iteration"), ["s", "i", "a", "b", "a", "b", "e"]);
    let results = &end.records[5]["data"]["output"]["iterationResults"];
    assert_eq!(results, &json!(["b<x|{{$iteration.k}}>", "b<{\"k\":\"y\"}|y>"]));
    assert_eq!(end.records[4]["data"]["iterationIndex"], 1);
    assert_eq!(end.records[4]["data"]["parentNodeId"], "i");
    assert!(end.text.ends_with(" / b<{\"k\":\"y\"}|y>"), "{}", end.text);
}

#[tokio::test]
async fn an_entry_that_fails_leaves_the_others_alone() {
    let mut flow = iteration();
    flow["nodes"][3]["data"]["inputs"]["does"] = json!("fail");
    let end = go(&flow, &call("entry"), &Unkept, None).await;
    assert_eq!(end.state, ExecutionState::Finished);
    assert_eq!(end.text, "Error: B: 503 asleep\nError: B: 503 asleep / 0");
}

fn human() -> Value {
    let nodes =
        [("s", "begin", ""), ("h", "ask", "Go on?"), ("y", "say", "yes"), ("n", "say", "no")];
    flow(&nodes, &["s>h", "h.0>y", "h.1>n"])
}

fn answer(kind: &str) -> HumanAnswer {
    HumanAnswer { kind: kind.to_owned(), start_node_id: None, feedback: None }
}

#[tokio::test]
async fn a_run_waits_for_a_person_and_goes_on_where_it_stopped() {
    let (run, journal) = (call("human"), Kept::default());
    let end = go(&human(), &run, &journal, None).await;
    assert_eq!((end.state, end.action), (ExecutionState::Stopped, Some(json!({"ask": "h"}))));
    let (mut progress, records) = journal.last();
    progress.resume_at("h", answer("reject"));
    let end = go(&human(), &run, &journal, Some((progress, records))).await;
    assert_eq!((end.state, end.text.as_str()), (ExecutionState::Finished, "no"));
    assert_eq!(ledger_of("human"), ["s", "h", "h", "n"]);
    let status: Vec<&Value> = end.records.iter().map(|it| &it["status"]).collect();
    assert_eq!(status, ["FINISHED", "FINISHED", "FINISHED"]);
}

#[tokio::test]
async fn a_failure_ends_the_run_at_its_node() {
    let nodes = [("s", "begin", ""), ("a", "fail", ""), ("b", "say", "")];
    let (end, took) = walked("fail", &nodes, &["s>a", "a>b"]).await;
    assert_eq!(took, ["s", "a"]);
    assert_eq!(end.state, ExecutionState::Error);
    assert_eq!(end.failure.unwrap().to_string(), "A: 503 asleep");
    assert_eq!(
        end.records[1]["data"],
        json!({"id": "a", "name": "toyStep", "error": "A: 503 asleep"})
    );
}

#[tokio::test]
async fn an_envelope_tries_again_and_then_takes_the_error_wire() {
    let nodes =
        [("s", "begin", ""), ("a", "fail", ""), ("b", "say", "fine"), ("c", "say", "{{a}}!")];
    let mut flow = flow(&nodes, &["s>a", "a>b", "a.error>c"]);
    flow["nodes"][1]["data"]["envelope"] = json!({"retries": 2, "backoff": 1, "onError": "branch"});
    let end = go(&flow, &call("envelope"), &Unkept, None).await;
    assert_eq!(ledger_of("envelope"), ["s", "a", "a", "a", "c"]);
    assert_eq!((end.state, end.text.as_str()), (ExecutionState::Finished, "A: 503 asleep!"));
}

#[tokio::test]
async fn a_turn_that_takes_too_long_fails() {
    let nodes = [("s", "begin", ""), ("a", "hang", "")];
    let mut flow = flow(&nodes, &["s>a"]);
    flow["nodes"][1]["data"]["envelope"] = json!({"timeout": 0.01});
    let end = go(&flow, &call("slow"), &Unkept, None).await;
    assert_eq!(end.failure.unwrap().to_string(), "A: it took longer than 0.01 seconds");
}

#[tokio::test]
async fn a_stop_ends_the_turn_under_way() {
    let hanging = flow(&[("s", "begin", ""), ("a", "hang", "")], &["s>a"]);
    let (graph, catalog, run) = (graph(&hanging).unwrap(), catalog(), call("stop"));
    let walk = Walk {
        graph: &graph,
        catalog: &catalog,
        run: &run,
        id: "run",
        past: Vec::new(),
        journal: &Unkept,
        begin: Begin::default(),
        most_turns: MOST_TURNS,
        is_trial: false,
        price: Some(Arc::new(|_, _, usage| {
            Some(f64::from(u32::try_from(usage.output_tokens).unwrap()))
        })),
    };
    let stop = std::pin::pin!(async {
        while ledger_of("stop").len() < 2 {
            tokio::task::yield_now().await;
        }
    });
    let end = walk.go(Progress::starting("s", ""), Vec::new(), stop).await;
    assert_eq!(end.state, ExecutionState::Terminated);
    assert_eq!(end.records[1]["status"], "TERMINATED");
}

#[test]
fn a_flow_begins_once_and_its_wires_lead_somewhere() {
    let message = |flow: &Value| graph(flow).err().unwrap().to_string();
    let none = flow(&[("a", "say", ""), ("b", "say", "")], &["a>b", "b>a"]);
    assert!(message(&none).starts_with("the flow has no beginning"));
    let two = flow(&[("a", "say", ""), ("b", "say", "")], &[]);
    assert!(message(&two).contains("(A, B)"));
    let astray = flow(&[("a", "say", "")], &["a>gone"]);
    assert!(message(&astray).contains("A: \"a wire\" refers to a node that is not in the flow"));
    let mut noted = flow(&[("a", "say", "")], &[]);
    let sticky = json!({"id": "n", "data": {"name": "toyNote", "label": "N"}});
    noted["nodes"].as_array_mut().unwrap().push(sticky);
    assert_eq!(graph(&noted).unwrap().start(), "a");
}

/// Keeps everything in memory, and loses its process after so many turns.
#[derive(Default)]
struct Kept {
    kept: Mutex<Option<(String, Vec<Arc<Value>>)>>,
    /// Where the run stood before each turn.
    positions: Mutex<Vec<Option<String>>>,
    dies_after: Option<usize>,
    commits: Mutex<usize>,
    asked_again: Mutex<Option<Value>>,
}

impl Kept {
    /// What another process finds.
    fn revived(&self) -> Self {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self { kept: Mutex::new(kept), ..Self::default() }
    }

    fn last(&self) -> (Progress, Vec<Arc<Value>>) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (text, records) = kept.clone().unwrap();
        (serde_json::from_str(&text).unwrap(), records)
    }
}

#[async_trait]
impl Journal for Kept {
    async fn commit(&self, checkpoint: Checkpoint<'_>) -> Result<()> {
        let mut commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        if self.dies_after == Some(*commits) {
            return Err(Error::Unsupported("the process is gone".to_owned()));
        }
        *commits += 1;
        *self.asked_again.lock().unwrap_or_else(PoisonError::into_inner) =
            checkpoint.asks_again.cloned();
        let mut positions = self.positions.lock().unwrap_or_else(PoisonError::into_inner);
        if checkpoint.record.is_some_and(|(at, _)| at == positions.len()) {
            positions.push(checkpoint.position.map(str::to_owned));
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut records = kept.take().map(|(_, records)| records).unwrap_or_default();
        records.truncate(checkpoint.records);
        if let Some((at, record)) = checkpoint.record {
            records.truncate(at);
            records.push(record.clone());
        }
        assert_eq!(records.len(), checkpoint.records, "a record was never kept");
        *kept = Some((serde_json::to_string(checkpoint.progress).unwrap(), records));
        Ok(())
    }
}

/// A flow of everything: loop, iteration, decision, fork and join.
fn everything() -> Value {
    let nodes = [
        ("s", "begin", ""),
        ("a", "say", "a{{loop_count}}"),
        ("l", "again", "a"),
        ("i", "each", ""),
        ("x", "say", "[{{$iteration}}]"),
        ("z", "set", "{{x}}"),
        ("d", "first", ""),
        ("p", "say", "p"),
        ("q", "say", "q"),
        ("r", "say", "r"),
        ("j", "say", "{{p}}{{r}} {{i}} {{$flow.state.n}}"),
    ];
    let wires = ["s>a", "a>l", "a>i", "x>z", "i>d", "d.0>p", "d.1>q", "i>r", "p>j", "q>j", "r>j"];
    let mut flow = flow(&nodes, &wires);
    for inside in [4, 5] {
        flow["nodes"][inside]["parentNode"] = json!("i");
    }
    flow
}

#[tokio::test]
async fn a_run_whose_process_dies_at_any_point_goes_on_and_repeats_no_kept_turn() {
    let flow = everything();
    let whole = Kept::default();
    let expected = go(&flow, &call("whole"), &whole, None).await;
    let commits = *whole.commits.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(commits > 15, "{commits}");
    for dies_after in 1..commits {
        let name = format!("dies {dies_after}");
        let (run, dying) = (call(&name), Kept { dies_after: Some(dies_after), ..Kept::default() });
        go(&flow, &run, &dying, None).await;
        let before = ledger_of(&name).len();
        let (progress, records) = dying.last();
        let kept = records.len();
        let end = go(&flow, &run, &dying.revived(), Some((progress, records))).await;
        assert_eq!(end.state, ExecutionState::Finished, "after {dies_after}");
        assert_eq!(end.records, expected.records, "after {dies_after}");
        // Only the turn that was lost is taken once more.
        let took = ledger_of(&name).len();
        let once = ledger_of("whole").len();
        assert!(
            took <= once + 1,
            "after {dies_after}: {took} turns for {once}, {before} before, {kept} kept"
        );
    }
}
