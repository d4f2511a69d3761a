//! What comes over the wire, as types: pieces of a stream and whole answers are alike.

use flowstone_core::Usage;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A piece of a stream, or a whole answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Piece {
    #[serde(default)]
    pub(super) candidates: Vec<Candidate>,
    /// Why the question was refused, where it was.
    #[serde(default)]
    pub(super) prompt_feedback: Option<Feedback>,
    #[serde(default)]
    pub(super) usage_metadata: Option<Spent>,
    /// Set where the vendor fails after the status was sent.
    #[serde(default)]
    pub(super) error: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate {
    #[serde(default)]
    pub(super) content: Content,
    #[serde(default)]
    pub(super) finish_reason: Option<String>,
    #[serde(default)]
    pub(super) finish_message: Option<String>,
    /// What was searched for and found; each piece tells all of it.
    #[serde(default)]
    pub(super) grounding_metadata: Option<Value>,
    /// Which pages were read.
    #[serde(default)]
    pub(super) url_context_metadata: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Content {
    /// They go back as they came, so nothing of them may be lost.
    #[serde(default)]
    pub(super) parts: Vec<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback {
    #[serde(default)]
    pub(super) block_reason: Option<String>,
    #[serde(default)]
    pub(super) block_reason_message: Option<String>,
}

/// Tokens spent so far; each piece of a stream tells it anew.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Spent {
    prompt_token_count: u64,
    tool_use_prompt_token_count: u64,
    cached_content_token_count: u64,
    candidates_token_count: u64,
    thoughts_token_count: u64,
}

impl From<Spent> for Usage {
    /// The wire counts thoughts apart from the answer.
    fn from(spent: Spent) -> Self {
        Self {
            input_tokens: spent.prompt_token_count + spent.tool_use_prompt_token_count,
            output_tokens: spent.candidates_token_count + spent.thoughts_token_count,
            cached_tokens: spent.cached_content_token_count,
            reasoning_tokens: spent.thoughts_token_count,
        }
    }
}
