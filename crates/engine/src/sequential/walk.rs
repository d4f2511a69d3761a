//! A run: the members that are next act, what they change is taken up, and so on to the end.

use std::collections::{HashMap, VecDeque};

use flowstone_core::{
    Error, Events, Output, Result, Run,
    sequence::{Acted, Approval, Checkpoint, Duty, Line, Scene, Speaker},
};
use futures::future::join_all;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    answer::Told,
    graph::{Graph, Way},
    progress::{Arrival, Progress, Said, Task, Waiting, answered},
};
use crate::{
    excerpt::Excerpt,
    trace::{SpanKind, Work, traced},
};

/// A run under way.
pub(super) struct Walk<'a> {
    pub(super) graph: &'a Graph,
    /// The call, with nobody listening.
    pub(super) run: Run,
    /// Where the answer is told.
    pub(super) events: Events,
    progress: Progress,
    tasks: Vec<Task>,
    /// Seat that waits → seats that it waits for and that have acted.
    arrived: HashMap<usize, Vec<usize>>,
    pub(super) told: Told,
    turns: u64,
    /// A person has just agreed to what is next.
    is_approved: bool,
    kept: Kept,
}

/// What the run has kept.
#[derive(Default)]
struct Kept {
    /// The checkpoint it began from.
    before: Option<Checkpoint>,
    /// Whether that one was taken up: it is gone, and the run owns what it asked.
    is_claimed: bool,
    /// Those of this run.
    ids: Vec<String>,
}

impl<'a> Walk<'a> {
    /// Takes up the conversation.
    pub(super) async fn begin(graph: &'a Graph, input: &str, run: &Run) -> Result<Self> {
        let mut walk = Self {
            graph,
            run: run.silenced(),
            events: run.events.clone(),
            progress: Progress::default(),
            tasks: Vec::new(),
            arrived: HashMap::new(),
            told: Told::default(),
            turns: 0,
            is_approved: false,
            kept: Kept::default(),
        };
        if let Some(checkpoints) = &graph.opening.checkpoints {
            walk.kept.before = checkpoints.newest(run).await?;
        }
        let earlier = walk.kept.before.as_ref();
        let earlier = earlier.and_then(|it| serde_json::from_value(it.state.clone()).ok());
        let begun = match &graph.opening.channels {
            Some(channels) => channels.begin(run).await?,
            None => Map::new(),
        };
        let earlier: Progress = earlier.unwrap_or_default();
        walk.progress = earlier.shaped(begun, graph.leader.is_some());
        match walk.progress.waiting.take() {
            Some(waiting) => walk.take_up(&waiting, input).await?,
            None if run.action.as_ref().is_some_and(Value::is_object) => return Err(answered()),
            None => walk.ask(input).await?,
        }
        walk.told.lines_before = walk.progress.lines.len();
        Ok(walk)
    }

    /// Walks to the end.
    pub(super) async fn run(mut self) -> Result<Output> {
        match self.walk().await {
            Ok(waits) => {
                self.forget().await?;
                let progress = std::mem::take(&mut self.progress);
                Ok(self.finish(&progress.lines, &progress.values, waits).await)
            }
            Err(error) => {
                self.undo().await;
                Err(error)
            }
        }
    }

    async fn walk(&mut self) -> Result<Option<(String, Value)>> {
        loop {
            if self.tasks.is_empty() {
                self.tasks = self.left_over();
            }
            let Some(first) = self.tasks.first() else {
                self.keep(None).await?;
                return Ok(None);
            };
            if self.turns >= self.graph.most_turns {
                let limit = self.graph.most_turns;
                let said = format!(
                    "the run has taken {limit} turns, which is the most it may (Recursion Limit): \
                     does a loop never end?"
                );
                let seat = self.seat(&first.node)?;
                return Err(Error::Unsupported(said).at(&self.graph.at(seat).label));
            }
            if !std::mem::take(&mut self.is_approved)
                && let Some((seat, approval)) = self.asks()
            {
                let (text, action) = self.wait(seat, approval).await?;
                self.keep_waiting(&action).await?;
                return Ok(Some((text, action)));
            }
            self.turns += 1;
            self.turn().await?;
            if !self.tasks.is_empty() {
                self.keep(None).await?;
            }
        }
    }

    /// All that are next act on the same state, then their changes are taken up in order.
    async fn turn(&mut self) -> Result<()> {
        let tasks = std::mem::take(&mut self.tasks);
        let seats: Vec<usize> =
            tasks.iter().map(|it| self.seat(&it.node)).collect::<Result<_>>()?;
        let acting = tasks.iter().zip(&seats).map(|(task, seat)| self.act(task, *seat));
        let acted: Vec<Result<Acted>> = join_all(acting).await;
        let mut done = Vec::with_capacity(tasks.len());
        for ((task, seat), acted) in tasks.iter().zip(seats).zip(acted) {
            let label = &self.graph.at(seat).label;
            let acted = acted.map_err(|it| it.at(label))?;
            self.merge(acted.changes.clone()).await.map_err(|it| it.at(label))?;
            self.progress.lines.extend(acted.lines.iter().cloned());
            self.tell(task, seat, &acted).await;
            done.push((task.tools, seat, acted));
        }
        for (own_tools, seat, acted) in done {
            self.go_on(own_tools, seat, &acted).await?;
        }
        Ok(())
    }

    async fn act(&self, task: &Task, seat: usize) -> Result<Acted> {
        let (graph, place) = (self.graph, &self.graph.places[seat]);
        let scene = self.scene(seat);
        let work =
            async {
                match &graph.seats[seat].member.duty {
                    Duty::Acts(it) | Duty::Serves(it) | Duty::Works { acts: it, .. } => {
                        if task.tools { it.call_tools(&scene).await } else { it.act(&scene).await }
                    }
                    _ => match graph.lead(seat) {
                        Some(leader) => {
                            let names: Vec<&str> = graph.workers().map(|(name, _)| name).collect();
                            leader.lead(&names, &scene).await
                        }
                        None => Ok(Acted::default()),
                    },
                }
            };
        debug_assert!(place.branches.is_empty(), "a fork takes no turns");
        let at = graph.at(seat);
        let input = |excerpt: &mut Excerpt| match scene.lines.last() {
            Some(line) => excerpt.text(&line.content),
            None => Value::Null,
        };
        let span = Work { at, kind: SpanKind::Node, name: at.name, input };
        // On the heap: members that act side by side would add up on the stack.
        Box::pin(traced(span, work, |acted, excerpt| (excerpt.value(&summary(acted)), None))).await
    }

    fn scene(&self, seat: usize) -> Scene<'_> {
        Scene {
            run: &self.run,
            lines: &self.progress.lines,
            values: &self.progress.values,
            tools: &self.graph.places[seat].tools,
        }
    }

    /// Takes up changes of the state, all of whose keys must be there.
    async fn merge(&mut self, changes: Map<String, Value>) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let Some(channels) = &self.graph.opening.channels else {
            if self.graph.leader.is_some() {
                self.progress.values.extend(changes);
                return Ok(());
            }
            let said = "the flow's state has no keys of its own: wire a State node to Start";
            return Err(Error::Unsupported(said.to_owned()));
        };
        if let Some(key) = changes.keys().find(|it| !self.progress.values.contains_key(*it)) {
            let keys: Vec<&str> = self.progress.values.keys().map(String::as_str).collect();
            let keys = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
            return Err(Error::Unsupported(format!(
                "the flow's state has no key {key}. Its keys are: {keys}"
            )));
        }
        channels.merge(&mut self.progress.values, changes, &self.run).await
    }

    /// Puts those next that come behind a member that has acted.
    async fn go_on(&mut self, own_tools: bool, seat: usize, acted: &Acted) -> Result<()> {
        let graph = self.graph;
        if own_tools {
            self.next(seat, None);
            return Ok(());
        }
        if graph.leader == Some(seat) {
            let Some(name) = &acted.next else { return Ok(()) };
            let worker = graph.workers().find(|(it, _)| it == name);
            let Some((_, worker)) = worker else {
                let said = format!("it chose {name}, which is none of its workers");
                return Err(Error::ModelAnswer(said).at(&graph.at(seat).label));
            };
            self.next(worker, None);
            return Ok(());
        }
        let calls = acted.lines.last().map(Line::calls).unwrap_or_default();
        if !calls.is_empty() {
            if self.approval(seat, true).is_some() {
                let task = Task { node: graph.at(seat).id.clone(), tools: true, via: None };
                self.tasks.push(task);
                return Ok(());
            }
            let serves = |it: &&usize| match &graph.seats[**it].member.duty {
                Duty::Serves(server) => calls
                    .iter()
                    .any(|call| server.tools().iter().any(|it| it.spec().name == call.name)),
                _ => false,
            };
            if let Some(server) = graph.places[seat].servers.iter().find(serves) {
                self.next(*server, None);
                return Ok(());
            }
        }
        self.follow(Some(seat), &graph.places[seat].ways).await
    }

    /// Goes along `ways` that lead on from a seat, or from the beginning.
    async fn follow(&mut self, from: Option<usize>, ways: &[Way]) -> Result<()> {
        let mut open: VecDeque<(Way, Option<usize>)> = ways.iter().map(|it| (*it, None)).collect();
        while let Some((way, via)) = open.pop_front() {
            match way {
                Way::End => {}
                Way::To(to) if via.is_none() => self.arrive(from, to),
                Way::To(to) | Way::Back(to) => self.next(to, via),
                Way::Fork(fork) => {
                    let label = &self.graph.at(fork).label;
                    let answer = self.choose(fork).await.map_err(|it| it.at(label))?;
                    let branch = self.graph.branch(fork, &answer).map_err(|it| it.at(label))?;
                    open.extend(branch.iter().map(|it| (*it, Some(fork))));
                }
            }
        }
        Ok(())
    }

    async fn choose(&self, fork: usize) -> Result<String> {
        let Some(chooses) = self.graph.fork(fork) else { return Ok("End".to_owned()) };
        let at = self.graph.at(fork);
        let scene = self.scene(fork);
        let input = |_: &mut Excerpt| Value::Null;
        let span = Work { at, kind: SpanKind::Node, name: at.name, input };
        let work = chooses.choose(&scene);
        Box::pin(traced(span, work, |answer, excerpt| (excerpt.text(answer), None))).await
    }

    /// Notes that `from` has acted for `to`, which is next once nobody is missing.
    fn arrive(&mut self, from: Option<usize>, to: usize) {
        let needs = &self.graph.places[to].needs;
        let (Some(from), true) = (from, needs.len() > 1) else {
            self.next(to, None);
            return;
        };
        let arrived = self.arrived.entry(to).or_default();
        if !arrived.contains(&from) {
            arrived.push(from);
        }
        if arrived.len() == needs.len() {
            self.arrived.remove(&to);
            self.next(to, None);
        }
    }

    /// Those that wait for members who will not act any more: ways that a fork did not take.
    fn left_over(&mut self) -> Vec<Task> {
        let mut seats: Vec<usize> = self.arrived.drain().map(|(seat, _)| seat).collect();
        seats.sort_unstable();
        let task = |seat| Task { node: self.graph.at(seat).id.clone(), ..Task::default() };
        seats.into_iter().map(task).collect()
    }

    fn next(&mut self, seat: usize, via: Option<usize>) {
        let via = via.map(|it| self.graph.at(it).id.clone());
        let task = Task { node: self.graph.at(seat).id.clone(), tools: false, via };
        if !self.tasks.iter().any(|it| it.node == task.node && !it.tools) {
            self.tasks.push(task);
        }
    }

    pub(super) fn seat(&self, node: &str) -> Result<usize> {
        self.graph.by_id(node).ok_or_else(|| {
            Error::Unsupported(format!("the flow was changed: it no longer has the node {node}"))
        })
    }
}

/// Asking a person, and what they answer.
impl<'a> Walk<'a> {
    /// A new question.
    async fn ask(&mut self, input: &str) -> Result<()> {
        if self.progress.lines.is_empty() {
            let turns = self.run.history.iter().flatten();
            let lines = turns.map(|turn| match turn.role {
                flowstone_core::Role::Assistant => Line::new(Speaker::Ai, turn.text.clone()),
                _ => Line::new(Speaker::Human, turn.text.clone()),
            });
            self.progress.lines = lines.collect();
        }
        self.progress.lines.push(Line::new(Speaker::Human, input));
        let first = &self.graph.first;
        self.follow(None, first).await
    }

    /// Goes on with a run that waits.
    async fn take_up(&mut self, waiting: &Waiting, input: &str) -> Result<()> {
        let said = waiting.answer(&self.run)?;
        match said {
            Said::Approved => {
                self.tasks.clone_from(&waiting.tasks);
                self.is_approved = true;
                for arrival in &waiting.arrived {
                    let (waits, acted) = (self.seat(&arrival.waits)?, self.seat(&arrival.acted)?);
                    self.arrived.entry(waits).or_default().push(acted);
                }
            }
            Said::Rejected | Said::Asked => {
                let asked = self.progress.lines.iter().rev().find(|it| !it.tool_calls.is_empty());
                let node = asked.map(|it| it.additional_kwargs.node_id.clone());
                let node = node.unwrap_or_default();
                self.progress.deny(&node);
                if said == Said::Asked {
                    self.progress.lines.push(Line::new(Speaker::Human, input));
                }
                let seat = self.seat(&node)?;
                self.next(seat, None);
            }
        }
        self.claim().await
    }

    /// What a person must be asked before the next turns, and whose tools it is about.
    fn asks(&self) -> Option<(usize, &'a Approval)> {
        self.tasks.iter().find_map(|task| {
            let seat = self.graph.by_id(&task.node)?;
            Some((seat, self.approval(seat, task.tools)?))
        })
    }

    /// What is asked before the tools of a seat run: those of a tool node, or an agent's own.
    fn approval(&self, seat: usize, own_tools: bool) -> Option<&'a Approval> {
        let graph: &'a Graph = self.graph;
        match &graph.seats[seat].member.duty {
            Duty::Acts(it) if own_tools => it.approval(),
            Duty::Serves(it) if !own_tools => it.approval(),
            _ => None,
        }
    }

    /// Stops for a person: what they are told and shown.
    async fn wait(&self, seat: usize, approval: &Approval) -> Result<(String, Value)> {
        let label = &self.graph.at(seat).label;
        if self.graph.opening.checkpoints.is_none() {
            let said = "Require Approval needs a place where the run waits: wire an Agent Memory \
                        to the Start node";
            return Err(Error::Unsupported(said.to_owned()).at(label));
        }
        let calls = self.progress.lines.last().map(|it| it.tool_calls.clone()).unwrap_or_default();
        let text = self.approval_text(seat, approval, &calls).await.map_err(|it| it.at(label))?;
        let action = json!({
            "id": Uuid::new_v4().to_string(),
            "mapping": {
                "approve": approval.approve,
                "reject": approval.reject,
                "toolCalls": calls,
            },
            "elements": [
                {"type": "approve-button", "label": approval.approve},
                {"type": "reject-button", "label": approval.reject},
            ],
        });
        Ok((text, action))
    }
}

/// Checkpoints.
impl Walk<'_> {
    /// Keeps how the conversation stands.
    async fn keep(&mut self, waiting: Option<Waiting>) -> Result<()> {
        let Some(checkpoints) = &self.graph.opening.checkpoints else { return Ok(()) };
        let state = json!(Progress { waiting, ..self.progress.clone() });
        let parent = self.kept.ids.last().or(self.kept.before.as_ref().map(|it| &it.id));
        let checkpoint = Checkpoint {
            id: Uuid::now_v7().to_string(),
            parent: parent.cloned(),
            state,
            metadata: json!({"source": "loop", "step": self.turns, "writes": null}),
        };
        checkpoints.keep(&self.run, &checkpoint).await?;
        self.kept.ids.push(checkpoint.id);
        Ok(())
    }

    /// Keeps what waits for a person.
    pub(super) async fn keep_waiting(&mut self, action: &Value) -> Result<()> {
        let id = |seat: usize| self.graph.at(seat).id.clone();
        let arrived = self.arrived.iter().flat_map(|(waits, acted)| {
            acted.iter().map(|it| Arrival { waits: id(*waits), acted: id(*it) })
        });
        let arrived = arrived.collect();
        let waiting = Waiting { action: action.clone(), tasks: self.tasks.clone(), arrived };
        self.keep(Some(waiting)).await
    }

    /// Makes what waited this run's own: of two answers that come at once, one goes on.
    async fn claim(&mut self) -> Result<()> {
        self.keep(None).await?;
        let (Some(checkpoints), Some(before)) =
            (&self.graph.opening.checkpoints, &self.kept.before)
        else {
            return Ok(());
        };
        let removed = checkpoints.remove(&self.run, std::slice::from_ref(&before.id)).await?;
        if removed == 0 {
            checkpoints.remove(&self.run, &self.kept.ids).await?;
            return Err(answered());
        }
        self.kept.is_claimed = true;
        Ok(())
    }

    /// Removes what the last checkpoint has made needless.
    async fn forget(&self) -> Result<()> {
        match (&self.graph.opening.checkpoints, self.kept.ids.last()) {
            (Some(checkpoints), Some(last)) => checkpoints.remove_before(&self.run, last).await,
            _ => Ok(()),
        }
    }

    /// A run that failed leaves the conversation as it was.
    async fn undo(&self) {
        let Some(checkpoints) = &self.graph.opening.checkpoints else { return };
        if self.kept.is_claimed
            && let Some(before) = &self.kept.before
            && let Err(error) = checkpoints.keep(&self.run, before).await
        {
            tracing::warn!(%error, "what waited before a failed run could not be put back");
            return;
        }
        if !self.kept.ids.is_empty()
            && let Err(error) = checkpoints.remove(&self.run, &self.kept.ids).await
        {
            tracing::warn!(%error, "the checkpoints of a failed run could not be removed");
        }
    }
}

/// What a trace shows of a turn.
fn summary(acted: &Acted) -> Value {
    let said: Vec<&str> = acted.lines.iter().map(|it| it.content.as_str()).collect();
    let mut told = json!({ "messages": said });
    if !acted.changes.is_empty() {
        told["state"] = acted.changes.clone().into();
    }
    if let Some(next) = &acted.next {
        told["next"] = next.as_str().into();
    }
    told
}
