//! A step that sends the run back to an earlier one, so many times at most.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Next, Node, Result, Spec, StateUpdate, Step, Taken, Turn,
    node::Entry,
};
use serde_json::{Map, Value};

use super::{
    lists,
    rows::{self, Row},
};

const BACK_TO: Input<String> = {
    let mut it = Input::async_options("Loop Back To", "loopBackToNode", "listPreviousNodes")
        .describe("The node that the run goes on from");
    it.field.free_solo = true;
    it
};
/// Rounds where the form says none.
const USUAL: u64 = 5;
const MOST: Input<u64> = Input::whole("Max Loop Count", "maxLoopCount")
    .default(5)
    .describe("How often the nodes in the loop run at most");
const FALLBACK: Input<Option<String>> = Input::text("Fallback Message", "fallbackMessage")
    .rows(4)
    .describe("What is answered when the loop may go round no more")
    .placeholder("I could not finish this; a colleague will look at it")
    .accepts_variables()
    .optional();
const UPDATES: Input<Option<Vec<Row>>> = rows::updates("loopUpdateState");

static SPEC: Spec = Spec {
    label: "Loop",
    name: "loopAgentflow",
    version: 1.2,
    kind: "Loop",
    icon: "agentflow-loop.svg",
    category: "Agent Flows",
    description: "Goes back to an earlier node, so many times at most",
    color: Some("#FFA07A"),
    hide_output: true,
    base_classes: &["Loop"],
    inputs: &[BACK_TO.field, MOST.field, FALLBACK.field, UPDATES.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct LoopBack;

#[async_trait]
impl Node for LoopBack {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn stays_inside(&self) -> bool {
        true
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Step(Arc::new(Jump {
            back_to: inputs.get(&BACK_TO)?,
            most: match inputs.value(&MOST.field) {
                None | Some(Value::Null) => USUAL,
                Some(_) => Some(inputs.get(&MOST)?).filter(|it| *it > 0).unwrap_or(USUAL),
            },
            fallback: inputs.get(&FALLBACK)?,
            updates: rows::state_updates(inputs, &UPDATES)?,
        })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        lists::entries(&SPEC, method, inputs).await
    }
}

struct Jump {
    /// The id of a node, a dash and its label.
    back_to: String,
    most: u64,
    fallback: Option<String>,
    updates: Vec<StateUpdate>,
}

#[async_trait]
impl Step for Jump {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let (id, label) = self.target(turn)?;
        let goes_back = u64::from(turn.jumps) + 1 < self.most;
        let content = if goes_back {
            format!("Loop back to {label} ({id})")
        } else {
            let ended = || format!("The loop ended after {} rounds.", self.most);
            self.fallback.clone().unwrap_or_else(ended)
        };
        let mut input = Map::new();
        input.insert("nodeID".to_owned(), id.into());
        input.insert("maxLoopCount".to_owned(), self.most.into());
        let mut output = Map::from_iter([("content".to_owned(), Value::from(content))]);
        output.extend(input.clone());
        if let Some(fallback) = &self.fallback {
            output.insert("fallbackMessage".to_owned(), fallback.clone().into());
        }
        let next = if goes_back { Next::Back(id.to_owned()) } else { Next::Ends };
        Ok(Taken { input, output, updates: self.updates.clone(), next, ..Taken::default() })
    }
}

impl Jump {
    /// The node to go back to. Ids and labels may both hold dashes.
    fn target<'a>(&'a self, turn: &'a Turn<'_>) -> Result<(&'a str, &'a str)> {
        let ends = self.back_to.match_indices('-').map(|(end, _)| end);
        let ids = ends.chain([self.back_to.len()]).map(|end| &self.back_to[..end]);
        for id in ids {
            if let Some(label) = turn.flow.node_label(id) {
                return Ok((id, label));
            }
        }
        let reason = format!("there is no node {}: choose another one", self.back_to);
        Err(Error::invalid(&BACK_TO.field, reason))
    }
}
