//! Flows out of a sentence: a model draws one, and what it drew is placed whole and valid, or not at
//! all.

mod draft;
mod form;
mod layout;
mod offer;
mod place;

use flowstone_core::{Capability, ChatRequest, Events, Message};
use serde_json::Value;

use self::{draft::Draft, offer::Offer};
use crate::{AppState, Problem, problem::Result};

/// What a model is told, before the kinds of steps.
const PROMPT: &str = include_str!("prompt.md");
/// How often a model may mend its draft.
const REPAIRS: usize = 2;

/// What came of it.
pub(crate) enum Drawn {
    /// Nodes and edges, as the canvas saves them.
    Flow(Value),
    /// What is still wrong with the last draft.
    Refused(Vec<String>),
}

/// Lets the chat model `model`, a node as the canvas holds it, draw the flow that `question` asks
/// for.
///
/// # Errors
/// Where the model cannot be built or asked.
pub(crate) async fn draw(
    state: &AppState,
    workspace: &str,
    question: &str,
    model: &Value,
) -> Result<Drawn> {
    let built = state.engine.build(model, workspace).await?;
    let Capability::ChatModel(chat) = built else {
        let kind = built.kind();
        return Err(Problem::bad_request(format!(
            "selectedChatModel: a chat model is expected, this is a {kind}"
        )));
    };
    let offer = Offer::of(state, workspace).await;
    let told = format!("{PROMPT}{}", offer.told());
    let mut messages = vec![Message::system(told), Message::user(question)];
    let mut left = REPAIRS;
    loop {
        let mut request = ChatRequest::new(messages.clone());
        request.schema = Some(Draft::schema());
        let reply = chat.chat(&request, &Events::silent()).await?;
        let placed = Draft::read(&reply.text)
            .map_err(|wrong| vec![wrong])
            .and_then(|draft| place::place(&draft, &offer, model, state));
        let findings = match placed {
            Ok(flow) => return Ok(Drawn::Flow(flow)),
            Err(findings) => findings,
        };
        tracing::debug!(?findings, left, "a drawn flow cannot be placed");
        if left == 0 {
            return Ok(Drawn::Refused(findings));
        }
        left -= 1;
        messages.push(Message::assistant(reply.text));
        messages.push(Message::user(format!(
            "This cannot be placed:\n- {}\n\nAnswer with the whole JSON object again, with all of this \
             mended.",
            findings.join("\n- ")
        )));
    }
}
