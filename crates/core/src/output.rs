//! What a run ends with.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Document, Usage};

/// The result of a chain, an agent or another ending node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    /// The answer itself.
    pub answer: Answer,
    /// Passages the answer stands on.
    pub source_documents: Option<Vec<Document>>,
    /// Tools that were called, in order.
    pub used_tools: Vec<UsedTool>,
    /// Files and pictures that tools made.
    pub artifacts: Vec<Value>,
    /// Places in files that the answer cites.
    pub file_annotations: Vec<Value>,
    /// Variables of the run that the flow's author wants told with the answer.
    pub flow_variables: Map<String, Value>,
    /// What the model thought, where the vendor shows it.
    pub reasoning: String,
    /// Tokens spent by all model calls of the run.
    pub usage: Usage,
    /// The turns of an agentflow of the first version; nothing for any other flow.
    pub agent_reasoning: Option<Vec<Value>>,
    /// What a person is asked before such a flow goes on.
    pub action: Option<Value>,
}

impl Output {
    /// A plain answer.
    pub fn text(text: impl Into<String>) -> Self {
        Self { answer: Answer::Text(text.into()), ..Self::default() }
    }
}

/// Text, or an object where an output parser asked for one.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Prose.
    Text(String),
    /// Parsed data.
    Json(Value),
}

impl Default for Answer {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Answer {
    /// The answer as text; data as JSON.
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Json(value) => value.to_string(),
        }
    }
}

/// One call of a tool, as clients see it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsedTool {
    /// Its name.
    pub tool: String,
    /// The arguments.
    pub tool_input: Value,
    /// What it gave back.
    pub tool_output: Value,
    /// Passages it found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source_documents: Vec<Document>,
    /// Files it made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Value>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
