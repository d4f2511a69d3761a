//! Nodes that answer a question by a fixed course.

mod api_call;
pub(crate) mod conversation_chain;
pub(crate) mod conversational_retrieval_qa_chain;
pub(crate) mod get_api_chain;
pub(crate) mod graph_cypher_qa_chain;
pub(crate) mod llm_chain;
pub(crate) mod multi_prompt_chain;
pub(crate) mod multi_retrieval_qa_chain;
pub(crate) mod open_api_chain;
pub(crate) mod passages;
pub(crate) mod post_api_chain;
pub(crate) mod retrieval_qa_chain;
mod router;
#[cfg(feature = "sql")]
pub(crate) mod sql_database_chain;
pub(crate) mod vectara_qa_chain;
pub(crate) mod vector_db_qa_chain;

use flowstone_core::{Answer, ChatReply, Output};

/// What a model said as the result of a run.
pub(crate) fn output(reply: ChatReply) -> Output {
    Output {
        answer: Answer::Text(reply.text),
        reasoning: reply.reasoning,
        usage: reply.usage.unwrap_or_default(),
        ..Output::default()
    }
}

#[cfg(test)]
mod api_tests;
#[cfg(test)]
mod routing_tests;
#[cfg(test)]
mod tests;
