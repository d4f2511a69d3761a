//! A workspace as a file: written whole or in parts, and read again here or elsewhere.
//!
//! The file is the one the reference writes: an object with a list per kind of thing. Ids that are
//! taken where it is read are replaced, and with them everything that refers to them.

mod export;
mod import;
mod plan;
mod records;
mod remap;

pub(crate) use export::{Wanted, export};
pub(crate) use import::{Imported, run};
pub(crate) use plan::{Plan, plan};

/// A list in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Flows of one type.
    Flows(&'static str),
    /// Assistants of one type.
    Assistants(&'static str),
    /// Custom tools.
    Tools,
    /// Variables.
    Variables,
    /// Templates that users saved.
    Templates,
    /// Messages.
    Messages,
    /// Feedback.
    Feedback,
    /// Document stores.
    DocumentStores,
    /// Chunks of document stores.
    Chunks,
    /// Runs of agentflows with their turns.
    Executions,
}

/// Every list of the file by its key, in the order of the file, with the word that asks for it.
pub(crate) const LISTS: &[(&str, &str, Kind)] = &[
    ("AgentFlow", "agentflow", Kind::Flows("MULTIAGENT")),
    ("AgentFlowV2", "agentflowv2", Kind::Flows("AGENTFLOW")),
    ("AssistantCustom", "assistantCustom", Kind::Assistants("CUSTOM")),
    ("AssistantFlow", "assistantCustom", Kind::Flows("ASSISTANT")),
    ("AssistantOpenAI", "assistantOpenAI", Kind::Assistants("OPENAI")),
    ("AssistantAzure", "assistantAzure", Kind::Assistants("AZURE")),
    ("ChatFlow", "chatflow", Kind::Flows("CHATFLOW")),
    ("ChatMessage", "chat_message", Kind::Messages),
    ("ChatMessageFeedback", "chat_feedback", Kind::Feedback),
    ("CustomTemplate", "custom_template", Kind::Templates),
    ("DocumentStore", "document_store", Kind::DocumentStores),
    ("DocumentStoreFileChunk", "document_store", Kind::Chunks),
    ("Execution", "execution", Kind::Executions),
    ("Tool", "tool", Kind::Tools),
    ("Variable", "variable", Kind::Variables),
];
