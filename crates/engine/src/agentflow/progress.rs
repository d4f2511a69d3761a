//! How far a run has come: everything that is needed to go on, and nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use flowstone_core::HumanAnswer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Spent;

/// How far a run has come. Nodes are named by their ids, since the flow may have been changed
/// between two turns of a run that waited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Progress {
    /// The flow's state.
    pub state: Map<String, Value>,
    /// What was filled into the flow's form.
    pub form: Option<Map<String, Value>>,
    /// The request that started the run.
    pub webhook: Option<Value>,
    /// What was asked.
    pub question: String,
    /// Whether earlier turns of the conversation are left out.
    pub forgets: bool,
    /// Turns taken so far.
    pub turns: u32,
    /// How often each node has sent the run back.
    pub(crate) jumps: BTreeMap<String, u32>,
    /// The counter of the node that sent the run back most recently.
    pub(crate) loop_count: u32,
    /// The flow itself, and above it the iterations that the run is inside of.
    pub(crate) frames: Vec<Frame>,
    /// The text of the turn that ended last.
    pub(crate) content: String,
    /// A node that must not run twice and had begun when this was kept.
    pub begun: Option<String>,
    /// What a person answered, until the node that asked has had its turn.
    pub answer: Option<HumanAnswer>,
    /// What the person said as they let the run go on, as the chat shows it.
    pub reply: Option<String>,
    /// The key of the request that the last answer came with, where it had one: sent again, it is told
    /// what came of it.
    pub answer_key: Option<String>,
    /// What it has spent.
    pub spent: Spent,
    /// It stopped before the next node, as it was told to.
    pub paused: bool,
    /// How many earlier turns of the conversation there were when it stopped so: what the chat was
    /// told of the stop is no turn for the nodes behind it.
    pub heard: Option<usize>,
    /// The next node is run though the run is to stop before it.
    pub passes: bool,
    /// How often the run was taken up again since a turn was kept last.
    pub restarts: u32,
}

/// One level of nodes: the flow, or the inside of an iteration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Frame {
    /// Nodes whose turn comes, in order.
    pub(crate) queue: VecDeque<String>,
    /// Nodes that have had their turn, for those that wait for several.
    pub(crate) finished: BTreeSet<String>,
    /// Nodes that a wire has led to, and that wait for others.
    pub(crate) waiting: BTreeSet<String>,
    /// Turns taken on this level, in an iteration in this round.
    pub(crate) turns: u32,
    /// What the nodes of this level said.
    pub(crate) said: Vec<Value>,
    /// The iteration that this level is the inside of.
    pub(crate) round: Option<Round>,
}

/// Where an iteration stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Round {
    /// The iteration.
    pub(crate) node: String,
    /// How many records there were when it began.
    pub(crate) began: usize,
    /// What it worked on, as its record will show it.
    pub(crate) input: Map<String, Value>,
    /// All entries.
    pub(crate) items: Vec<Value>,
    /// The present one.
    pub(crate) index: usize,
    /// The texts of those before it.
    pub(crate) results: Vec<String>,
}

impl Round {
    /// What nodes inside read of the present entry, as their records show it.
    pub(crate) fn context(&self, session: &str) -> Value {
        serde_json::json!({
            "index": self.index,
            "value": self.items.get(self.index),
            "isFirst": self.index == 0,
            "isLast": self.index + 1 == self.items.len(),
            "sessionId": session,
        })
    }
}

impl Progress {
    /// A run whose first turn is `node`'s.
    pub fn starting(node: &str, question: &str) -> Self {
        let frame = Frame { queue: VecDeque::from([node.to_owned()]), ..Frame::default() };
        Self { frames: vec![frame], question: question.to_owned(), ..Self::default() }
    }

    /// Counts a turn that begins.
    pub(crate) fn begin_turn(&mut self) {
        self.turns += 1;
        if let Some(frame) = self.frames.last_mut() {
            frame.turns += 1;
        }
    }

    /// The node whose turn it is.
    pub fn next(&self) -> Option<&str> {
        self.frames.last()?.queue.front().map(String::as_str)
    }

    /// The answer so far; clients take an empty one for none at all.
    pub fn text(&self) -> String {
        if self.content.is_empty() { " ".to_owned() } else { self.content.clone() }
    }

    /// Whether the run is inside of no iteration.
    pub(crate) fn is_outside(&self) -> bool {
        self.frames.len() <= 1
    }

    /// Readies a run that stopped before a node, as it was told to: the node stays next.
    pub fn resume_paused(&mut self, answer: HumanAnswer) {
        self.answer = Some(answer);
    }

    /// Readies a run that waited: the node that asked is next, with what it was answered, and what
    /// was said before the wait has become part of the stored conversation.
    pub fn resume_at(&mut self, node: &str, answer: HumanAnswer) {
        self.answer = Some(answer);
        self.heard = None;
        let Some(frame) = self.frames.first_mut() else { return };
        frame.queue.retain(|it| it != node);
        frame.queue.push_front(node.to_owned());
        frame.said.clear();
        self.jumps.remove(node);
    }
}
