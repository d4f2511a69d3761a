//! Nodes that remember a conversation.

pub(crate) mod agent_memory;
pub(crate) mod buffer_memory;
pub(crate) mod buffer_window_memory;
mod checkpoints;
pub(crate) mod conversation_summary_buffer_memory;
pub(crate) mod conversation_summary_memory;
pub(crate) mod dynamodb_chat_memory;
pub(crate) mod mem0;
pub(crate) mod mongodb_atlas_chat_memory;
#[cfg(feature = "sql")]
pub(crate) mod my_sql_agent_memory;
#[cfg(feature = "sql")]
pub(crate) mod postgres_agent_memory;
pub(crate) mod redis_backed_chat_memory;
pub(crate) mod sqlite_agent_memory;
mod stored;
pub(crate) mod summary;
pub(crate) mod upstash_redis_backed_chat_memory;
mod zep;
pub(crate) mod zep_memory;
pub(crate) mod zep_memory_cloud;

use flowstone_core::{Input, Run};

/// The conversation to follow, where it is not that of the call.
pub(crate) const SESSION_ID: Input<Option<String>> = Input::text("Session Id", "sessionId")
    .default("")
    .describe("The conversation to remember. That of the call where it is empty")
    .additional()
    .optional();

/// Name under which prompts refer to the conversation.
pub(crate) const MEMORY_KEY: Input<String> = Input::text("Memory Key", "memoryKey")
    .default("chat_history")
    .describe("Prompts may name the conversation by this, in single braces")
    .additional();

/// The conversation of a run: that of the form, where it names one.
fn session<'a>(fixed: Option<&'a str>, run: &'a Run) -> &'a str {
    fixed.unwrap_or(&run.session_id)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vendor_tests;
