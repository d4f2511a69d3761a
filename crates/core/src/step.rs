//! Agentflows: what a node does when its turn comes, and what the run is told of it.
//!
//! A chatflow builds its nodes into one another; an agentflow takes them one after the other. A node
//! of an agentflow hands on a [`Step`] ([`Capability::Step`]), built anew for each turn because the
//! texts of its form are filled from what ran before.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Capability, Error, Events, Result, Run, Spec};

/// A node of an agentflow, filled in for one turn.
#[async_trait]
pub trait Step: Send + Sync {
    /// Does its work. Dropping the future ends it.
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken>;
}

/// What a step knows of the run when its turn comes.
#[derive(Clone, Copy)]
pub struct Turn<'a> {
    /// The call. Its events reach the caller only where this step ends its path ([`Turn::speaks`]);
    /// otherwise they are silent.
    pub run: &'a Run,
    /// Tells the caller what every step tells, whether it ends its path or not.
    pub tells: &'a Events,
    /// Whether the step's words are an answer: no wire leads on from it.
    pub speaks: bool,
    /// Id of the node.
    pub node_id: &'a str,
    /// Label of the node on the canvas.
    pub node_label: &'a str,
    /// The flow's state before this turn.
    pub state: &'a Map<String, Value>,
    /// Earlier turns of the conversation, as `{role, content}`; none where the flow forgets them.
    pub past: &'a [Value],
    /// What the nodes of this run said so far, as `{role, content, name?, …}`.
    pub said: &'a [Value],
    /// What was filled into the flow's form.
    pub form: Option<&'a Map<String, Value>>,
    /// The request that started the run, as `{body, headers, query}`.
    pub webhook: Option<&'a Value>,
    /// What a person answered; only for the node that asked.
    pub answer: Option<&'a HumanAnswer>,
    /// The record of this node's turn that stopped for a person; only with [`Turn::answer`].
    pub waited: Option<&'a Value>,
    /// How often this node has sent the run back.
    pub jumps: u32,
    /// Whether it runs once per entry of a list, where nobody can be asked.
    pub inside_iteration: bool,
    /// The flow around it.
    pub flow: &'a dyn FlowView,
}

/// The flow as one of its steps sees it.
#[async_trait]
pub trait FlowView: Send + Sync {
    /// Builds the node called `name`, filled in as `config`: how a model, a tool or a store that was
    /// chosen inside a node's form comes to life. `config` is the saved sub-form, with the chosen
    /// credential in it.
    async fn build(&self, name: &str, config: &Map<String, Value>) -> Result<Capability>;
    /// The same with something plugged into the socket of this name: a vector store with the
    /// embeddings that were chosen beside it.
    async fn build_with(
        &self,
        name: &str,
        config: &Map<String, Value>,
        plugged: (&str, Capability),
    ) -> Result<Capability> {
        let (_, (socket, _)) = (config, plugged);
        Err(Error::Unsupported(format!("nothing can be plugged into {socket} of {name} here")))
    }
    /// What the canvas shows of the node kind `name`.
    fn spec(&self, name: &str) -> Option<&'static Spec>;
    /// Label of the node `id` of this flow.
    fn node_label(&self, id: &str) -> Option<&str>;
}

/// What the caller of a run that waits is shown: two buttons, and the node (id and label) and its
/// input that they decide on. `id` is the question's own.
pub fn approval(id: &str, node: (&str, &str), input: &Map<String, Value>) -> Value {
    let (node, label) = node;
    json!({
        "id": id,
        "mapping": {"approve": "Proceed", "reject": "Reject"},
        "elements": [
            {"type": "agentflowv2-approve-button", "label": "Proceed"},
            {"type": "agentflowv2-reject-button", "label": "Reject"},
        ],
        "data": {"nodeId": node, "nodeLabel": label, "input": input},
    })
}

/// What a person answered to a run that waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HumanAnswer {
    /// `proceed` or `reject`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The node that asked; the last one that did, where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_node_id: Option<String>,
    /// Words with the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<String>,
}

impl HumanAnswer {
    /// Whether the run may go on as proposed.
    pub fn proceeds(&self) -> bool {
        self.kind == "proceed"
    }
}

/// What a turn came to. Becomes the `data` of its record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// What the step worked on, as the record shows it.
    pub input: Map<String, Value>,
    /// What came of it. `content` is the text that other nodes and the answer use.
    pub output: Map<String, Value>,
    /// What it adds to the run's conversation; `None` where the kind of node never adds to it.
    pub said: Option<Vec<Value>>,
    /// Changes of the flow's state; values may name `{{ output }}` and its parts.
    pub updates: Vec<StateUpdate>,
    /// The flow's state to begin with; only a start gives one.
    pub begins: Option<Begins>,
    /// Where the run goes from here.
    pub next: Next,
}

impl Taken {
    /// A turn whose whole output is a text.
    pub fn text(input: Map<String, Value>, content: impl Into<String>) -> Self {
        let mut output = Map::new();
        output.insert("content".to_owned(), Value::String(content.into()));
        Self { input, output, ..Self::default() }
    }
}

/// One row of a node's *Update Flow State*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateUpdate {
    /// Key of the state.
    pub key: String,
    /// Its new value.
    pub value: Value,
}

/// How a run begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Begins {
    /// The state that the flow declares.
    pub state: Map<String, Value>,
    /// Whether the state of the conversation's last run goes on.
    pub persists_state: bool,
    /// Whether earlier turns of the conversation are left out.
    pub forgets: bool,
}

/// Where a run goes after a turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Next {
    /// Along every wire.
    #[default]
    Onward,
    /// Along the wires of these outputs only.
    Ways(Vec<usize>),
    /// Back to the node of this id.
    Back(String),
    /// Nowhere: the path ends with a text that is told after the record.
    Ends,
    /// Nowhere until a person has answered; what the caller is shown.
    Wait(Value),
    /// Through the nodes inside, once per entry.
    Each(Vec<Value>),
}
