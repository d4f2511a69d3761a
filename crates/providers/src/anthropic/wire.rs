//! What comes over the wire, as types: events of a stream and whole answers alike.

use flowstone_core::Usage;
use serde::Deserialize;
use serde_json::{Map, Value};

/// An event of a stream, or a whole answer.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Piece {
    /// The answer begins.
    MessageStart {
        #[serde(default)]
        message: Head,
    },
    /// A block begins; it may hold its content already.
    ContentBlockStart { index: usize, content_block: Map<String, Value> },
    /// A block goes on.
    ContentBlockDelta { index: usize, delta: Delta },
    /// The answer is about to end.
    MessageDelta {
        #[serde(default)]
        delta: Tail,
        #[serde(default)]
        usage: Option<Spent>,
    },
    /// The answer is whole.
    MessageStop,
    /// The vendor fails after the status was sent.
    Error { error: Value },
    /// A whole answer.
    Message {
        content: Vec<Map<String, Value>>,
        #[serde(flatten)]
        tail: Tail,
        #[serde(default)]
        usage: Option<Spent>,
    },
    /// Signs of life, ends of blocks, and what is to come.
    #[serde(other)]
    Other,
}

/// The head of a streamed answer.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    pub(super) usage: Option<Spent>,
}

/// Why an answer ends.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Tail {
    #[serde(default)]
    pub(super) stop_reason: Option<String>,
    /// What the vendor says of a refusal.
    #[serde(default)]
    pub(super) stop_details: Option<Value>,
}

/// A piece of a block.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub(super) enum Delta {
    /// Words of the answer.
    #[serde(rename = "text_delta")]
    Text { text: String },
    /// Arguments of a call.
    #[serde(rename = "input_json_delta")]
    Arguments { partial_json: String },
    /// Thoughts.
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    /// What proves that the thoughts are the model's own.
    #[serde(rename = "signature_delta")]
    Signature { signature: String },
    /// A place that the answer cites.
    #[serde(rename = "citations_delta")]
    Citation { citation: Value },
    /// What is to come.
    #[serde(other)]
    Other,
}

/// Tokens spent. A stream tells it twice, the second time in part.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Spent {
    #[serde(default)]
    input_tokens: Option<u64>,
    #[serde(default)]
    output_tokens: Option<u64>,
    #[serde(default)]
    cache_creation_input_tokens: Option<u64>,
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    output_tokens_details: Option<Details>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Details {
    #[serde(default)]
    thinking_tokens: Option<u64>,
}

impl Spent {
    /// What was told before, as far as nothing newer was.
    pub(super) fn after(self, before: Option<Self>) -> Self {
        let before = before.unwrap_or_default();
        Self {
            input_tokens: self.input_tokens.or(before.input_tokens),
            output_tokens: self.output_tokens.or(before.output_tokens),
            cache_creation_input_tokens: self
                .cache_creation_input_tokens
                .or(before.cache_creation_input_tokens),
            cache_read_input_tokens: self
                .cache_read_input_tokens
                .or(before.cache_read_input_tokens),
            output_tokens_details: self.output_tokens_details.or(before.output_tokens_details),
        }
    }
}

impl From<Spent> for Usage {
    /// The wire counts what is written to the cache and read from it apart from the rest.
    fn from(spent: Spent) -> Self {
        let cached = spent.cache_read_input_tokens.unwrap_or_default();
        let kept = spent.cache_creation_input_tokens.unwrap_or_default();
        let thoughts = spent.output_tokens_details.and_then(|it| it.thinking_tokens);
        Self {
            input_tokens: spent.input_tokens.unwrap_or_default() + kept + cached,
            output_tokens: spent.output_tokens.unwrap_or_default(),
            cached_tokens: cached,
            reasoning_tokens: thoughts.unwrap_or_default(),
        }
    }
}
