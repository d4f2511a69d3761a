//! A chat with memory, made of LlamaIndex nodes.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatRequest, Input, Inputs, Node, Output, Result, Run, Runnable, Spec,
};

use super::{MEMORY, MODEL};
use crate::{chains, chat_prompt::Conversation};

const SYSTEM_MESSAGE: Input<Option<String>> = Input::text("System Message", "systemMessagePrompt")
    .rows(4)
    .describe("Who the model is and how it should answer")
    .placeholder("You answer questions about our opening hours.")
    .optional();

static SPEC: Spec = Spec {
    label: "Simple Chat Engine",
    name: "simpleChatEngine",
    version: 1.0,
    kind: "SimpleChatEngine",
    icon: "conversation-chain.svg",
    category: "Engine",
    description: "Talks with a person and remembers what was said",
    base_classes: &["SimpleChatEngine"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    inputs: &[MODEL.field, MEMORY.field, SYSTEM_MESSAGE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct SimpleChatEngine;

#[async_trait]
impl Node for SimpleChatEngine {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let system = inputs.get(&SYSTEM_MESSAGE)?;
        Ok(Capability::Runnable(Arc::new(Engine {
            model: inputs.get(&MODEL)?,
            conversation: Conversation::with_system(inputs.get(&MEMORY)?, system)?,
        })))
    }
}

struct Engine {
    model: Arc<dyn ChatModel>,
    conversation: Conversation,
}

#[async_trait]
impl Runnable for Engine {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        let messages = self.conversation.turns(input, &self.model, run).await?;
        let reply = self.model.chat(&ChatRequest::new(messages), &run.events).await?;
        self.conversation.memory.remember(run, input, &reply.text).await?;
        Ok(chains::output(reply))
    }
}
