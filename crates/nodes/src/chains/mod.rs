//! Nodes that answer a question by a fixed course.

pub(crate) mod conversation_chain;
pub(crate) mod conversational_retrieval_qa_chain;
pub(crate) mod llm_chain;

use flowstone_core::{Answer, ChatReply, Output};

/// What a model said as the result of a run.
fn output(reply: ChatReply) -> Output {
    Output {
        answer: Answer::Text(reply.text),
        reasoning: reply.reasoning,
        usage: reply.usage.unwrap_or_default(),
        ..Output::default()
    }
}

#[cfg(test)]
mod tests;
