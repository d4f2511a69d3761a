//! An agent over a model of OpenAI, for flows made of LlamaIndex nodes.

use std::sync::Arc;

use flowstone_core::{ChatModel, Input, Spec};

use super::llama_index::{AgentForm, MEMORY, SYSTEM_MESSAGE, TOOLS};

const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("OpenAI/Azure Chat Model", "model", "BaseChatModel_LlamaIndex");

static SPEC: Spec = Spec {
    label: "OpenAI Tool Agent",
    name: "openAIToolAgentLlamaIndex",
    version: 2.0,
    kind: "OpenAIToolAgent",
    icon: "openai.svg",
    category: "Agents",
    description: "Answers with the help of query engines that a model of OpenAI calls as it sees fit",
    base_classes: &["OpenAIToolAgent", "AgentRunner"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    inputs: &[TOOLS.field, MEMORY.field, MODEL.field, SYSTEM_MESSAGE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: AgentForm = AgentForm { spec: &SPEC, model: MODEL };
