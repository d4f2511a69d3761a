//! Engines: what answers in flows made of LlamaIndex nodes.

pub(crate) mod context_chat_engine;
pub(crate) mod query_engine;
pub(crate) mod simple_chat_engine;
pub(crate) mod sub_question_query_engine;

use std::sync::Arc;

use flowstone_core::{ChatModel, Input, Inputs, Memory, Result, Retriever, Synthesizer};

use crate::response_synthesizer::compact_and_refine;

const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Chat Model", "model", "BaseChatModel_LlamaIndex");
const MEMORY: Input<Arc<dyn Memory>> = Input::socket("Memory", "memory", "BaseChatMemory");
const RETRIEVER: Input<Arc<dyn Retriever>> =
    Input::socket("Vector Store Retriever", "vectorStoreRetriever", "VectorIndexRetriever");
const SYNTHESIZER: Input<Option<Arc<dyn Synthesizer>>> =
    Input::socket("Response Synthesizer", "responseSynthesizer", "ResponseSynthesizer")
        .describe("How the answer is put together; compact and refine where nothing is plugged in")
        .optional();
const RETURN_SOURCES: Input<bool> = Input::flag("Return Source Documents", "returnSourceDocuments")
    .describe("Shows the passages beside the answer")
    .may_be_empty();

/// The synthesizer that is plugged in, or the usual one.
fn synthesizer(inputs: &Inputs) -> Result<Arc<dyn Synthesizer>> {
    inputs.get(&SYNTHESIZER)?.map_or_else(compact_and_refine::usual, Ok)
}

#[cfg(test)]
mod tests;
