//! Members that are toys: order, joins, forks, loops, people who are asked, what is kept.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use flowstone_core::{
    Error as NodeError, Event, Output, Result as NodeResult, Run, Runnable as _, Tool, ToolSpec,
    sequence::{
        Acted, Acts, Approval, Channels, Checkpoint, Checkpoints, Chooses, Duty, Leads, Line,
        Member, Opening, Scene, Speaker, routing_name,
    },
};
use serde_json::{Map, Value, json};

use super::{Seat, Sequence, Wire};
use crate::{Error, trace::At};

/// What a toy does: its words may be what the state holds, and a call of its own tools.
struct Toy {
    name: String,
    says: &'static str,
    changes: Value,
    approval: Option<Approval>,
}

#[async_trait]
impl Acts for Toy {
    async fn act(&self, scene: &Scene<'_>) -> NodeResult<Acted> {
        if self.says == "fails" {
            return Err(NodeError::Script("boom".to_owned()));
        }
        let answered = scene.lines.last().is_some_and(|it| it.speaker == Speaker::Tool);
        let mut line = Line::new(Speaker::Ai, format!("{} {}", self.name, self.says));
        if self.says == "calls" && !answered {
            let call =
                json!({"name": "send", "args": {"to": "Ada"}, "id": "1", "type": "tool_call"});
            line = Line { tool_calls: vec![call], ..Line::new(Speaker::Ai, "") };
        }
        if self.says == "tells" {
            line.content = scene.state()["topic"].to_string();
        }
        let changes = self.changes.as_object().cloned().unwrap_or_default();
        let id = format!("{}_0", self.name);
        Ok(Acted { changes, ..Acted::said(line.by(&id, &self.name)) })
    }

    async fn call_tools(&self, scene: &Scene<'_>) -> NodeResult<Acted> {
        let calls = scene.lines.last().map(Line::calls).unwrap_or_default();
        let mut line = Line::new(Speaker::Tool, "sent").by(&format!("{}_0", self.name), "send");
        line.tool_call_id = calls.first().map(|it| it.id.clone());
        Ok(Acted::said(line))
    }

    fn approval(&self) -> Option<&Approval> {
        self.approval.as_ref()
    }
}

struct Answers(&'static str);

#[async_trait]
impl Chooses for Answers {
    async fn choose(&self, scene: &Scene<'_>) -> NodeResult<String> {
        // A count ends a loop: `3:End` answers so from the third message on.
        match self.0.split_once(':') {
            Some((many, then)) if scene.lines.len() >= many.parse().unwrap_or(usize::MAX) => {
                Ok(then.to_owned())
            }
            Some(_) => Ok("Again".to_owned()),
            None => Ok(self.0.to_owned()),
        }
    }
}

struct OneKey;

#[async_trait]
impl Channels for OneKey {
    async fn begin(&self, _: &Run) -> NodeResult<Map<String, Value>> {
        Ok(Map::from_iter([("topic".to_owned(), "none".into())]))
    }
    async fn merge(
        &self,
        values: &mut Map<String, Value>,
        changes: Map<String, Value>,
        _: &Run,
    ) -> NodeResult<()> {
        values.extend(changes);
        Ok(())
    }
}

/// Checkpoints in memory.
#[derive(Default)]
struct Shelf(Mutex<BTreeMap<String, Checkpoint>>);

#[async_trait]
impl Checkpoints for Shelf {
    async fn newest(&self, _: &Run) -> NodeResult<Option<Checkpoint>> {
        Ok(self.0.lock().unwrap().values().next_back().cloned())
    }
    async fn keep(&self, _: &Run, checkpoint: &Checkpoint) -> NodeResult<()> {
        self.0.lock().unwrap().insert(checkpoint.id.clone(), checkpoint.clone());
        Ok(())
    }
    async fn remove(&self, _: &Run, ids: &[String]) -> NodeResult<u64> {
        let mut kept = self.0.lock().unwrap();
        Ok(ids.iter().filter_map(|it| kept.remove(it)).count() as u64)
    }
    async fn remove_before(&self, _: &Run, id: &str) -> NodeResult<()> {
        self.0.lock().unwrap().retain(|it, _| it.as_str() >= id);
        Ok(())
    }
}

fn seat(label: &str, kind: &'static str, duty: Duty) -> Seat {
    let id = format!("{}_0", routing_name(label));
    let member = Member {
        node_id: id.clone(),
        kind,
        name: routing_name(label),
        label: label.to_owned(),
        duty,
        model: None,
    };
    Seat { at: At { id, label: label.to_owned(), name: kind }, member: Arc::new(member) }
}

fn toy(label: &str, says: &'static str) -> Seat {
    changing(label, says, Value::Null)
}

fn changing(label: &str, says: &'static str, changes: Value) -> Seat {
    let toy = Toy { name: routing_name(label), says, changes, approval: None };
    seat(label, "seqLLMNode", Duty::Acts(Arc::new(toy)))
}

fn asking(label: &str) -> Seat {
    let approval = Approval {
        prompt: "May I? {tools}".to_owned(),
        approve: "Yes".to_owned(),
        reject: "No".to_owned(),
    };
    let toy = Toy {
        name: routing_name(label),
        says: "calls",
        changes: Value::Null,
        approval: Some(approval),
    };
    seat(label, "seqAgent", Duty::Acts(Arc::new(toy)))
}

fn fork(label: &str, answer: &'static str) -> Seat {
    seat(label, "seqCondition", Duty::Chooses(Arc::new(Answers(answer))))
}

fn start(shelf: Option<Arc<Shelf>>) -> Seat {
    let opening = Opening {
        moderations: Vec::new(),
        channels: Some(Arc::new(OneKey)),
        checkpoints: shelf.map(|it| it as _),
    };
    seat("Start", "seqStart", Duty::Begins(opening))
}

fn end() -> Seat {
    seat("End", "seqEnd", Duty::Ends)
}

/// The wires that `text` draws: `a>b` or, from a fork, `a.way>b`.
fn sequence(seats: Vec<Seat>, text: &str) -> Result<Sequence, Error> {
    let place = |label: &str| seats.iter().position(|it| it.at.label == label).unwrap();
    let wires: Vec<Wire> = text
        .split_whitespace()
        .map(|it| {
            let (from, to) = it.split_once('>').unwrap();
            let (from, way) = from.split_once('.').unwrap_or((from, ""));
            Wire { from: place(from), to: place(to), way: way.to_owned() }
        })
        .collect();
    Sequence::new(seats, &wires)
}

fn asked(question: &str) -> (Run, tokio::sync::mpsc::Receiver<Event>) {
    flowstone_testkit::run(question, Arc::new(flowstone_testkit::services()))
}

async fn answer(sequence: &Sequence, question: &str) -> NodeResult<Output> {
    sequence.run(question, &asked(question).0.silenced()).await
}

fn names(output: &Output) -> Vec<String> {
    let turns = output.agent_reasoning.iter().flatten();
    turns.map(|it| it["agentName"].as_str().unwrap_or_default().to_owned()).collect()
}

fn said(output: &Output) -> String {
    output.answer.to_text()
}

fn failure(result: Result<Sequence, Error>) -> String {
    result.err().map(|it| it.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn members_act_along_the_wires_and_the_last_words_are_the_answer() {
    let flow =
        sequence(vec![start(None), toy("A", "one"), toy("B", "two"), end()], "Start>A A>B B>End");
    let (run, receiver) = asked("hey");
    let output = flow.unwrap().run("hey", &run).await.unwrap();
    drop(run);
    assert_eq!((said(&output), names(&output)), ("b two".to_owned(), vec!["A".into(), "B".into()]));
    let turn = &output.agent_reasoning.as_ref().unwrap()[0];
    let expected = json!({
        "agentName": "A", "messages": ["a one"], "usedTools": [null], "sourceDocuments": [null],
        "artifacts": [null], "state": {}, "nodeName": "seqLLMNode", "nodeId": "a_0",
    });
    assert_eq!(*turn, expected);
    let told = flowstone_testkit::transcript::collect(receiver).await;
    let kinds: Vec<String> =
        told.iter().map(|it| json!(it)["event"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(
        kinds,
        [
            "start",
            "agentReasoning",
            "agentReasoning",
            "token",
            "usedTools",
            "sourceDocuments",
            "artifacts"
        ]
    );
}

#[tokio::test]
async fn one_that_waits_for_two_acts_once_after_both() {
    let seats = vec![start(None), toy("A", "x"), toy("B", "x"), toy("C", "joins"), end()];
    let flow = sequence(seats, "Start>A Start>B A>C B>C C>End").unwrap();
    assert_eq!(names(&answer(&flow, "hey").await.unwrap()), ["A", "B", "C"]);
    // Only one of the two is ever reached: the other is not waited for.
    let seats =
        vec![start(None), fork("F", "Yes"), toy("A", "x"), toy("B", "x"), toy("C", "joins"), end()];
    let flow = sequence(seats, "Start>F F.Yes>A F.No>B A>C B>C C>End").unwrap();
    assert_eq!(names(&answer(&flow, "hey").await.unwrap()), ["F", "A", "C"]);
}

#[tokio::test]
async fn a_fork_goes_one_way_and_says_so() {
    let seats = || vec![start(None), toy("A", "x"), toy("B", "no"), toy("C", "yes"), end()];
    let wires = "Start>A A>F F.No>B F.go-On>C F.end>End B>End C>End";
    for (chosen, expected) in [("No", "b no"), ("Go On", "c yes"), ("End", "a x"), ("end", "a x")] {
        let mut seats = seats();
        seats.push(fork("F", chosen));
        let flow = sequence(seats, wires).unwrap();
        assert_eq!(said(&answer(&flow, "hey").await.unwrap()), expected, "{chosen}");
    }
    let mut seats = seats();
    seats.push(fork("F", "Maybe"));
    let error = answer(&sequence(seats, wires).unwrap(), "hey").await.unwrap_err().to_string();
    assert!(error.starts_with("F: it answers \"Maybe\""), "{error}");
    assert!(error.ends_with("The outputs that are wired: No, go-On, end"), "{error}");
}

#[tokio::test]
async fn a_loop_goes_back_by_name_until_it_is_left() {
    let back = seat("Back", "seqLoop", Duty::GoesBack("first_one".to_owned()));
    let seats = vec![start(None), toy("First One", "x"), fork("F", "4:End"), back, end()];
    let wires = "Start>First_One First_One>F F.Again>Back F.End>End";
    let seats: Vec<Seat> = seats
        .into_iter()
        .map(|mut it| {
            it.at.label = it.at.label.replace(' ', "_");
            it
        })
        .collect();
    let flow = sequence(seats, wires).unwrap();
    let turns = names(&answer(&flow, "hey").await.unwrap());
    assert_eq!(turns, ["First One", "F", "First One", "F", "First One"]);
}

#[tokio::test]
async fn a_loop_without_end_is_ended() {
    let back = seat("Back", "seqLoop", Duty::GoesBack("a".to_owned()));
    let flow = sequence(vec![start(None), toy("A", "x"), back], "Start>A A>Back").unwrap();
    let error = answer(&flow, "hey").await.unwrap_err().to_string();
    assert!(error.starts_with("A: the run has taken 100 turns"), "{error}");
}

#[tokio::test]
async fn changes_are_taken_up_for_the_next_and_unknown_keys_are_refused() {
    let seats =
        vec![start(None), changing("A", "x", json!({"topic": "rain"})), toy("B", "tells"), end()];
    let output = answer(&sequence(seats, "Start>A A>B B>End").unwrap(), "hey").await.unwrap();
    assert_eq!(said(&output), "\"rain\"");
    assert_eq!(output.agent_reasoning.unwrap()[0]["state"], json!({"topic": "rain"}));
    let seats = vec![start(None), changing("A", "x", json!({"tpoic": 1})), end()];
    let error = answer(&sequence(seats, "Start>A A>End").unwrap(), "hey").await.unwrap_err();
    assert_eq!(error.to_string(), "A: the flow's state has no key tpoic. Its keys are: topic");
}

#[test]
fn a_flow_that_cannot_be_walked_says_why() {
    let two = || vec![start(None), toy("A", "x")];
    let error = failure(sequence(two(), "Start>A"));
    assert!(error.starts_with("the flow never ends"), "{error}");
    let error = failure(sequence(vec![toy("A", "x"), end()], "A>End"));
    assert!(error.starts_with("the flow has no beginning"), "{error}");
    let mut seats = two();
    seats.extend([start(None), end()]);
    assert!(failure(sequence(seats, "Start>A A>End")).contains("(Start, Start)"));
    let mut seats = two();
    seats.push(end());
    assert!(failure(sequence(seats, "A>End")).starts_with("Start: nothing is wired to it"));
    let mut seats = two();
    let same = seat("a", "seqAgent", Duty::Ends);
    seats.extend([end(), Seat { at: same.at, member: toy("A ", "x").member }]);
    assert!(failure(sequence(seats, "Start>A A>End")).contains("the same name"));
    let mut seats = two();
    seats.push(seat("Back", "seqLoop", Duty::GoesBack("gone".to_owned())));
    let error = failure(sequence(seats, "Start>A A>Back"));
    assert_eq!(error, "Back: Loop To: there is no node called gone. It may go to one of these: a");
}

#[tokio::test]
async fn the_conversation_goes_on_where_it_was_kept() {
    let shelf = Arc::new(Shelf::default());
    let flow = |says: &'static str| {
        let seats =
            vec![start(Some(shelf.clone())), changing("A", says, json!({"topic": "rain"})), end()];
        sequence(seats, "Start>A A>End").unwrap()
    };
    answer(&flow("one"), "first").await.unwrap();
    let lines = || -> Vec<String> {
        let kept = shelf.0.lock().unwrap();
        assert_eq!(kept.len(), 1, "only the last checkpoint stays");
        let state = kept.values().next().unwrap().state.clone();
        let lines = state["messages"].as_array().cloned().unwrap_or_default();
        lines.iter().map(|it| it["content"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(lines(), ["first", "a one"]);
    // A run that fails leaves nothing behind.
    let error = answer(&flow("fails"), "second").await.unwrap_err().to_string();
    assert_eq!(error, "A: boom");
    assert_eq!(lines(), ["first", "a one"]);
    answer(&flow("two"), "third").await.unwrap();
    assert_eq!(lines(), ["first", "a one", "third", "a two"]);
}

#[tokio::test]
async fn a_person_is_asked_before_tools_run() {
    let shelf = Arc::new(Shelf::default());
    let seats = vec![start(Some(shelf.clone())), asking("A"), toy("B", "ends"), end()];
    let flow = sequence(seats, "Start>A A>B B>End").unwrap();
    let waits = answer(&flow, "send it").await.unwrap();
    assert_eq!(said(&waits), "Do you want to proceed?");
    assert_eq!(waits.used_tools[0].tool, "send");
    let action = waits.action.clone().unwrap();
    let expected = json!({
        "mapping": {"approve": "Yes", "reject": "No", "toolCalls": [
            {"name": "send", "args": {"to": "Ada"}, "id": "1", "type": "tool_call"},
        ]},
        "elements": [
            {"type": "approve-button", "label": "Yes"}, {"type": "reject-button", "label": "No"},
        ],
    });
    assert_eq!(
        (&action["mapping"], &action["elements"]),
        (&expected["mapping"], &expected["elements"])
    );
    let reply = async |question: &str, action: &Value| {
        let run = Run { action: Some(action.clone()), ..asked(question).0.silenced() };
        flow.run(question, &run).await
    };
    let stale = reply("Yes", &json!({"id": "another"})).await.unwrap_err().to_string();
    assert!(stale.contains("nothing waits for this answer"), "{stale}");
    let (one, two) = futures::future::join(reply("Yes", &action), reply("Yes", &action)).await;
    assert_ne!(one.is_ok(), two.is_ok(), "one goes on, the other does not");
    let done = one.or(two).unwrap();
    assert_eq!(names(&done), ["A", "B"]);
    assert_eq!(said(&done), "b ends");
    assert!(reply("Yes", &action).await.is_err(), "it was answered already");
}

#[tokio::test]
async fn a_person_may_say_no_or_ask_something_else() {
    for (question, told) in [("No", 1), ("Tell me a joke", 2)] {
        let shelf = Arc::new(Shelf::default());
        let seats = vec![start(Some(shelf.clone())), asking("A"), end()];
        let flow = sequence(seats, "Start>A A>End").unwrap();
        answer(&flow, "send it").await.unwrap();
        let run = asked(question).0.silenced();
        let after = flow.run(question, &run).await.unwrap();
        let kept = shelf.0.lock().unwrap().values().next().unwrap().state.clone();
        let lines = kept["messages"].as_array().unwrap().clone();
        assert_eq!(lines[2]["additional_kwargs"]["toolCallsDenied"], true);
        assert_eq!(lines[2]["tool_call_id"], "1");
        // The one that asked has its turn again; the toy calls again after a question.
        assert_eq!(after.action.is_some(), told == 2, "{question}");
    }
}

#[tokio::test]
async fn to_ask_a_person_needs_a_memory() {
    let flow = sequence(vec![start(None), asking("A"), end()], "Start>A A>End").unwrap();
    let error = answer(&flow, "send it").await.unwrap_err().to_string();
    assert!(error.starts_with("A: Require Approval needs a place where the run waits"), "{error}");
}

struct Rules(Mutex<Vec<&'static str>>);

#[async_trait]
impl Leads for Rules {
    async fn lead(&self, names: &[&str], _: &Scene<'_>) -> NodeResult<Acted> {
        let next = self.0.lock().unwrap().pop().unwrap_or("FINISH");
        let changes = json!({
            "next": next, "instructions": "go", "team_members": names.join(", "),
        });
        let changes = changes.as_object().cloned().unwrap_or_default();
        let next = (next != "FINISH").then(|| next.to_owned());
        Ok(Acted { changes, next, ..Acted::default() })
    }
}

fn team(orders: Vec<&'static str>, most_turns: u64) -> Vec<Seat> {
    let acts = Arc::new(Rules(Mutex::new(orders)));
    let leads = Duty::Leads { acts, opening: Opening::default(), most_turns };
    let worker = |label: &str| {
        let toy =
            Toy { name: routing_name(label), says: "did it", changes: Value::Null, approval: None };
        let duty = Duty::Works { acts: Arc::new(toy), leader: "boss_0".to_owned() };
        seat(label, "worker", duty)
    };
    vec![seat("Boss", "supervisor", leads), worker("Writer"), worker("Night Shift")]
}

#[tokio::test]
async fn a_leader_hands_out_work_until_it_has_finished() {
    let flow = Sequence::new(team(vec!["night_shift", "writer"], 100), &[]).unwrap();
    let (run, receiver) = asked("hey");
    let output = flow.run("hey", &run).await.unwrap();
    drop(run);
    assert_eq!(names(&output), ["Boss", "Writer", "Boss", "Night Shift", "Boss"]);
    assert_eq!(said(&output), "night_shift did it");
    let turns = output.agent_reasoning.unwrap();
    assert_eq!(
        turns[0],
        json!({
            "agentName": "Boss", "messages": [], "next": "writer", "instructions": "go",
            "usedTools": [], "sourceDocuments": [], "artifacts": [],
            "state": {"next": "writer", "instructions": "go", "team_members": "writer, night_shift"},
            "nodeId": "",
        })
    );
    assert_eq!(turns[1]["nodeId"], "writer_0");
    let told = flowstone_testkit::transcript::collect(receiver).await;
    let next: Vec<&Event> = told.iter().filter(|it| matches!(it, Event::NextAgent(_))).collect();
    assert_eq!(
        next,
        [&Event::NextAgent("Writer".to_owned()), &Event::NextAgent("Night Shift".to_owned()),]
    );
}

#[tokio::test]
async fn a_team_has_a_leader_workers_and_an_end() {
    let error = failure(Sequence::new(team(Vec::new(), 1).drain(..1).collect(), &[]));
    assert!(error.starts_with("Boss: it has no worker"), "{error}");
    let mut two = team(Vec::new(), 1);
    two.extend(team(Vec::new(), 1).drain(..1));
    assert!(failure(Sequence::new(two, &[])).contains("several supervisors"));
    let flow = Sequence::new(team(vec!["writer"; 9], 3), &[]).unwrap();
    let error = answer(&flow, "hey").await.unwrap_err().to_string();
    assert!(error.contains("the run has taken 3 turns"), "{error}");
    let flow = Sequence::new(team(vec!["nobody"], 9), &[]).unwrap();
    let error = answer(&flow, "hey").await.unwrap_err().to_string();
    assert_eq!(error, "Boss: it chose nobody, which is none of its workers");
}

struct Sends(ToolSpec);

#[async_trait]
impl Tool for Sends {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }
    async fn call(
        &self,
        _: &Map<String, Value>,
        _: &Run,
    ) -> NodeResult<flowstone_core::ToolResult> {
        Ok(flowstone_core::ToolResult::text("sent"))
    }
}

struct Serving(Vec<Arc<dyn Tool>>);

#[async_trait]
impl Acts for Serving {
    async fn act(&self, scene: &Scene<'_>) -> NodeResult<Acted> {
        let calls = scene.lines.last().map(Line::calls).unwrap_or_default();
        let mut line = Line::new(Speaker::Tool, "sent").by("tools_0", "send");
        line.tool_call_id = calls.first().map(|it| it.id.clone());
        Ok(Acted::said(line))
    }
    fn tools(&self) -> &[Arc<dyn Tool>] {
        &self.0
    }
}

#[tokio::test]
async fn calls_go_to_the_member_that_has_the_tool() {
    let spec = ToolSpec {
        name: "send".to_owned(),
        description: String::new(),
        parameters: json!({"type": "object"}),
    };
    let tools = || {
        let serving = Serving(vec![Arc::new(Sends(spec.clone()))]);
        seat("Tools", "seqToolNode", Duty::Serves(Arc::new(serving)))
    };
    let wires = "Start>A A>Tools A>End Tools>B B>End";
    let seats = vec![start(None), toy("A", "calls"), tools(), toy("B", "calls"), end()];
    let output = answer(&sequence(seats, wires).unwrap(), "hey").await.unwrap();
    assert_eq!(names(&output), ["A", "Tools", "B"]);
    let seats = vec![start(None), toy("A", "needs none"), tools(), toy("B", "x"), end()];
    let output = answer(&sequence(seats, wires).unwrap(), "hey").await.unwrap();
    assert_eq!(names(&output), ["A"]);
}
