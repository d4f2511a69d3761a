//! Agentflows of the first version: what their nodes hand on is put together to a graph and walked.
//!
//! A sequential flow goes from its Start along the wires, and a loop goes back by name; a team goes
//! from its leader to the worker that the leader chose and back. Members that are next at the same
//! time act side by side on the same state, and what they change is taken up in their order.

mod answer;
mod graph;
mod progress;
mod walk;

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Output, Result, Run, Runnable, sequence::Member};

use crate::{Error, trace::At};
pub(crate) use graph::Graph;

/// A member at its place in the flow.
pub(crate) struct Seat {
    /// Its node.
    pub(crate) at: At,
    /// What it does.
    pub(crate) member: Arc<Member>,
}

/// A wire between two members, by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wire {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Name of the output it comes from, which tells the ways of a fork apart.
    pub(crate) way: String,
}

/// A flow of members, ready to answer.
pub(crate) struct Sequence(Graph);

impl Sequence {
    /// Puts the members together.
    ///
    /// # Errors
    /// What is wrong with the flow, by the labels on the canvas.
    pub(crate) fn new(seats: Vec<Seat>, wires: &[Wire]) -> Result<Self, Error> {
        Graph::new(seats, wires).map(Self)
    }
}

#[async_trait]
impl Runnable for Sequence {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        if let Some(refusal) = answer::refusal(&self.0, input, run).await? {
            return Ok(refusal);
        }
        walk::Walk::begin(&self.0, input, run).await?.run().await
    }
}

#[cfg(test)]
mod tests;
