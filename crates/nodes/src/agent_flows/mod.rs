//! Nodes of agentflows: each is one step of a run.

mod approval;
pub(crate) mod condition;
mod conversation;
#[cfg(feature = "javascript")]
pub(crate) mod custom_function;
pub(crate) mod direct_reply;
pub(crate) mod human_input;
pub(crate) mod iteration;
mod lists;
pub(crate) mod llm;
pub(crate) mod loop_back;
mod memory;
mod model;
mod rows;
pub(crate) mod start;
pub(crate) mod sticky_note;
mod structured;
mod time_zones;

#[cfg(test)]
mod tests;
