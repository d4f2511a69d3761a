//! Answers by the instructions that fit the question best.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatRequest, Input, Inputs, Message, Moderation, Node, Output, Result,
    Route, Run, Runnable, Spec,
};

use super::router::{Router, Way};
use crate::{
    moderation::{self, INPUT_MODERATION},
    prompt_format::{Template, Values},
};

const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Language Model", "model", "BaseLanguageModel");
const PROMPTS: Input<Vec<Arc<Route>>> =
    Input::sockets("Prompt Retriever", "promptRetriever", "PromptRetriever");

static SPEC: Spec = Spec {
    label: "Multi Prompt Chain",
    name: "multiPromptChain",
    version: 2.0,
    kind: "MultiPromptChain",
    icon: "router.svg",
    category: "Chains",
    description: "Lets the model choose among several instructions, and answers by them",
    base_classes: &["MultiPromptChain", "MultiRouteChain", "BaseChain", "Runnable"],
    badge: Some("DEPRECATING"),
    inputs: &[MODEL.field, PROMPTS.field, INPUT_MODERATION.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MultiPromptChain;

#[async_trait]
impl Node for MultiPromptChain {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let prompts = inputs.get(&PROMPTS)?;
        let ways = prompts
            .iter()
            .map(|it| Way { name: it.name.clone(), description: it.description.clone() });
        Ok(Capability::Runnable(Arc::new(Chain {
            router: Router::new(inputs.get(&MODEL)?, ways.collect(), &PROMPTS.field)?,
            prompts,
            moderations: inputs.get(&INPUT_MODERATION)?,
        })))
    }
}

struct Chain {
    router: Router,
    prompts: Vec<Arc<Route>>,
    moderations: Vec<Arc<dyn Moderation>>,
}

#[async_trait]
impl Runnable for Chain {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        if let Some(refusal) = moderation::refusal(&self.moderations, input, run).await? {
            return Ok(refusal);
        }
        let (chosen, spent) = self.router.choose(input).await?;
        let mut messages = vec![Message::user(input)];
        if let Some(prompt) = chosen.and_then(|it| self.prompts.get(it)) {
            let values = Values::from_iter([("input".to_owned(), input.into())]);
            let instructions = Template::parse(&prompt.instructions, &prompt.name)?;
            messages.insert(0, Message::system(instructions.fill(&values)?));
        }
        let reply = self.router.model().chat(&ChatRequest::new(messages), &run.events).await?;
        let mut output = super::output(reply);
        output.usage += spent;
        Ok(output)
    }
}
