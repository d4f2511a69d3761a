//! A chat with memory.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatRequest, Input, Inputs, Memory, Moderation, Node, Output, Prompt,
    Result, Run, Runnable, Spec,
};

use crate::{
    chat_prompt::Conversation,
    moderation::{self, INPUT_MODERATION},
};

const MODEL: Input<Arc<dyn ChatModel>> = Input::socket("Chat Model", "model", "BaseChatModel");
const MEMORY: Input<Arc<dyn Memory>> = Input::socket("Memory", "memory", "BaseMemory");
const PROMPT: Input<Option<Arc<Prompt>>> = Input::socket(
    "Chat Prompt Template",
    "chatPromptTemplate",
    "ChatPromptTemplate",
)
.describe(
    "Takes the place of the system message. Must have one open variable, which takes the question",
)
.optional();
const SYSTEM_MESSAGE: Input<Option<String>> = Input::text("System Message", "systemMessagePrompt")
    .rows(4)
    .default(DEFAULT_SYSTEM_MESSAGE)
    .describe("Who the model is and how it should answer")
    .placeholder("You answer questions about our opening hours.")
    .additional()
    .optional();
const DEFAULT_SYSTEM_MESSAGE: &str = "You are in a friendly conversation with a person. Be \
     helpful and go into detail where that serves them. If you do not know something, say so \
     instead of guessing.";

static SPEC: Spec = Spec {
    label: "Conversation Chain",
    name: "conversationChain",
    version: 3.0,
    kind: "ConversationChain",
    icon: "conversation-chain.svg",
    category: "Chains",
    description: "Talks with a person and remembers what was said",
    base_classes: &["ConversationChain", "LLMChain", "BaseChain", "Runnable"],
    inputs: &[
        MODEL.field,
        MEMORY.field,
        PROMPT.field,
        INPUT_MODERATION.field,
        SYSTEM_MESSAGE.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ConversationChain;

#[async_trait]
impl Node for ConversationChain {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let system = inputs.get(&SYSTEM_MESSAGE)?;
        let system = system.as_deref().unwrap_or(DEFAULT_SYSTEM_MESSAGE);
        Ok(Capability::Runnable(Arc::new(Chain {
            model: inputs.get(&MODEL)?,
            conversation: Conversation::from_form(inputs, &MEMORY, &PROMPT, system)?,
            moderations: inputs.get(&INPUT_MODERATION)?,
        })))
    }
}

struct Chain {
    model: Arc<dyn ChatModel>,
    conversation: Conversation,
    moderations: Vec<Arc<dyn Moderation>>,
}

#[async_trait]
impl Runnable for Chain {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        if let Some(refusal) = moderation::refusal(&self.moderations, input, run).await? {
            return Ok(refusal);
        }
        let messages = self.conversation.turns(input, &self.model, run).await?;
        let reply = self.model.chat(&ChatRequest::new(messages), &run.events).await?;
        self.conversation.memory.remember(run, input, &reply.text).await?;
        Ok(super::output(reply))
    }
}
