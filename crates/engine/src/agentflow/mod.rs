//! Agentflows: nodes that run one after the other along the wires, with a record of every turn.
//!
//! Where a chatflow is built into one runnable, an agentflow is walked: [`Graph`] is what may be
//! walked, [`Progress`] is how far a run has come (and all that is needed to go on elsewhere),
//! [`Walk`] takes the turns, and a [`Journal`] keeps each of them before the next one begins.

mod editor_text;
mod ends;
mod envelope;
mod graph;
mod iterations;
mod joins;
mod journal;
mod pins;
mod progress;
mod reference;
mod rerun;
mod spending;
mod values;
mod view;
mod walk;

pub use graph::Graph;
pub use journal::{Checkpoint, ExecutionState, Journal, Unkept};
pub use progress::Progress;
pub use rerun::{Past, visits};
pub use spending::{Price, Spent};
pub use walk::{Begin, MOST_TURNS, Stop, Walk, WalkEnd};

#[cfg(test)]
mod tests;
