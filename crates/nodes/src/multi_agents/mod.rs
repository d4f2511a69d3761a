//! Nodes of the first agentflows: a supervisor and its workers.

pub(crate) mod supervisor;
pub(crate) mod worker;

#[cfg(test)]
mod tests;
