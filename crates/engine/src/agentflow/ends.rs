//! How turns and runs end otherwise than by going on: failed, waiting, stopped, over.

use std::sync::Arc;

use flowstone_core::{Error, Event};
use serde_json::{Map, Value, json};

use super::{
    ExecutionState,
    envelope::OnError,
    graph::Place,
    joins::queue,
    walk::{After, WalkEnd, Way},
};

impl Way<'_, '_> {
    /// A turn that failed: along the error wire, on to the next entry, or to the end of the run.
    pub(super) async fn failed(&mut self, place: &Place, error: Error) -> After {
        let asked = self.waited.take();
        self.answered();
        let message = error.to_string();
        let mut data = failure(place, &message);
        let caught = place.envelope.on_error != OnError::Stop;
        if let Some(asked) = asked.filter(|_| !caught) {
            // The run ends here, and its question stands: whoever answered can do so again.
            self.unanswered = Some(asked["data"]["output"]["humanInputAction"].clone());
            self.records.push(asked);
        }
        if caught {
            data.insert("output".to_owned(), json!({ "content": message, "error": error.kind() }));
            data.insert("state".to_owned(), self.progress.state.clone().into());
        }
        self.mark_round(&mut data);
        self.records.push(self.record_of(place, data, "ERROR"));
        self.walk.tell_turn(place, "ERROR", Some(&message)).await;
        if caught {
            self.progress.content = message;
            self.catch(place);
        } else if self.progress.frames.len() > 1 {
            // The entry failed; the others are none the worse for it.
            self.progress.content = format!("Error: {message}");
            if let Some(frame) = self.progress.frames.last_mut() {
                frame.queue.clear();
            }
        } else {
            return After::Over(self.over(ExecutionState::Error, Some(error)).await);
        }
        let told = self.records_told().filter(|_| caught).into_iter().collect();
        self.keep_and_go_on(place, told).await
    }

    pub(super) fn record_of(
        &self,
        place: &Place,
        data: Map<String, Value>,
        status: &str,
    ) -> Arc<Value> {
        Arc::new(json!({
            "nodeId": place.id,
            "nodeLabel": place.label,
            "previousNodeIds": self.walk.graph.parent_ids(place),
            "data": data,
            "status": status,
        }))
    }

    /// What the run may spend is spent: it ends at `place`, whatever its envelope says of failures.
    pub(super) async fn budget_over(
        &mut self,
        place: &Place,
        state: ExecutionState,
        error: Error,
    ) -> After {
        self.answered();
        let error = error.at(&place.label);
        let message = error.to_string();
        let mut data = failure(place, &message);
        self.mark_round(&mut data);
        self.records.push(self.record_of(place, data, state.as_str()));
        self.walk.tell_turn(place, state.as_str(), Some(&message)).await;
        After::Over(self.over(state, Some(error)).await)
    }

    /// Goes on behind a node whose failure the flow's author expected.
    fn catch(&mut self, place: &Place) {
        let Some(frame) = self.progress.frames.last_mut() else { return };
        frame.queue.pop_front();
        frame.finished.insert(place.id.clone());
        let branches = place.envelope.on_error == OnError::Branch;
        for wire in place.wires.iter().filter(|it| it.on_error == branches) {
            queue(self.walk.graph, frame, wire.target);
        }
    }

    /// A failure that belongs to no node.
    pub(super) async fn fail_nowhere(&mut self, error: Error) -> After {
        After::Over(self.over(ExecutionState::Error, Some(error)).await)
    }

    /// The run waits for a person. The node that asked stays next.
    pub(super) async fn waits(&mut self, place: &Place, action: Value) -> After {
        self.walk.tell_turn(place, "STOPPED", None).await;
        let stopped = || Event::AgentFlowState(ExecutionState::Stopped.as_str().to_owned());
        let told = vec![
            Event::AgentFlowExecutedData(self.records.clone()),
            stopped(),
            Event::Action(action.clone()),
            stopped(),
        ];
        if let Err(error) = self.keep(ExecutionState::Stopped, Some(&action), told).await {
            return After::Over(self.unkept(place, error).await);
        }
        After::Over(WalkEnd {
            state: ExecutionState::Stopped,
            records: std::mem::take(&mut self.records),
            text: self.progress.text(),
            action: Some(action),
            failure: None,
        })
    }

    /// The user ended the run while `place` had its turn.
    pub(super) async fn terminated(&mut self, place: &Place) -> After {
        self.terminated_as(place, "the run was stopped by its user").await
    }

    /// The same for a reason of its own.
    pub(super) async fn terminated_as(&mut self, place: &Place, said: &str) -> After {
        self.records.push(self.record_of(place, failure(place, said), "TERMINATED"));
        self.progress.content = self.walk.run.events.said();
        self.walk.tell_turn(place, "TERMINATED", Some(said)).await;
        After::Over(self.over(ExecutionState::Terminated, None).await)
    }

    pub(super) async fn finish(&mut self) -> WalkEnd {
        self.over(ExecutionState::Finished, None).await
    }

    /// The run is over, one way or the other.
    pub(super) async fn over(&mut self, state: ExecutionState, failure: Option<Error>) -> WalkEnd {
        let records = (state != ExecutionState::Finished)
            .then(|| Event::AgentFlowExecutedData(self.records.clone()));
        let stands = Event::AgentFlowState(state.as_str().to_owned());
        let told = records.into_iter().chain([stands]).collect();
        match self.keep_with(state, None, failure.as_ref(), told).await {
            Ok(()) => self.end(state, failure),
            Err(error) => self.unkept_nowhere(error).await,
        }
    }

    fn end(&mut self, state: ExecutionState, failure: Option<Error>) -> WalkEnd {
        WalkEnd {
            state,
            records: std::mem::take(&mut self.records),
            text: self.progress.text(),
            action: None,
            failure,
        }
    }

    /// The turn of `place` could not be kept. What cannot be kept must not go on: the run ends with
    /// the reason in place of the turn, if at least that can be kept. Where it cannot either, the
    /// run is taken up again as it was kept last.
    pub(super) async fn unkept(&mut self, place: &Place, error: Error) -> WalkEnd {
        let error = error.at(&place.label);
        let record = self.record_of(place, failure(place, &error.to_string()), "ERROR");
        match self.records.last_mut().filter(|it| it["nodeId"] == place.id.as_str()) {
            Some(last) => *last = record,
            None => self.records.push(record),
        }
        self.close(error).await
    }

    /// The same at the end of the run, or of an iteration.
    pub(super) async fn unkept_nowhere(&mut self, error: Error) -> WalkEnd {
        let last = self.records.last().and_then(|it| self.walk.graph.get(it["nodeId"].as_str()?));
        match last {
            Some(place) => self.unkept(place, error).await,
            None => self.close(error).await,
        }
    }

    async fn close(&mut self, error: Error) -> WalkEnd {
        let state = ExecutionState::Error;
        let records = Event::AgentFlowExecutedData(self.records.clone());
        let told = vec![records, Event::AgentFlowState(state.as_str().to_owned())];
        if let Err(again) = self.keep_with(state, None, Some(&error), told).await {
            tracing::error!(%error, %again, "a run could not be kept: it is taken up again later");
            self.walk.tell(Event::AgentFlowState(state.as_str().to_owned())).await;
        }
        self.end(state, Some(error))
    }
}

/// What is recorded of a turn that came to nothing.
fn failure(place: &Place, message: &str) -> Map<String, Value> {
    let name = place.node.spec().name;
    [("id", place.id.as_str()), ("name", name), ("error", message)]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect()
}
