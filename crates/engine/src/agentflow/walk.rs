//! Walks an agentflow: one turn after the other, each handed to the journal before the next begins.

use std::{pin::Pin, sync::Arc};

use flowstone_core::{
    Capability, Error, Event, Events, Inputs, Purse, Result, Run, Taken, Turn, TurnKey,
    step::{Begins, Next, StateUpdate},
};
use serde_json::{Map, Value, json};

use super::{
    Checkpoint, ExecutionState, Graph, Journal, Progress,
    envelope::FallbackModel,
    graph::Place,
    joins::queue,
    rerun,
    spending::{Meter, Price},
    values::{Known, content},
    view::View,
};
use crate::{Catalog, template::as_text};

/// Most turns of one run, whatever its loops say.
pub const MOST_TURNS: u32 = 1_000;

/// What the call adds to the state that the flow begins with.
#[derive(Clone, Debug, Default)]
pub struct Begin {
    /// The state that the conversation's last run ended with, for flows that go on with it.
    pub persisted: Option<Map<String, Value>>,
    /// What the call sets.
    pub set: Map<String, Value>,
}

/// One walk over a flow: a run from its beginning, or from where it stopped.
pub struct Walk<'a> {
    /// The flow.
    pub graph: &'a Graph,
    /// The nodes of this installation.
    pub catalog: &'a Catalog,
    /// The call.
    pub run: &'a Run,
    /// What the run is known by.
    pub id: &'a str,
    /// Earlier turns of the conversation, as `{role, content}`.
    pub past: Vec<Value>,
    /// Where each turn is kept.
    pub journal: &'a dyn Journal,
    /// What the call adds to the state.
    pub begin: Begin,
    /// Most turns of the run.
    pub most_turns: u32,
    /// Whether the flow is tried out: pins and breakpoints count then, and never else.
    pub is_trial: bool,
    /// What model calls cost, where it is known.
    pub price: Option<Price>,
}

/// How a walk ended.
#[derive(Debug)]
pub struct WalkEnd {
    /// How the run stands now.
    pub state: ExecutionState,
    /// The records of all its turns.
    pub records: Vec<Arc<Value>>,
    /// The answer.
    pub text: String,
    /// What a person is asked, where the run waits.
    pub action: Option<Value>,
    /// Why it failed.
    pub failure: Option<Error>,
}

/// Waits for the user's stop; for ever where there is none.
pub type Stop<'a> = Pin<&'a mut (dyn Future<Output = ()> + Send)>;

/// A run under way.
pub(super) struct Way<'w, 'a> {
    pub(super) walk: &'w Walk<'a>,
    pub(super) progress: Progress,
    pub(super) records: Vec<Arc<Value>>,
    /// The record of the turn that asked, while the answer is taken.
    pub(super) waited: Option<Arc<Value>>,
    /// What was asked, where the turn that took the answer failed.
    pub(super) unanswered: Option<Value>,
    /// Where the run stood before the turn under way.
    pub(super) position: Option<String>,
    /// Whether the turn under way does nothing outside the run.
    pub(super) inside: bool,
    /// What it spends.
    pub(super) meter: Meter,
}

/// How a turn came to its end.
pub(super) struct How {
    pub(super) tries: u32,
    /// The model that stood in for the chosen one.
    pub(super) fallback: Option<String>,
    /// It did not run: what it gave is written in the flow.
    pub(super) pinned: bool,
}

/// Why a turn was cut.
enum Cut {
    Stopped,
    TimeOver,
}

/// What is to be done after a turn.
pub(super) enum After {
    GoOn,
    Over(WalkEnd),
}

impl Walk<'_> {
    /// Goes on from `progress` until the run ends, waits, fails or is stopped. `records` are those
    /// of the turns before.
    pub async fn go(
        &self,
        progress: Progress,
        records: Vec<Arc<Value>>,
        mut stop: Stop<'_>,
    ) -> WalkEnd {
        let budget = self.graph.get(self.graph.start()).map(|it| it.envelope.budget);
        let (price, above) = (self.price.clone(), self.run.purse.clone());
        let meter = Meter::new(budget.unwrap_or_default(), price, above, progress.spent);
        let mut way = Way {
            walk: self,
            progress,
            records,
            waited: None,
            unanswered: None,
            position: None,
            inside: false,
            meter,
        };
        way.take_up_answer();
        self.tell(Event::AgentFlowState(ExecutionState::InProgress.as_str().to_owned())).await;
        loop {
            let Some(id) = way.progress.next().map(str::to_owned) else {
                if way.queue_cut_off() {
                    continue;
                }
                match way.end_level().await {
                    Ok(true) => continue,
                    Ok(false) => return way.finish().await,
                    Err(error) => return way.unkept_nowhere(error).await,
                }
            };
            match way.turn(&id, &mut stop).await {
                After::GoOn => {}
                After::Over(end) => return end,
            }
        }
    }

    pub(super) async fn tell(&self, event: Event) {
        self.run.events.emit(event).await;
    }

    pub(super) async fn tell_turn(&self, place: &Place, status: &str, error: Option<&str>) {
        let mut told = json!({
            "nodeId": place.id,
            "nodeLabel": place.label,
            "status": status,
        });
        if let (Some(error), Some(map)) = (error, told.as_object_mut()) {
            map.insert("error".to_owned(), error.into());
        }
        self.tell(Event::NextAgentFlow(told)).await;
    }

    /// Tells what was recorded with a checkpoint.
    async fn tell_kept(&self, told: Vec<Event>) {
        let events = self.run.events.unrecorded().without_start();
        for event in told {
            match event {
                Event::Token(text) => events.token(&text).await,
                Event::AgentFlowExecutedData(_) if events.is_silent() => {}
                other => events.emit(other).await,
            }
        }
    }
}

impl Way<'_, '_> {
    /// Takes back the record of the turn that asked: its next turn takes its place.
    fn take_up_answer(&mut self) {
        let Some(node) = self.progress.answer.as_ref().and(self.progress.next()) else { return };
        let asked = |it: &Arc<Value>| it["nodeId"] == node && it["status"] == "STOPPED";
        if let Some(at) = self.records.iter().rposition(asked) {
            self.waited = self.records.get(at).cloned();
            self.records.truncate(at);
        }
    }

    /// One turn of the node that is next.
    async fn turn(&mut self, id: &str, stop: &mut Stop<'_>) -> After {
        let walk = self.walk;
        let Some(place) = walk.graph.get(id) else {
            let gone = format!("the flow was changed: it no longer has the node {id}");
            return self.fail_nowhere(Error::Unsupported(gone)).await;
        };
        self.position = Some(rerun::position(&self.progress, self.records.len()));
        if let Some(after) = self.breakpoint(place).await {
            return after;
        }
        walk.tell_turn(place, "INPROGRESS", None).await;
        if self.turns_here() >= walk.most_turns {
            let said = format!(
                "it took {} turns, which is the most a run, or a round of an iteration, may: does a \
                 loop never end?",
                walk.most_turns
            );
            return self.failed(place, Error::Unsupported(said).at(&place.label)).await;
        }
        if let Some(output) = self.pinned(place) {
            self.progress.begin_turn();
            self.inside = true;
            return self.took_pinned(place, output).await;
        }
        self.inside = place.node.stays_inside() && place.envelope.repeatable;
        if !self.inside
            && let Err(error) = walk.journal.settle(&self.progress).await
        {
            return After::Over(self.unkept(place, error).await);
        }
        self.progress.begin_turn();
        self.progress.begun = (!place.envelope.repeatable).then(|| id.to_owned());
        if let Err(error) = walk.journal.begins(&self.progress).await {
            return After::Over(self.unkept(place, error).await);
        }
        let taken = tokio::select! {
            biased;
            () = stop.as_mut() => Err(Cut::Stopped),
            taken = self.tries(place) => Ok(taken),
            () = tokio::time::sleep(self.meter.time_left()) => Err(Cut::TimeOver),
        };
        self.progress.begun = None;
        match taken {
            Err(Cut::Stopped) => self.terminated(place).await,
            Err(Cut::TimeOver) => {
                let said = self.meter.time_over();
                self.budget_over(place, ExecutionState::Timeout, said).await
            }
            Ok(Ok((taken, how))) => self.took(place, taken, &how).await,
            Ok(Err(error)) => match self.meter.refusal() {
                Some(said) => self.budget_over(place, ExecutionState::Error, said).await,
                None => self.failed(place, error.at(&place.label)).await,
            },
        }
    }

    /// Turns of the run, or of the round of the iteration that it is inside of.
    fn turns_here(&self) -> u32 {
        self.progress.frames.last().map_or(0, |it| it.turns)
    }

    /// Takes the turn as often as the node's envelope says.
    async fn tries(&self, place: &Place) -> Result<(Taken, How)> {
        let (mut tried, mut instead) = (0, None);
        loop {
            let attempt = self.attempt(place, tried, instead);
            let taken = match place.envelope.limit() {
                None => attempt.await,
                Some(limit) => tokio::time::timeout(limit, attempt).await.unwrap_or_else(|_| {
                    let seconds = limit.as_secs_f64();
                    Err(Error::Transport(format!("it took longer than {seconds} seconds")))
                }),
            };
            let error = match taken {
                Ok(taken) => {
                    let fallback = instead.map(|it| it.name.clone());
                    return Ok((taken, How { tries: tried + 1, fallback, pinned: false }));
                }
                Err(error) => error,
            };
            if instead.is_some() {
                return Err(error);
            }
            let Some(wait) = place.envelope.wait_before_retry(&error, tried) else {
                let Some(model) = place.envelope.instead(&error) else { return Err(error) };
                tracing::debug!(node = place.id, %error, "another model is asked");
                instead = Some(model);
                tried += 1;
                continue;
            };
            tracing::debug!(node = place.id, tried, %error, "a turn is tried again");
            tokio::time::sleep(wait).await;
            tried += 1;
        }
    }

    async fn attempt(
        &self,
        place: &Place,
        tried: u32,
        instead: Option<&FallbackModel>,
    ) -> Result<Taken> {
        let walk = self.walk;
        let known = self.known();
        let inside_iteration = self.progress.frames.len() > 1;
        let speaks = place.wires.iter().all(|it| it.on_error) && !inside_iteration;
        let tells = walk.run.events.without_start();
        let events = if speaks { tells.clone() } else { Events::silent() };
        let question = self.progress.question.clone();
        let key = format!("{}/{}/{tried}", walk.id, self.progress.turns);
        let turn = Some(Arc::new(TurnKey::new(key)));
        let purse: Option<Arc<dyn Purse>> = Some(Arc::new(self.meter.clone()));
        let mut run = Run { events, question, turn, purse, ..walk.run.clone() };
        if !place.node.stays_inside() {
            // `$flow.state`, for the code of tools that the node calls.
            run.facts.insert("state".to_owned(), self.progress.state.clone().into());
        }
        let spec = place.node.spec();
        let credential = match &place.credential {
            Some(id) if spec.credential.is_some() => {
                Some(run.services.credentials.reveal(&run.workspace, id).await?)
            }
            _ => None,
        };
        let inputs = Inputs {
            node_id: place.id.clone(),
            node_label: place.label.clone(),
            workspace: run.workspace.clone(),
            flow_id: run.flow_id.clone(),
            values: known.fill(place, walk.catalog),
            credential,
            output: spec.name.to_owned(),
            run: Some(run.clone()),
            ..Inputs::empty(run.services.clone())
        };
        let step = match place.node.init(&inputs).await? {
            Capability::Step(step) => step,
            other => {
                let kind = other.kind();
                return Err(Error::Unsupported(format!(
                    "a {kind} cannot be a step of an agentflow"
                )));
            }
        };
        let (id, label, meter) = (&place.id, &place.label, &self.meter);
        let instead = instead.map(|it| known.filled(it, walk.catalog));
        let view = View { walk, run: &run, id, label, meter, instead: instead.as_ref() };
        let said = self.progress.frames.last().map_or(&[][..], |it| &it.said);
        let past: &[Value] = if self.progress.forgets { &[] } else { &walk.past };
        let turn = Turn {
            run: &run,
            tells: &tells,
            speaks,
            node_id: &place.id,
            node_label: &place.label,
            state: &self.progress.state,
            past,
            said,
            form: self.progress.form.as_ref(),
            webhook: self.progress.webhook.as_ref(),
            answer: self.progress.answer.as_ref(),
            waited: self.waited.as_ref().map(|it| &it["data"]),
            jumps: self.progress.jumps.get(&place.id).copied().unwrap_or_default(),
            inside_iteration,
            flow: &view,
        };
        step.take(&turn).await
    }

    pub(super) fn known(&self) -> Known<'_> {
        Known {
            graph: self.walk.graph,
            run: self.walk.run,
            progress: &self.progress,
            records: &self.records,
            past: if self.progress.forgets { &[] } else { &self.walk.past },
        }
    }

    /// A turn that came to something.
    pub(super) async fn took(&mut self, place: &Place, taken: Taken, how: &How) -> After {
        self.answered();
        let Taken { input, output, said, updates, begins, next } = taken;
        if let Some(begins) = begins {
            self.begin(begins, &output);
        }
        if let Err(error) = self.check_keys(&updates) {
            return self.failed(place, error.at(&place.label)).await;
        }
        let changes: Vec<(String, Value)> = {
            let known = self.known();
            updates.iter().map(|it| (it.key.clone(), known.updated(&it.value, &output))).collect()
        };
        self.progress.state.extend(changes);
        if let Next::Each(items) = next {
            return self.enter(place, input, items).await;
        }
        let status = if matches!(next, Next::Wait(_)) { "STOPPED" } else { "FINISHED" };
        self.progress.content = as_text(&content(&output));
        let late = matches!(next, Next::Ends).then(|| Event::Token(self.progress.content.clone()));
        self.record(place, input, output, said, status, how);
        let action = match next {
            Next::Wait(action) => return self.waits(place, action).await,
            next => self.advance(place, &next),
        };
        if let Err(error) = action {
            return self.failed(place, error).await;
        }
        self.walk.tell_turn(place, status, None).await;
        let told = self.records_told().into_iter().chain(late).collect();
        self.keep_and_go_on(place, told).await
    }

    /// A key of the state that nobody declared is most often a typing error, after which every
    /// reference to the right one tells an old value.
    fn check_keys(&self, updates: &[StateUpdate]) -> Result<()> {
        let state = &self.progress.state;
        let Some(unknown) = updates.iter().find(|it| !state.contains_key(&it.key)) else {
            return Ok(());
        };
        let keys: Vec<&str> = state.keys().map(String::as_str).collect();
        let there = if keys.is_empty() {
            "no keys are declared".to_owned()
        } else {
            format!("the keys are: {}", keys.join(", "))
        };
        let reason = format!(
            "the state has no key {}, and {there}. Declare it in the node that begins the flow",
            unknown.key
        );
        Err(Error::InvalidInput { label: "Update Flow State".to_owned(), reason })
    }

    /// The node that asked has had its turn.
    pub(super) fn answered(&mut self) {
        self.progress.answer = None;
        self.waited = None;
    }

    /// Keeps the turn of `place`, which does not end the run.
    pub(super) async fn keep_and_go_on(&mut self, place: &Place, told: Vec<Event>) -> After {
        match self.keep(ExecutionState::InProgress, None, told).await {
            Ok(()) => After::GoOn,
            Err(error) => After::Over(self.unkept(place, error).await),
        }
    }

    /// The records so far, which callers are told of after each turn outside of iterations.
    pub(super) fn records_told(&self) -> Option<Event> {
        let outside = self.progress.frames.len() == 1;
        outside.then(|| Event::AgentFlowExecutedData(self.records.clone()))
    }

    fn begin(&mut self, begins: Begins, output: &Map<String, Value>) {
        // A trigger may make the question of what it was given.
        if let Some(question) = output.get("question").and_then(Value::as_str) {
            question.clone_into(&mut self.progress.question);
        }
        let mut state = begins.state;
        if begins.persists_state {
            state.extend(self.walk.begin.persisted.clone().unwrap_or_default());
        }
        state.extend(self.walk.begin.set.clone());
        self.progress.state = state;
        self.progress.forgets = begins.forgets;
    }

    /// Writes the record of a turn.
    pub(super) fn record(
        &mut self,
        place: &Place,
        input: Map<String, Value>,
        output: Map<String, Value>,
        said: Option<Vec<Value>>,
        status: &str,
        how: &How,
    ) {
        let mut data = Map::new();
        data.insert("id".to_owned(), place.id.clone().into());
        data.insert("name".to_owned(), place.node.spec().name.into());
        data.insert("input".to_owned(), input.into());
        data.insert("output".to_owned(), output.into());
        data.insert("state".to_owned(), self.progress.state.clone().into());
        if let Some(said) = said {
            if let Some(frame) = self.progress.frames.last_mut() {
                frame.said.extend(said.iter().cloned());
            }
            data.insert("chatHistory".to_owned(), said.into());
        }
        if how.tries > 1 {
            data.insert("tries".to_owned(), how.tries.into());
        }
        if let Some(model) = &how.fallback {
            data.insert("fallbackModel".to_owned(), model.clone().into());
        }
        if how.pinned {
            data.insert("pinned".to_owned(), true.into());
        }
        self.mark_round(&mut data);
        self.records.push(Arc::new(json!({
            "nodeId": place.id,
            "nodeLabel": place.label,
            "data": data,
            "previousNodeIds": self.walk.graph.parent_ids(place),
            "status": status,
        })));
    }

    /// Notes in the record of a turn inside of an iteration which round it was.
    pub(super) fn mark_round(&self, data: &mut Map<String, Value>) {
        let Some(round) = self.progress.frames.last().and_then(|it| it.round.as_ref()) else {
            return;
        };
        data.insert("iterationIndex".to_owned(), round.index.into());
        let context = round.context(&self.walk.run.session_id);
        data.insert("iterationContext".to_owned(), context);
        data.insert("parentNodeId".to_owned(), round.node.clone().into());
    }

    /// Takes the node from the queue and puts those behind it there.
    pub(super) fn advance(&mut self, place: &Place, next: &Next) -> Result<()> {
        let graph = self.walk.graph;
        let Some(frame) = self.progress.frames.last_mut() else { return Ok(()) };
        frame.queue.pop_front();
        frame.finished.insert(place.id.clone());
        let onward = |way: Option<usize>| match next {
            Next::Ways(ways) => way.is_some_and(|it| ways.contains(&it)),
            _ => true,
        };
        match next {
            Next::Back(target) => {
                if graph.get(target).is_none() {
                    let gone = format!("it goes back to {target}, which is not in the flow");
                    return Err(Error::Unsupported(gone).at(&place.label));
                }
                // What lies behind the target is done anew.
                let again = graph.reachable(target);
                frame.finished.retain(|it| !again.contains(it.as_str()));
                frame.waiting.retain(|it| !again.contains(it.as_str()));
                frame.queue.push_back(target.clone());
                let jumps = self.progress.jumps.entry(place.id.clone()).or_default();
                *jumps += 1;
                self.progress.loop_count = *jumps;
            }
            Next::Ends => {}
            _ => {
                for wire in place.wires.iter().filter(|it| !it.on_error && onward(it.way)) {
                    queue(graph, frame, wire.target);
                }
            }
        }
        Ok(())
    }

    /// Keeps how the run stands now, then tells what is to be told of it.
    pub(super) async fn keep(
        &mut self,
        state: ExecutionState,
        action: Option<&Value>,
        told: Vec<Event>,
    ) -> Result<()> {
        self.keep_with(state, action, None, told).await
    }

    /// The same for a run that failed.
    pub(super) async fn keep_with(
        &mut self,
        state: ExecutionState,
        action: Option<&Value>,
        failure: Option<&Error>,
        told: Vec<Event>,
    ) -> Result<()> {
        self.progress.restarts = 0;
        self.progress.spent = self.meter.spent();
        let last = self.records.len().checked_sub(1);
        let checkpoint = Checkpoint {
            record: last.and_then(|at| Some((at, self.records.get(at)?))),
            position: self.position.as_deref(),
            records: self.records.len(),
            progress: &self.progress,
            state,
            action,
            asks_again: self.unanswered.as_ref(),
            failure,
            told: &told,
            may_wait: self.inside && state == ExecutionState::InProgress,
        };
        self.walk.journal.commit(checkpoint).await?;
        self.walk.tell_kept(told).await;
        Ok(())
    }
}
