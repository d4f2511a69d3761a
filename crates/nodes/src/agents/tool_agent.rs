//! An agent for any model that can call tools.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Input, Inputs, Moderation, Node, Output, Prompt, Result, Run, Runnable,
    Spec, Tool,
};

use super::CHAT_MEMORY;
use crate::{
    chat_prompt::Conversation,
    moderation::{self, INPUT_MODERATION},
    tool_loop::{MAX_ITERATIONS, ToolLoop, rounds},
};

const TOOLS: Input<Vec<Arc<dyn Tool>>> = Input::sockets("Tools", "tools", "Tool");
const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Tool Calling Chat Model", "model", "BaseChatModel")
        .describe("Any chat model that can call tools");
const PROMPT: Input<Option<Arc<Prompt>>> =
    Input::socket("Chat Prompt Template", "chatPromptTemplate", "ChatPromptTemplate")
        .describe("Takes the place of the system message. Its one open variable takes the question")
        .optional();
const SYSTEM_MESSAGE: Input<Option<String>> = Input::text("System Message", "systemMessage")
    .rows(4)
    .default(DEFAULT_SYSTEM_MESSAGE)
    .describe(
        "Who the agent is and how it should use its tools. A chat prompt template takes its place",
    )
    .additional()
    .optional();
const DEFAULT_SYSTEM_MESSAGE: &str = "You are a helpful AI assistant.";
const DETAILED_STREAMING: Input<bool> =
    Input::flag("Enable Detailed Streaming", "enableDetailedStreaming")
        .default(false)
        .describe("Tells the tools used after each of the agent's steps, not only at the end")
        .may_be_empty()
        .additional();

static SPEC: Spec = Spec {
    label: "Tool Agent",
    name: "toolAgent",
    version: 2.0,
    kind: "AgentExecutor",
    icon: "tool-agent.svg",
    category: "Agents",
    description: "Answers with the help of tools that the model calls as it sees fit",
    base_classes: &["AgentExecutor", "BaseChain", "Runnable"],
    inputs: &[
        TOOLS.field,
        CHAT_MEMORY.field,
        MODEL.field,
        PROMPT.field,
        SYSTEM_MESSAGE.field,
        INPUT_MODERATION.field,
        MAX_ITERATIONS.field,
        DETAILED_STREAMING.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ToolAgent;

#[async_trait]
impl Node for ToolAgent {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let model = inputs.get(&MODEL)?;
        let system = inputs.get(&SYSTEM_MESSAGE)?;
        let system = system.as_deref().unwrap_or(DEFAULT_SYSTEM_MESSAGE);
        let rounds = rounds(inputs)?;
        let detailed = inputs.get(&DETAILED_STREAMING)?;
        Ok(Capability::Runnable(Arc::new(Agent {
            tools: ToolLoop::new(model.clone(), inputs.get(&TOOLS)?, rounds, detailed),
            model,
            conversation: Conversation::from_form(inputs, &CHAT_MEMORY, &PROMPT, system)?,
            moderations: inputs.get(&INPUT_MODERATION)?,
        })))
    }
}

struct Agent {
    tools: ToolLoop,
    model: Arc<dyn ChatModel>,
    conversation: Conversation,
    moderations: Vec<Arc<dyn Moderation>>,
}

#[async_trait]
impl Runnable for Agent {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        if let Some(refusal) = moderation::refusal(&self.moderations, input, run).await? {
            return Ok(refusal);
        }
        let messages = self.conversation.turns(input, &self.model, run).await?;
        let output = self.tools.run(messages, run).await?;
        self.conversation.memory.remember(run, input, &output.answer.to_text()).await?;
        Ok(output)
    }
}
