//! Nodes that decide themselves which tools to use.

pub(crate) mod tool_agent;
