//! When a node that several wires lead to has its turn.

use super::{Graph, graph::Group, progress::Frame, walk::Way};

/// Puts a node at the end of the queue, if all that it waits for has finished.
pub(super) fn queue(graph: &Graph, frame: &mut Frame, target: usize) {
    let place = &graph.places[target];
    if frame.queue.contains(&place.id) {
        return;
    }
    if place.needs.iter().all(|group| is_met(graph, frame, group)) {
        frame.waiting.remove(&place.id);
        frame.queue.push_back(place.id.clone());
    } else {
        frame.waiting.insert(place.id.clone());
    }
}

/// Whether one of the group has finished.
fn is_met(graph: &Graph, frame: &Frame, group: &Group) -> bool {
    group.parents.iter().any(|at| frame.finished.contains(&graph.places[*at].id))
}

impl Way<'_, '_> {
    /// With nothing left to do on this level, queues the first node that waits only for what lies
    /// below decisions the run never came to: no more can come from there. Whether there was one.
    pub(super) fn queue_cut_off(&mut self) -> bool {
        let graph = self.walk.graph;
        let Some(frame) = self.progress.frames.last_mut() else { return false };
        let never = |group: &Group| {
            group.below.is_some_and(|at| !frame.finished.contains(&graph.places[at].id))
        };
        let free = graph.places.iter().find(|place| {
            let is_free = |group: &Group| is_met(graph, frame, group) || never(group);
            frame.waiting.contains(&place.id) && place.needs.iter().all(is_free)
        });
        let Some(place) = free else { return false };
        frame.waiting.remove(&place.id);
        frame.queue.push_back(place.id.clone());
        true
    }
}
