//! Nodes that decide themselves which tools to use.

pub(crate) mod anthropic_agent_llama_index;
pub(crate) mod conversational_agent;
pub(crate) mod conversational_retrieval_tool_agent;
mod json_actions;
mod llama_index;
pub(crate) mod openai_assistant;
pub(crate) mod openai_tool_agent_llama_index;
mod react;
pub(crate) mod react_agent_chat;
pub(crate) mod react_agent_llm;
mod text_loop;
pub(crate) mod tool_agent;
mod turn_agent;
pub(crate) mod xml_agent;

use std::sync::Arc;

use flowstone_core::{Input, Memory, Tool};

/// The tools of the older agents.
const ALLOWED_TOOLS: Input<Vec<Arc<dyn Tool>>> = Input::sockets("Allowed Tools", "tools", "Tool");

/// The memory that agents keep a conversation in.
const CHAT_MEMORY: Input<Arc<dyn Memory>> = Input::socket("Memory", "memory", "BaseChatMemory");

#[cfg(test)]
mod tests;
