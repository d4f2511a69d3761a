//! Nodes of the first agentflows: they act one after the other on one shared state.

pub(crate) mod agent;
mod approval;
mod branches;
mod code;
pub(crate) mod condition;
pub(crate) mod condition_agent;
#[cfg(feature = "javascript")]
pub(crate) mod custom_function;
pub(crate) mod end;
pub(crate) mod execute_flow;
pub(crate) mod llm_node;
pub(crate) mod loop_back;
mod paths;
mod returned;
pub(crate) mod start;
pub(crate) mod state;
pub(crate) mod talk;
mod tool_lines;
pub(crate) mod tool_node;
mod updates;

use std::sync::Arc;

use flowstone_core::{
    ChatModel, Error, Input, Inputs, Result,
    sequence::{Duty, Member, routing_name},
};

/// The nodes that an acting node may come behind.
const AFTER_ANY: &str =
    "Start | Agent | Condition | LLMNode | ToolNode | CustomFunction | ExecuteFlow";

/// What an acting node comes behind.
const BEFORE: Input<Vec<Arc<Member>>> = Input::of("Sequential Node", "sequentialNode", AFTER_ANY)
    .list()
    .describe("The nodes after which this one has its turn");

/// The nodes that are wired to a row, one at least.
fn before(inputs: &Inputs, row: &Input<Vec<Arc<Member>>>) -> Result<Vec<Arc<Member>>> {
    let before = inputs.get(row)?;
    if before.is_empty() {
        let reason = "no node is wired to it: connect the node after which this one has its turn";
        return Err(Error::invalid(&row.field, reason));
    }
    Ok(before)
}

/// The model of those before that have one.
fn model_before(before: &[Arc<Member>]) -> Option<Arc<dyn ChatModel>> {
    before.iter().find_map(|it| it.model.clone())
}

/// The member that a form describes, called as its row `name` says.
fn member(
    inputs: &Inputs,
    kind: &'static str,
    name: &Input<String>,
    model: Option<Arc<dyn ChatModel>>,
    duty: impl FnOnce(&Who) -> Result<Duty>,
) -> Result<Arc<Member>> {
    let label = inputs.get(name)?;
    let who = Who { node_id: inputs.node_id.clone(), name: routing_name(&label) };
    let duty = duty(&who)?;
    Ok(Arc::new(Member { node_id: who.node_id, kind, name: who.name, label, duty, model }))
}

/// Who a member is to the others.
#[derive(Clone, Debug)]
struct Who {
    node_id: String,
    name: String,
}

#[cfg(test)]
mod tests;
