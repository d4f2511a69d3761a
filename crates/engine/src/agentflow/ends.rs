//! How turns and runs end otherwise than by going on: failed, waiting, stopped, over.

use std::sync::Arc;

use flowstone_core::{Error, Event};
use serde_json::{Map, Value, json};

use super::{
    ExecutionState,
    envelope::OnError,
    graph::Place,
    walk::{After, WalkEnd, Way, queue},
};

impl Way<'_, '_> {
    /// A turn that failed: along the error wire, on to the next entry, or to the end of the run.
    pub(super) async fn failed(&mut self, place: &Place, error: Error) -> After {
        let message = error.to_string();
        let mut data = Map::new();
        data.insert("id".to_owned(), place.id.clone().into());
        data.insert("name".to_owned(), place.node.spec().name.into());
        data.insert("error".to_owned(), message.clone().into());
        let caught = place.envelope.on_error != OnError::Stop;
        if caught {
            data.insert("output".to_owned(), json!({ "content": message, "error": error.kind() }));
            data.insert("state".to_owned(), self.progress.state.clone().into());
        }
        self.mark_round(&mut data);
        self.records.push(Arc::new(json!({
            "nodeId": place.id,
            "nodeLabel": place.label,
            "previousNodeIds": self.walk.graph.parent_ids(place),
            "data": data,
            "status": "ERROR",
        })));
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
        match self.keep(ExecutionState::InProgress, None).await {
            Ok(()) => After::GoOn,
            Err(error) => After::Over(self.unkept(error).await),
        }
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
        if let Err(error) = self.keep(ExecutionState::Stopped, Some(&action)).await {
            return After::Over(self.unkept(error).await);
        }
        let stopped = || Event::AgentFlowState(ExecutionState::Stopped.as_str().to_owned());
        self.walk.tell_records(&self.records).await;
        self.walk.tell(stopped()).await;
        self.walk.tell(Event::Action(action.clone())).await;
        self.walk.tell(stopped()).await;
        After::Over(WalkEnd {
            state: ExecutionState::Stopped,
            records: std::mem::take(&mut self.records),
            text: self.text(),
            action: Some(action),
            failure: None,
        })
    }

    /// The user ended the run while `place` had its turn.
    pub(super) async fn terminated(&mut self, place: &Place) -> After {
        let said = "the run was stopped by its user";
        self.records.push(Arc::new(json!({
            "nodeId": place.id,
            "nodeLabel": place.label,
            "previousNodeIds": self.walk.graph.parent_ids(place),
            "data": { "id": place.id, "name": place.node.spec().name, "error": said },
            "status": "TERMINATED",
        })));
        self.progress.content = self.walk.run.events.said();
        self.walk.tell_turn(place, "TERMINATED", Some(said)).await;
        After::Over(self.over(ExecutionState::Terminated, None).await)
    }

    pub(super) async fn finish(&mut self) -> WalkEnd {
        self.over(ExecutionState::Finished, None).await
    }

    /// The run is over, one way or the other.
    pub(super) async fn over(
        &mut self,
        state: ExecutionState,
        mut failure: Option<Error>,
    ) -> WalkEnd {
        let mut state = state;
        if let Err(error) = self.keep(state, None).await {
            (state, failure) = (ExecutionState::Error, Some(error));
        }
        if state != ExecutionState::Finished {
            self.walk.tell_records(&self.records).await;
        }
        self.walk.tell(Event::AgentFlowState(state.as_str().to_owned())).await;
        WalkEnd {
            state,
            records: std::mem::take(&mut self.records),
            text: self.text(),
            action: None,
            failure,
        }
    }

    /// A turn could not be kept: what cannot be kept must not go on.
    pub(super) async fn unkept(&mut self, error: Error) -> WalkEnd {
        let state = ExecutionState::Error;
        self.walk.tell(Event::AgentFlowState(state.as_str().to_owned())).await;
        WalkEnd {
            state,
            records: std::mem::take(&mut self.records),
            text: self.text(),
            action: None,
            failure: Some(error),
        }
    }

    /// The answer so far; clients take an empty one for none at all.
    fn text(&self) -> String {
        if self.progress.content.is_empty() {
            " ".to_owned()
        } else {
            self.progress.content.clone()
        }
    }
}
