//! Nodes of agentflows: each is one step of a run.

pub(crate) mod agent;
mod approval;
pub(crate) mod condition;
pub(crate) mod condition_agent;
mod conversation;
#[cfg(feature = "javascript")]
pub(crate) mod custom_function;
pub(crate) mod direct_reply;
pub(crate) mod execute_flow;
mod hosted_files;
pub(crate) mod http;
pub(crate) mod human_input;
pub(crate) mod iteration;
mod knowledge;
mod lists;
pub(crate) mod llm;
pub(crate) mod loop_back;
mod memory;
mod model;
pub(crate) mod retriever;
mod rows;
pub(crate) mod start;
pub(crate) mod sticky_note;
mod stores;
pub(crate) mod structured;
mod time_zones;
pub(crate) mod tool;
mod tool_turns;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tool_tests;
#[cfg(test)]
mod upload_tests;
