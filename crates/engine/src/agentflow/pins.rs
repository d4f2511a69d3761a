//! What trying a flow out adds: outputs that are pinned, and breakpoints. Nobody else sees either.

use flowstone_core::{
    StateUpdate, Taken,
    step::{self, Next},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    graph::Place,
    values::content,
    walk::{After, How, Way},
};
use crate::template::as_text;

/// Ending of the row in which a node says how it changes the flow's state.
const UPDATES: &str = "UpdateState";

impl Way<'_, '_> {
    /// What `place` is to give instead of running. A node that begins always runs: the run's state
    /// and question come from it.
    pub(super) fn pinned<'p>(&self, place: &'p Place) -> Option<&'p Map<String, Value>> {
        let counts = self.walk.is_trial && place.id != self.walk.graph.start();
        place.pinned.as_ref().filter(|_| counts)
    }

    /// The turn of a node that does not run.
    pub(super) async fn took_pinned(
        &mut self,
        place: &Place,
        output: &Map<String, Value>,
    ) -> After {
        let text = as_text(&content(output));
        if place.wires.iter().all(|it| it.on_error) && self.progress.is_outside() {
            self.walk.run.events.without_start().token(&text).await;
        }
        let is_decision = output.get("conditions").is_some_and(Value::is_array);
        let taken = Taken {
            output: output.clone(),
            said: (!is_decision).then(|| vec![json!({"role": "assistant", "content": text})]),
            updates: updates(&place.values),
            next: ways(output),
            ..Taken::default()
        };
        self.took(place, taken, &How { tries: 1, fallback: None, pinned: true }).await
    }

    /// Stops before `place`, or goes on where a person has let it.
    pub(super) async fn breakpoint(&mut self, place: &Place) -> Option<After> {
        if let Some(answer) = self.progress.answer.take_if(|_| self.progress.paused) {
            self.progress.paused = false;
            self.waited = None;
            if !answer.proceeds() {
                let said = "the run was stopped by a person, before this node";
                return Some(self.terminated_as(place, said).await);
            }
            self.progress.passes = true;
        }
        let passes = std::mem::take(&mut self.progress.passes) || self.progress.answer.is_some();
        if passes || !place.breakpoint || !self.walk.is_trial {
            return None;
        }
        let said = format!("The run has stopped before \"{}\", at its breakpoint.", place.label);
        let id = Uuid::new_v4().to_string();
        let mut action = step::approval(&id, (&place.id, &place.label), &Map::new());
        action["breakpoint"] = true.into();
        let data = json!({
            "id": place.id,
            "name": place.node.spec().name,
            "input": {},
            "output": { "content": said, "humanInputAction": action },
            "state": self.progress.state,
            "breakpoint": true,
        });
        let mut data = data.as_object().cloned().unwrap_or_default();
        self.mark_round(&mut data);
        self.records.push(self.record_of(place, data, "STOPPED"));
        self.walk.run.events.without_start().token(&said).await;
        self.progress.content = said;
        self.progress.paused = true;
        self.progress.heard = Some(self.walk.past.len());
        Some(self.waits(place, action).await)
    }
}

/// The ways of a decision, which its output tells; all of them for any other node.
fn ways(output: &Map<String, Value>) -> Next {
    let Some(conditions) = output.get("conditions").and_then(Value::as_array) else {
        return Next::Onward;
    };
    let held = conditions.iter().enumerate().filter(|(_, it)| it["isFulfilled"] == true);
    Next::Ways(held.map(|(at, _)| at).collect())
}

/// The changes of the flow's state that the node's form asks for.
fn updates(values: &Map<String, Value>) -> Vec<StateUpdate> {
    let rows = values.iter().filter(|(name, _)| name.ends_with(UPDATES));
    let rows = rows.filter_map(|(_, rows)| rows.as_array()).flatten();
    rows.filter_map(|row| serde_json::from_value(row.clone()).ok())
        .filter(|it: &StateUpdate| !it.key.is_empty())
        .collect()
}
