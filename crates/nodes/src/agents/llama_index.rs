//! What the agents of LlamaIndex flows share: a model, its tools and a conversation.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Input, Inputs, Memory, Node, Output, Result, Run, Runnable, Spec, Tool,
};

use crate::{
    chat_prompt::Conversation,
    tool_loop::{self, ToolLoop},
};

/// What the agent may call.
pub(super) const TOOLS: Input<Vec<Arc<dyn Tool>>> =
    Input::sockets("Tools", "tools", "Tool_LlamaIndex");
/// What it remembers.
pub(super) const MEMORY: Input<Arc<dyn Memory>> =
    Input::socket("Memory", "memory", "BaseChatMemory");
/// Who it is.
pub(super) const SYSTEM_MESSAGE: Input<Option<String>> =
    Input::text("System Message", "systemMessage")
        .rows(4)
        .describe("Who the agent is and how it should use its tools")
        .additional()
        .optional();

/// An agent of a LlamaIndex flow, by its form.
pub(crate) struct AgentForm {
    /// What the canvas shows.
    pub(super) spec: &'static Spec,
    /// The row of the model.
    pub(super) model: Input<Arc<dyn ChatModel>>,
}

#[async_trait]
impl Node for AgentForm {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let model = inputs.get(&self.model)?;
        let rounds = tool_loop::DEFAULT_ROUNDS;
        let system = inputs.get(&SYSTEM_MESSAGE)?;
        Ok(Capability::Runnable(Arc::new(Agent {
            tools: ToolLoop::new(model.clone(), inputs.get(&TOOLS)?, rounds, false),
            model,
            conversation: Conversation::with_system(inputs.get(&MEMORY)?, system)?,
        })))
    }
}

struct Agent {
    tools: ToolLoop,
    model: Arc<dyn ChatModel>,
    conversation: Conversation,
}

#[async_trait]
impl Runnable for Agent {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        let messages = self.conversation.turns(input, &self.model, run).await?;
        let output = self.tools.run(messages, run).await?;
        self.conversation.memory.remember(run, input, &output.answer.to_text()).await?;
        Ok(output)
    }
}
