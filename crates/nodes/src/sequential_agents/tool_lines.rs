//! Running the tools that the last message of the conversation calls.

use flowstone_core::{
    Document, Error, Result, Run, UsedTool,
    sequence::{Line, Scene, Speaker},
};
use futures::future::join_all;
use serde_json::Value;

use super::Who;
use crate::tool_loop::Toolbox;

/// The call of a run, whose tools may read the state.
pub(super) fn with_state(scene: &Scene<'_>) -> Run {
    let mut run = scene.run.clone();
    run.facts.insert("state".to_owned(), Value::Object(scene.values.clone()));
    run
}

/// What the tools say, one line a call, in the order of the calls.
///
/// # Errors
/// Where the last message calls none.
pub(super) async fn run(tools: &Toolbox, who: &Who, scene: &Scene<'_>) -> Result<Vec<Line>> {
    let calls = scene.lines.last().map(Line::calls).unwrap_or_default();
    if calls.is_empty() {
        let said = "the message before it calls no tool: wire it behind an LLM Node that does";
        return Err(Error::Unsupported(said.to_owned()));
    }
    let run = with_state(scene);
    let done = join_all(calls.iter().map(|call| tools.call(call, &run))).await;
    let lines = calls.iter().zip(done).map(|(call, done)| {
        let mut line = Line::new(Speaker::Tool, done.told).by(&who.node_id, &call.name);
        line.tool_call_id = Some(call.id.clone());
        let extras = &mut line.additional_kwargs;
        extras.source_documents = some(done.used.source_documents.clone());
        extras.artifacts = some(done.used.artifacts.clone());
        extras.used_tools = Some(vec![done.used]);
        line
    });
    Ok(lines.collect())
}

/// What the tools gave that were called last, as one.
pub(super) fn given(lines: &[Line], node_id: &str) -> Given {
    let of_node =
        |it: &&Line| it.speaker == Speaker::Tool && it.additional_kwargs.node_id == node_id;
    let last = lines.iter().rev().take_while(of_node);
    let mut given = Given::default();
    let mut last: Vec<&Line> = last.collect();
    last.reverse();
    for line in last {
        let extras = line.additional_kwargs.clone();
        given.used_tools.extend(extras.used_tools.unwrap_or_default());
        given.source_documents.extend(extras.source_documents.unwrap_or_default());
        given.artifacts.extend(extras.artifacts.unwrap_or_default());
    }
    given
}

/// What tools gave.
#[derive(Default)]
pub(super) struct Given {
    pub(super) used_tools: Vec<UsedTool>,
    pub(super) source_documents: Vec<Document>,
    pub(super) artifacts: Vec<Value>,
}

/// A list that is there.
pub(super) fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
