//! Nodes that judge a question before a model sees it, and what chains do with their verdict.

pub(crate) mod input_moderation_openai;
pub(crate) mod input_moderation_simple;

use std::sync::Arc;

use flowstone_core::{Events, Input, Moderation, Output, Result, Run, Verdict};

/// The socket for such nodes, as chains and agents have it.
pub(crate) const INPUT_MODERATION: Input<Vec<Arc<dyn Moderation>>> = {
    let mut it = Input::sockets("Input Moderation", "inputModeration", "Moderation")
        .describe("Judge a question first and refuse to answer some");
    it.field.optional = true;
    it
};

/// The refusal of the first moderation that refuses the question, told as the answer it is.
pub(crate) async fn refusal(
    moderations: &[Arc<dyn Moderation>],
    question: &str,
    run: &Run,
) -> Result<Option<Output>> {
    for moderation in moderations {
        if let Verdict::Refused(text) = moderation.check(question).await? {
            tell(&text, &run.events).await;
            return Ok(Some(Output::text(text)));
        }
    }
    Ok(None)
}

/// Tells an answer that no model wrote, in words and the blanks between them.
pub(crate) async fn tell(text: &str, events: &Events) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let blank = first.is_whitespace();
        let end = rest.find(|it: char| it.is_whitespace() != blank).unwrap_or(rest.len());
        events.token(&rest[..end]).await;
        rest = &rest[end..];
    }
}
