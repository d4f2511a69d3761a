//! What models are asked and what they answer, in no vendor's dialect.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::UsedTool;

/// Who speaks in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions of the flow's author.
    System,
    /// The person who asks.
    User,
    /// The model.
    Assistant,
    /// The result of a tool the model called.
    Tool,
}

/// A turn of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// The text of it.
    pub text: String,
    /// Pictures shown with the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// Calls the model asks for; only on assistant turns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Which call a tool turn answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// What the vendor wants back with this turn, unread by anybody else: the signatures of its
    /// thoughts. Only on assistant turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Value>,
}

impl Message {
    /// A plain text turn.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            text: text.into(),
            images: Vec::new(),
            tool_calls: Vec::new(),
            tool_call_id: None,
            signed: None,
        }
    }
    /// Instructions.
    pub fn system(text: impl Into<String>) -> Self {
        Self::new(Role::System, text)
    }
    /// A question.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new(Role::User, text)
    }
    /// An answer.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new(Role::Assistant, text)
    }
    /// The result of the tool call `id`.
    pub fn tool(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self { tool_call_id: Some(id.into()), ..Self::new(Role::Tool, text) }
    }
}

/// A conversation as one text, as prompts quote it.
pub fn transcript(turns: &[Message]) -> String {
    let lines = turns.iter().map(|turn| {
        let speaker = match turn.role {
            Role::System => "System",
            Role::User => "Human",
            Role::Assistant => "Assistant",
            Role::Tool => "Tool",
        };
        format!("{speaker}: {}", turn.text)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A picture shown to a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// `data:image/…;base64,…` or an `https:` address.
    pub url: String,
    /// `low`, `high` or `auto`, where the vendor offers the choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A call the model asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Ties the result to the call.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// JSON text of the arguments, exactly as the model wrote it: it may be malformed.
    pub arguments: String,
}

/// A tool as a model is told of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// `[A-Za-z0-9_-]{1,64}`.
    pub name: String,
    /// When to use it.
    pub description: String,
    /// JSON Schema of the arguments object.
    pub parameters: Value,
}

/// One question to a model.
#[derive(Clone, Debug, Default)]
pub struct ChatRequest {
    /// The conversation so far, the newest turn last.
    pub messages: Vec<Message>,
    /// Tools the model may call.
    pub tools: Vec<ToolSpec>,
    /// JSON Schema (object) the answer must follow; the model's native way is used where it has one.
    pub schema: Option<Value>,
    /// Texts that end the answer, on top of the node's own.
    pub stop: Vec<String>,
    /// Tools that run at the vendor.
    pub hosted: Vec<HostedTool>,
}

impl ChatRequest {
    /// A conversation without tools.
    pub fn new(messages: Vec<Message>) -> Self {
        Self { messages, ..Self::default() }
    }
}

/// A model's whole answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChatReply {
    /// The text.
    pub text: String,
    /// What it thought before, where the vendor shows it.
    pub reasoning: String,
    /// Calls it asks for.
    pub tool_calls: Vec<ToolCall>,
    /// What it cost, where the vendor tells.
    pub usage: Option<Usage>,
    /// `stop`, `length`, `tool_calls`, `content_filter` or the vendor's own word.
    pub finish_reason: Option<String>,
    /// What the vendor wants back with this turn; see [`Message::signed`].
    pub signed: Option<Value>,
    /// What tools that run at the vendor did for the answer.
    #[serde(default, skip_serializing_if = "Hosted::is_empty")]
    pub hosted: Hosted,
    /// What else the vendor said of the answer, by its own names, such as `id` and `usage`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub facts: Map<String, Value>,
}

impl ChatReply {
    /// The same as a turn of the conversation.
    pub fn to_message(&self) -> Message {
        Message {
            tool_calls: self.tool_calls.clone(),
            signed: self.signed.clone(),
            ..Message::assistant(self.text.clone())
        }
    }
}

/// A tool that runs at the vendor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostedTool {
    /// What the vendor calls it.
    pub name: String,
    /// What the vendor is told with it, in its own words: files to look into, for one.
    pub settings: Map<String, Value>,
}

impl<Name: Into<String>> From<Name> for HostedTool {
    /// The tool as it is where nothing is said of it.
    fn from(name: Name) -> Self {
        Self { name: name.into(), settings: Map::new() }
    }
}

/// What tools that run at the vendor did for an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hosted {
    /// Their calls, in order.
    #[serde(default)]
    pub used: Vec<UsedTool>,
    /// Files that they made.
    #[serde(default)]
    pub files: Vec<HostedFile>,
}

impl Hosted {
    /// Whether none was called.
    pub fn is_empty(&self) -> bool {
        self.used.is_empty() && self.files.is_empty()
    }
}

/// A file that a tool made at the vendor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostedFile {
    /// Its name there.
    pub name: String,
    /// Its content in base64.
    pub base64: String,
    /// How the answer's text names it, where it does.
    #[serde(default)]
    pub link: Option<String>,
}

/// Tokens spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written, thoughts included.
    pub output_tokens: u64,
    /// Of those read, how many came from the vendor's cache.
    pub cached_tokens: u64,
    /// Of those written, how many were thoughts.
    pub reasoning_tokens: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cached_tokens += other.cached_tokens;
        self.reasoning_tokens += other.reasoning_tokens;
    }
}
