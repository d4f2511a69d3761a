//! What one call of a flow knows of itself.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Events, Message, Services};

/// One call of a flow. Everything that differs between two calls is here, so that the nodes
/// themselves can be built once and shared.
#[derive(Clone)]
pub struct Run {
    /// The workspace the flow belongs to; every port takes it.
    pub workspace: String,
    /// The flow that runs.
    pub flow_id: String,
    /// The chat it is part of.
    pub chat_id: String,
    /// The conversation that memory nodes follow.
    pub session_id: String,
    /// What was asked.
    pub question: String,
    /// Earlier turns that came with the call; they stand in for the stored ones.
    pub history: Option<Vec<Message>>,
    /// Values of `$vars`.
    pub variables: Map<String, Value>,
    /// Files that came with the question.
    pub uploads: Vec<Upload>,
    /// Further values of `$flow`, such as the answer that post-processing works on.
    pub facts: Map<String, Value>,
    /// Where the run tells what it does.
    pub events: Events,
    /// What nodes need from outside.
    pub services: Arc<Services>,
}

impl Run {
    /// `$flow`: what fields and scripts may read of the call.
    pub fn flow_variables(&self) -> Map<String, Value> {
        let mut map = self.facts.clone();
        map.insert("chatflowId".into(), self.flow_id.clone().into());
        map.insert("sessionId".into(), self.session_id.clone().into());
        map.insert("chatId".into(), self.chat_id.clone().into());
        map.insert("input".into(), self.question.clone().into());
        map
    }

    /// The same call with nobody listening, for inner steps whose words are not the answer.
    #[must_use]
    pub fn silenced(&self) -> Self {
        Self { events: Events::silent(), ..self.clone() }
    }
}

/// A file that came with a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// `file` (content in `data`), `url`, `audio`, `file:full`, `file:rag` or `stored-file…`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name the user gave it.
    #[serde(default)]
    pub name: String,
    /// A data URI, an address, or nothing for a stored file.
    #[serde(default)]
    pub data: String,
    /// Media type the client claims.
    #[serde(default)]
    pub mime: String,
}
