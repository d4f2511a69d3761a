//! An agent that thinks aloud, for models that go on with a text.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Input, Inputs, Moderation, Node, Output, Result, Run, Runnable, Spec,
};
use serde_json::{Map, Value};

use super::{ALLOWED_TOOLS, react, text_loop::TextLoop};
use crate::{
    moderation::{self, INPUT_MODERATION},
    tool_loop::MAX_ITERATIONS,
};

const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Language Model", "model", "BaseLanguageModel");

static SPEC: Spec = Spec {
    label: "ReAct Agent for LLMs",
    name: "reactAgentLLM",
    version: 2.0,
    kind: "AgentExecutor",
    icon: "text-agent.svg",
    category: "Agents",
    description: "Thinks aloud and uses tools step by step, with any language model",
    base_classes: &["AgentExecutor", "BaseChain", "Runnable"],
    badge: Some("DEPRECATING"),
    inputs: &[ALLOWED_TOOLS.field, MODEL.field, INPUT_MODERATION.field, MAX_ITERATIONS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ReactAgentLlm;

#[async_trait]
impl Node for ReactAgentLlm {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let tools = TextLoop::from_form(inputs, inputs.get(&MODEL)?, inputs.get(&ALLOWED_TOOLS)?)?;
        Ok(Capability::Runnable(Arc::new(Agent {
            instructions: react::instructions(&tools.tools(), &tools.names()),
            tools,
            moderations: inputs.get(&INPUT_MODERATION)?,
        })))
    }

    /// Which of its words are the answer is known only at the end.
    fn streams(&self, _: &Map<String, Value>) -> bool {
        false
    }
}

struct Agent {
    tools: TextLoop,
    instructions: String,
    moderations: Vec<Arc<dyn Moderation>>,
}

#[async_trait]
impl Runnable for Agent {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        if let Some(refusal) = moderation::refusal(&self.moderations, input, run).await? {
            return Ok(refusal);
        }
        let opening = format!("{}\n\nBegin now.\n\nQuestion: {input}", self.instructions);
        self.tools.run(&react::AsText(opening), run).await
    }
}
