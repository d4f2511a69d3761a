//! A prompt before its variables are filled in.

use serde_json::{Map, Value};

use crate::{Message, Role};

/// A template that a chain fills and sends.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// Its turns, in order. A plain text prompt is one user turn.
    pub parts: Vec<PromptPart>,
    /// Values the flow's author fixed for some variables.
    pub values: Map<String, Value>,
}

/// One turn of a prompt.
#[derive(Clone, Debug, PartialEq)]
pub enum PromptPart {
    /// Text with `{variable}` places.
    Template {
        /// Who speaks.
        role: Role,
        /// The text; `{{` and `}}` stand for single braces.
        text: String,
    },
    /// Turns that stand as they are.
    Fixed(Message),
    /// The conversation so far goes here.
    History,
}
