//! The script of a flow that has the last word over its answer.

use flowstone_core::{Message, Output, Role, Run};
use flowstone_store::ChatMessage;
use serde_json::{Map, Value, json};

use super::answer::SCRIPT_NODE;
use crate::{AppState, Problem, problem::Result};

/// What the answer becomes.
pub(super) async fn post_process(
    state: &AppState,
    code: &str,
    run: &Run,
    output: &Output,
) -> Result<String> {
    let stored = match &run.history {
        Some(_) => Vec::new(),
        None => {
            let (flow, session) = (&run.flow_id, &run.session_id);
            run.services.chats.history(&run.workspace, flow, session, None).await?
        }
    };
    let history = run.history.as_ref().unwrap_or(&stored);
    // What there is none of is an empty list: scripts count and join without asking.
    let facts = json!({
        "rawOutput": output.answer.to_text(),
        "chatHistory": history.iter().map(turn).collect::<Vec<_>>(),
        "sourceDocuments": output.source_documents.as_deref().unwrap_or_default(),
        "usedTools": output.used_tools,
        "artifacts": output.artifacts,
        "fileAnnotations": output.file_annotations,
    });
    let mut run = run.silenced();
    run.facts = facts.as_object().cloned().unwrap_or_default();
    let mut values = Map::new();
    values.insert("javascriptFunction".to_owned(), code.into());
    let value = state.engine.evaluate(SCRIPT_NODE, values, run).await.map_err(|error| {
        let problem = Problem::from(error);
        Problem::new(problem.status(), format!("Post Processing: {}", problem.message()))
    })?;
    Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// An earlier turn by the names that scripts of chatflows know, and by those of agentflows.
fn turn(message: &Message) -> Value {
    let (role, kind) = match message.role {
        Role::Assistant => ("assistant", ChatMessage::API),
        Role::System => ("system", ChatMessage::USER),
        _ => ("user", ChatMessage::USER),
    };
    json!({ "role": role, "content": message.text, "message": message.text, "type": kind })
}
