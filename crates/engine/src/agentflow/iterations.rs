//! The inside of an iteration: entered with its entries, left with their results.

use flowstone_core::{Error, Result, step::Next};
use serde_json::{Map, Value};

use super::{
    ExecutionState,
    graph::Place,
    progress::{Frame, Round},
    rerun,
    walk::{After, How, Way},
};

/// Deepest nesting of iterations.
const DEEPEST: usize = 8;

impl Way<'_, '_> {
    /// A node that runs those inside of it once per entry.
    pub(super) async fn enter(
        &mut self,
        place: &Place,
        input: Map<String, Value>,
        items: Vec<Value>,
    ) -> After {
        let starts = self.walk.graph.starts_inside(&place.id);
        if self.progress.frames.len() >= DEEPEST {
            let deep = format!("iterations can be {DEEPEST} deep, not more");
            return self.failed(place, Error::Unsupported(deep).at(&place.label)).await;
        }
        if let Some(frame) = self.progress.frames.last_mut() {
            frame.queue.pop_front();
        }
        self.forget_jumps_inside(&place.id);
        let queue = if items.is_empty() { Vec::new() } else { starts };
        let round = Round {
            node: place.id.clone(),
            began: self.records.len(),
            input,
            items,
            ..Round::default()
        };
        let frame = Frame { queue: queue.into(), round: Some(round), ..Frame::default() };
        self.progress.frames.push(frame);
        self.progress.content = String::new();
        self.keep_and_go_on(place, Vec::new()).await
    }

    /// Each round counts its own jumps.
    fn forget_jumps_inside(&mut self, iteration: &str) {
        let graph = self.walk.graph;
        self.progress.jumps.retain(|id, _| !graph.is_inside(id, iteration));
    }

    /// Nothing is left to do on this level: the next round, the end of an iteration, or (`false`)
    /// the end of the run.
    pub(super) async fn end_level(&mut self) -> Result<bool> {
        let Some(frame) = self.progress.frames.last_mut() else { return Ok(false) };
        let Some(round) = frame.round.as_mut() else { return Ok(false) };
        if round.index < round.items.len() {
            round.results.push(std::mem::take(&mut self.progress.content));
            round.index += 1;
        }
        if round.index < round.items.len() {
            frame.queue = self.walk.graph.starts_inside(&round.node).into();
            frame.finished.clear();
            frame.waiting.clear();
            frame.said.clear();
            frame.turns = 0;
            let node = round.node.clone();
            self.forget_jumps_inside(&node);
            return Ok(true);
        }
        let done = self.progress.frames.pop().and_then(|it| it.round).unwrap_or_default();
        let Some(place) = self.walk.graph.get(&done.node) else { return Ok(true) };
        let text = done.results.join("\n");
        let graph = self.walk.graph;
        self.position = Some(rerun::position_of_iteration(&self.progress, graph, &done));
        let mut output = Map::new();
        output.insert("iterationResults".to_owned(), done.results.into());
        output.insert("content".to_owned(), text.clone().into());
        self.progress.content = text;
        self.inside = true;
        let how = How { tries: 1, fallback: None, pinned: false };
        self.record(place, done.input, output, None, "FINISHED", &how);
        if let Some(frame) = self.progress.frames.last_mut() {
            // `advance` takes the present node from the queue.
            frame.queue.push_front(place.id.clone());
        }
        self.advance(place, &Next::Onward)?;
        self.walk.tell_turn(place, "FINISHED", None).await;
        let told = self.records_told().into_iter().collect();
        self.keep(ExecutionState::InProgress, None, told).await?;
        Ok(true)
    }
}
