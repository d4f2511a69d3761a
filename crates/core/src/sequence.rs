//! Agentflows of the first version: members who act on one shared state, one after the other or side
//! by side, and what they give each other.
//!
//! The nodes are built into one another as those of a chatflow are, so that a model or a tool is
//! plugged in as anywhere else; each hands on a [`Member`] ([`Capability::Member`]), and the engine
//! walks them.
//!
//! [`Capability::Member`]: crate::Capability::Member

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    ChatModel, Document, Message, Moderation, Result, Role, Run, Tool, ToolCall, UsedTool,
};

/// A node of an agentflow of the first version.
pub struct Member {
    /// Id of its node.
    pub node_id: String,
    /// Name of its node's kind.
    pub kind: &'static str,
    /// What routes call it: [`routing_name`] of its label. Empty where no route leads to it.
    pub name: String,
    /// What its author calls it.
    pub label: String,
    /// What it does.
    pub duty: Duty,
    /// The model of those after it that have none of their own.
    pub model: Option<Arc<dyn ChatModel>>,
}

/// What a member does.
pub enum Duty {
    /// Begins the run.
    Begins(Opening),
    /// Says what the shared state holds.
    Shapes(Arc<dyn Channels>),
    /// Takes a turn.
    Acts(Arc<dyn Acts>),
    /// Runs the tools that the member before it calls; [`Acts::act`] is that.
    Serves(Arc<dyn Acts>),
    /// Chooses which way the run goes.
    Chooses(Arc<dyn Chooses>),
    /// Sends the run back to the member of this name.
    GoesBack(String),
    /// Ends the path.
    Ends,
    /// Chooses which of its workers acts next, until it has finished.
    Leads {
        /// What its turns are.
        acts: Arc<dyn Leads>,
        /// How its runs begin.
        opening: Opening,
        /// How many turns a run may take.
        most_turns: u64,
    },
    /// Acts for the leader of this node.
    Works {
        /// What its turns are.
        acts: Arc<dyn Acts>,
        /// Id of the leader's node.
        leader: String,
    },
}

/// How runs begin.
#[derive(Clone, Default)]
pub struct Opening {
    /// Judge the question first.
    pub moderations: Vec<Arc<dyn Moderation>>,
    /// What the state holds beside the conversation; nothing where this is empty.
    pub channels: Option<Arc<dyn Channels>>,
    /// Keeps the state from one question to the next.
    pub checkpoints: Option<Arc<dyn Checkpoints>>,
}

/// A turn of a member.
#[async_trait]
pub trait Acts: Send + Sync {
    /// Takes it. Dropping the future ends it.
    async fn act(&self, scene: &Scene<'_>) -> Result<Acted>;

    /// Runs the tools that the last message of the conversation calls, after a person agreed.
    async fn call_tools(&self, scene: &Scene<'_>) -> Result<Acted> {
        let _ = scene;
        Ok(Acted::default())
    }

    /// The tools it runs.
    fn tools(&self) -> &[Arc<dyn Tool>] {
        &[]
    }

    /// What a person is asked before its tools run; `None` where nobody is.
    fn approval(&self) -> Option<&Approval> {
        None
    }
}

/// A turn of a leader.
#[async_trait]
pub trait Leads: Send + Sync {
    /// Chooses the worker who acts next by `names`, or none: [`Acted::next`].
    async fn lead(&self, names: &[&str], scene: &Scene<'_>) -> Result<Acted>;
}

/// A fork.
#[async_trait]
pub trait Chooses: Send + Sync {
    /// Name of the way the run goes.
    async fn choose(&self, scene: &Scene<'_>) -> Result<String>;
}

/// What the shared state holds beside the conversation, and how changes are taken up.
#[async_trait]
pub trait Channels: Send + Sync {
    /// The values that a state begins with, by their keys.
    async fn begin(&self, run: &Run) -> Result<Map<String, Value>>;
    /// Takes up changes, whose keys are all there.
    async fn merge(
        &self,
        values: &mut Map<String, Value>,
        changes: Map<String, Value>,
        run: &Run,
    ) -> Result<()>;
}

/// What a person is asked before tools run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// What the model is told to ask; `{tools}` stands for the calls.
    pub prompt: String,
    /// Text of the button that agrees.
    pub approve: String,
    /// Text of the button that does not.
    pub reject: String,
}

/// What a member knows when its turn comes.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The call. Its events are silent: only the answer of the whole run is told.
    pub run: &'a Run,
    /// The conversation so far.
    pub lines: &'a [Line],
    /// What the state holds beside it.
    pub values: &'a Map<String, Value>,
    /// Tools of the members wired to it that run what it calls.
    pub tools: &'a [Arc<dyn Tool>],
}

impl Scene<'_> {
    /// `$flow`: what forms and code may read.
    pub fn flow(&self, output: Option<Value>) -> Value {
        let mut flow = self.run.flow_variables();
        if let Some(output) = output {
            flow.insert("output".to_owned(), output);
        }
        flow.insert("state".to_owned(), self.state());
        flow.into()
    }

    /// The whole state.
    pub fn state(&self) -> Value {
        let mut state = Map::new();
        state.insert("messages".to_owned(), json!(self.lines));
        state.extend(self.values.clone());
        state.into()
    }

    /// What a node said last.
    pub fn said_by(&self, node_id: &str) -> Option<&Line> {
        self.lines.iter().rev().find(|it| it.additional_kwargs.node_id == node_id)
    }
}

/// What came of a turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acted {
    /// Added to the conversation.
    pub lines: Vec<Line>,
    /// Changes of the state.
    pub changes: Map<String, Value>,
    /// Name of the worker that a leader chose.
    pub next: Option<String>,
    /// What a leader has to say at the end.
    pub answer: Option<String>,
}

impl Acted {
    /// A turn that is nothing but words.
    pub fn said(line: Line) -> Self {
        Self { lines: vec![line], ..Self::default() }
    }
}

/// Who says a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The person who asks, or an agent whose answer the others take as a task.
    #[default]
    Human,
    /// A model.
    Ai,
    /// A tool.
    Tool,
}

/// A message of the shared conversation, as code of the flow's author reads it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Who says it.
    #[serde(rename = "type")]
    pub speaker: Speaker,
    /// The words.
    #[serde(default)]
    pub content: String,
    /// Name of the member or the tool.
    #[serde(default)]
    pub name: String,
    /// Where it comes from and what came with it.
    #[serde(default)]
    pub additional_kwargs: Extras,
    /// Calls the model asks for, as `{name, args, id, type}`.
    #[serde(default)]
    pub tool_calls: Vec<Value>,
    /// Which call a tool answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// What the vendor wants back with it; see [`Message::signed`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Value>,
}

/// What comes with a line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Extras {
    /// The node that said it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub node_id: String,
    /// Tools it stands on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_tools: Option<Vec<UsedTool>>,
    /// Passages it stands on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_documents: Option<Vec<Document>>,
    /// Files that were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifacts: Option<Vec<Value>>,
    /// A person did not let the tool run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tool_calls_denied: bool,
}

impl Line {
    /// Words of `speaker`.
    pub fn new(speaker: Speaker, content: impl Into<String>) -> Self {
        Self { speaker, content: content.into(), ..Self::default() }
    }

    /// The same from a node.
    #[must_use]
    pub fn by(mut self, node_id: &str, name: &str) -> Self {
        node_id.clone_into(&mut self.additional_kwargs.node_id);
        name.clone_into(&mut self.name);
        self
    }

    /// A model's turn.
    pub fn of_model(turn: &Message) -> Self {
        let calls = turn.tool_calls.iter().map(|call| {
            let args = serde_json::from_str::<Value>(&call.arguments).ok();
            let args = args.filter(Value::is_object).unwrap_or_else(|| {
                let is_empty = call.arguments.trim().is_empty();
                if is_empty { json!({}) } else { call.arguments.clone().into() }
            });
            json!({"name": call.name, "args": args, "id": call.id, "type": "tool_call"})
        });
        Self {
            tool_calls: calls.collect(),
            signed: turn.signed.clone(),
            ..Self::new(Speaker::Ai, turn.text.clone())
        }
    }

    /// The calls it asks for.
    pub fn calls(&self) -> Vec<ToolCall> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let calls = self.tool_calls.iter().map(|call| ToolCall {
            id: text(&call["id"]),
            name: text(&call["name"]),
            arguments: match &call["args"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            },
        });
        calls.collect()
    }

    /// The same as a model is told of it.
    pub fn to_message(&self) -> Message {
        let role = match self.speaker {
            Speaker::Human => Role::User,
            Speaker::Ai => Role::Assistant,
            Speaker::Tool => Role::Tool,
        };
        Message {
            tool_calls: self.calls(),
            tool_call_id: self.tool_call_id.clone(),
            signed: self.signed.clone(),
            ..Message::new(role, self.content.clone())
        }
    }
}

/// A label as routes know it: lower case, with underscores for blanks.
pub fn routing_name(label: &str) -> String {
    let blank = |it: char| if it.is_whitespace() { '_' } else { it };
    label.trim().to_lowercase().chars().map(blank).collect()
}

/// Keeps the state of conversations, each of them under the session of the run.
#[async_trait]
pub trait Checkpoints: Send + Sync {
    /// The newest of the run's conversation.
    async fn newest(&self, run: &Run) -> Result<Option<Checkpoint>>;
    /// Keeps one.
    async fn keep(&self, run: &Run, checkpoint: &Checkpoint) -> Result<()>;
    /// Removes those of the conversation with these ids; how many there were.
    async fn remove(&self, run: &Run, ids: &[String]) -> Result<u64>;
    /// Removes those of the conversation that are older than the one with this id.
    async fn remove_before(&self, run: &Run, id: &str) -> Result<()>;
    /// Forgets the run's conversation.
    async fn clear(&self, run: &Run) -> Result<()> {
        while let Some(newest) = self.newest(run).await? {
            if self.remove(run, &[newest.id]).await? == 0 {
                break;
            }
        }
        Ok(())
    }
}

/// The checkpoints of this installation's own database, as a client that
/// [`Services::get`](crate::Services::get) finds.
pub struct OwnCheckpoints(pub Arc<dyn Checkpoints>);

/// How a conversation stood after a turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// Its id; later ones sort after earlier ones.
    pub id: String,
    /// The one before it.
    pub parent: Option<String>,
    /// The state and what waits.
    pub state: Value,
    /// What is known of it: `{source, step, writes}`.
    pub metadata: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_routes_are_lower_snake_case() {
        for (label, expected) in
            [("Writer", "writer"), ("Senior  Writer ", "senior__writer"), ("a\tB", "a_b")]
        {
            assert_eq!(routing_name(label), expected);
        }
    }

    #[test]
    fn calls_of_a_model_come_back_as_they_were() {
        let call = |arguments: &str| ToolCall {
            id: "1".to_owned(),
            name: "find".to_owned(),
            arguments: arguments.to_owned(),
        };
        for (given, expected) in [(r#"{"a":1}"#, r#"{"a":1}"#), ("", "{}"), ("{\"a", "{\"a")] {
            let turn = Message { tool_calls: vec![call(given)], ..Message::assistant("") };
            assert_eq!(Line::of_model(&turn).calls(), [call(expected)]);
        }
    }
}
