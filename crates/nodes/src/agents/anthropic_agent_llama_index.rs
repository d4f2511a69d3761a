//! An agent over a Claude model, for flows made of LlamaIndex nodes.

use std::sync::Arc;

use flowstone_core::{ChatModel, Input, Spec};

use super::llama_index::{AgentForm, MEMORY, SYSTEM_MESSAGE, TOOLS};

const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Anthropic Claude Model", "model", "BaseChatModel_LlamaIndex");

static SPEC: Spec = Spec {
    label: "Anthropic Agent",
    name: "anthropicAgentLlamaIndex",
    version: 1.0,
    kind: "AnthropicAgent",
    icon: "anthropic.svg",
    category: "Agents",
    description: "Answers with the help of query engines that a Claude model calls as it sees fit",
    base_classes: &["AnthropicAgent", "AgentRunner"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    inputs: &[TOOLS.field, MEMORY.field, MODEL.field, SYSTEM_MESSAGE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: AgentForm = AgentForm { spec: &SPEC, model: MODEL };
