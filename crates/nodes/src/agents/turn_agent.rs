//! An agent that speaks with its model in turns, whatever the dialect of its calls.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    ChatModel, Inputs, Memory, Message, Moderation, Output, Result, Run, Runnable,
};

use super::{
    ALLOWED_TOOLS, CHAT_MEMORY,
    text_loop::{Dialect, TextLoop},
};
use crate::{
    chat_prompt,
    moderation::{self, INPUT_MODERATION},
};

/// Makes a dialect of the turns up to the question.
type Speaks = fn(Vec<Message>) -> Box<dyn Dialect>;

/// The agent.
pub(super) struct TurnAgent {
    tools: TextLoop,
    model: Arc<dyn ChatModel>,
    memory: Arc<dyn Memory>,
    instructions: String,
    speaks: Speaks,
    moderations: Vec<Arc<dyn Moderation>>,
}

impl TurnAgent {
    /// An agent with the tools and the memory of the form. `instructions` are made of the tools
    /// and their names.
    pub(super) fn from_form(
        inputs: &Inputs,
        model: Arc<dyn ChatModel>,
        instructions: impl FnOnce(&str, &str) -> String,
        speaks: Speaks,
    ) -> Result<Self> {
        let tools = TextLoop::from_form(inputs, model.clone(), inputs.get(&ALLOWED_TOOLS)?)?;
        Ok(Self {
            instructions: instructions(&tools.tools(), &tools.names()),
            tools,
            model,
            memory: inputs.get(&CHAT_MEMORY)?,
            speaks,
            moderations: inputs.get(&INPUT_MODERATION)?,
        })
    }
}

#[async_trait]
impl Runnable for TurnAgent {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        if let Some(refusal) = moderation::refusal(&self.moderations, input, run).await? {
            return Ok(refusal);
        }
        let mut opening = vec![Message::system(self.instructions.clone())];
        opening.extend(chat_prompt::earlier_turns(Some(self.memory.as_ref()), run).await?);
        opening.push(Message::user(input));
        chat_prompt::show_images(&mut opening, &self.model, run);
        let dialect = (self.speaks)(opening);
        let output = self.tools.run(dialect.as_ref(), run).await?;
        self.memory.remember(run, input, &output.answer.to_text()).await?;
        Ok(output)
    }
}
