//! Going back in a run: where it stood before each of its turns, and how to go on from there in
//! another run.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Graph, Progress,
    progress::{Frame, Round},
    values::content,
};
use crate::template::as_text;

/// Where a run stood before a turn. State, answers and what was said are not in it: the records of
/// the turns before tell them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Position {
    /// How many records there were.
    records: usize,
    jumps: BTreeMap<String, u32>,
    loop_count: u32,
    levels: Vec<Level>,
}

/// A level of nodes, as [`Frame`] has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Level {
    queue: VecDeque<String>,
    finished: BTreeSet<String>,
    waiting: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round: Option<Stand>,
}

/// Where an iteration stood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Stand {
    node: String,
    began: usize,
    index: usize,
    /// What it worked on and its entries; only before the first turn inside of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<(Map<String, Value>, Vec<Value>)>,
}

/// Where a run stands before its next turn, as JSON.
pub(super) fn position(progress: &Progress, records: usize) -> String {
    let levels = progress.frames.iter().map(|frame| level(frame, records)).collect();
    text(records, &progress.jumps, progress.loop_count, levels)
}

/// Where a run stood before `done`, which has just ended: the levels above it have not moved since.
pub(super) fn position_of_iteration(progress: &Progress, graph: &Graph, done: &Round) -> String {
    let mut jumps = progress.jumps.clone();
    jumps.retain(|id, _| !graph.is_inside(id, &done.node));
    let mut levels: Vec<Value> =
        progress.frames.iter().map(|frame| level(frame, done.began)).collect();
    if let Some(queue) = levels.last_mut().and_then(|it| it["queue"].as_array_mut()) {
        queue.insert(0, done.node.clone().into());
    }
    text(done.began, &jumps, progress.loop_count, levels)
}

fn text(
    records: usize,
    jumps: &BTreeMap<String, u32>,
    loop_count: u32,
    levels: Vec<Value>,
) -> String {
    json!({ "records": records, "jumps": jumps, "loopCount": loop_count, "levels": levels })
        .to_string()
}

fn level(frame: &Frame, records: usize) -> Value {
    let mut level = json!({ "queue": frame.queue, "finished": frame.finished });
    if !frame.waiting.is_empty() {
        level["waiting"] = json!(frame.waiting);
    }
    if let Some(round) = &frame.round {
        level["round"] = json!({ "node": round.node, "began": round.began, "index": round.index });
        if round.began == records {
            level["round"]["given"] = json!([round.input, round.items]);
        }
    }
    level
}

/// The places of the records of `node`'s turns among `records`: its visits, in order.
pub fn visits(records: &[Arc<Value>], node: &str) -> Vec<usize> {
    let places = records.iter().enumerate().filter(|(_, it)| it["nodeId"] == node);
    places.map(|(at, _)| at).collect()
}

/// A run that is gone back into.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    /// The records of its turns.
    pub records: &'a [Arc<Value>],
    /// Where it stood before each of them, as [`super::Checkpoint::position`] said.
    pub positions: &'a [Option<String>],
    /// How far it has come.
    pub progress: &'a Progress,
    /// What was asked, as the call said it.
    pub question: &'a str,
}

impl Past<'_> {
    /// How a run goes on that begins before the turn of record `at`, and how many of the records are
    /// its own too. `None` where it was not kept how the run stood there.
    pub fn before(&self, at: usize) -> Option<(Progress, usize)> {
        let position = self.position(at)?;
        let own = self.records.get(..position.records)?;
        let frames = position.levels.iter().map(|it| self.frame(it, own));
        let state = own.iter().rev().find_map(|it| it["data"]["state"].as_object());
        let is_beginning = own.is_empty();
        let last = self.progress;
        let progress = Progress {
            state: state.cloned().unwrap_or_default(),
            form: last.form.clone(),
            webhook: last.webhook.clone(),
            question: if is_beginning { self.question } else { &last.question }.to_owned(),
            forgets: last.forgets && !is_beginning,
            jumps: position.jumps.clone(),
            loop_count: position.loop_count,
            frames: frames.collect::<Option<_>>()?,
            // Who goes back to a node has stopped before it already.
            passes: true,
            ..Progress::default()
        };
        Some((progress, position.records))
    }

    fn position(&self, at: usize) -> Option<Position> {
        serde_json::from_str(self.positions.get(at)?.as_deref()?).ok()
    }

    fn frame(&self, level: &Level, own: &[Arc<Value>]) -> Option<Frame> {
        let round = match &level.round {
            None => None,
            Some(stand) => Some(self.round(stand, level, own)?),
        };
        let here = turns_of(own, round.as_ref().map(|it| (it, it.index)));
        let said = here.filter_map(|it| it["data"]["chatHistory"].as_array()).flatten();
        Some(Frame {
            queue: level.queue.clone(),
            finished: level.finished.clone(),
            waiting: level.waiting.clone(),
            said: said.cloned().collect(),
            round,
            turns: 0,
        })
    }

    fn round(&self, stand: &Stand, level: &Level, own: &[Arc<Value>]) -> Option<Round> {
        let given = match &level.round.as_ref()?.given {
            Some(given) => given.clone(),
            // The first turn inside has it.
            None => {
                let first = self.position(stand.began)?;
                let mut rounds = first.levels.into_iter().filter_map(|it| it.round);
                rounds.find(|it| it.node == stand.node)?.given?
            }
        };
        let mut round = Round {
            node: stand.node.clone(),
            began: stand.began,
            input: given.0,
            items: given.1,
            index: stand.index,
            results: Vec::new(),
        };
        let result = |index| {
            let last = turns_of(own, Some((&round, index))).next_back();
            last.map_or_else(String::new, |it| said(it))
        };
        round.results = (0..stand.index).map(result).collect();
        Some(round)
    }
}

/// The records of turns in the round `index` of an iteration; of those outside of all where there is
/// none.
fn turns_of<'r>(
    own: &'r [Arc<Value>],
    round: Option<(&'r Round, usize)>,
) -> impl DoubleEndedIterator<Item = &'r Arc<Value>> {
    let began = round.map_or(0, |(round, _)| round.began).min(own.len());
    own[began..].iter().filter(move |record| {
        let data = &record["data"];
        match round {
            None => data.get("parentNodeId").is_none(),
            Some((round, index)) => {
                data["parentNodeId"] == round.node.as_str() && data["iterationIndex"] == index
            }
        }
    })
}

/// What a turn came to, as text.
fn said(record: &Value) -> String {
    match record["data"]["output"].as_object() {
        Some(output) => as_text(&content(output)),
        None => format!("Error: {}", record["data"]["error"].as_str().unwrap_or_default()),
    }
}
