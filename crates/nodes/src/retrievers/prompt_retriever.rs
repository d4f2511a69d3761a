//! Instructions that a router may choose.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Input, Inputs, Node, Result, Route, Spec};

use crate::prompt_format::Template;

const NAME: Input<String> =
    Input::text("Prompt Name", "name").placeholder("physics").describe("What the router calls it");
const DESCRIPTION: Input<String> = Input::text("Prompt Description", "description")
    .rows(3)
    .describe("Which questions it is for: the router chooses by this")
    .placeholder("Good for questions about physics");
const SYSTEM_MESSAGE: Input<String> = Input::text("Prompt System Message", "systemMessage")
    .rows(4)
    .describe("How such questions are answered. {input} stands for the question")
    .placeholder("You are a physicist who explains things simply.");

static SPEC: Spec = Spec {
    label: "Prompt Retriever",
    name: "promptRetriever",
    version: 1.0,
    kind: "PromptRetriever",
    icon: "prompt-retriever.svg",
    category: "Retrievers",
    description: "Instructions for some kind of questions, for a Multi Prompt Chain",
    base_classes: &["PromptRetriever"],
    inputs: &[NAME.field, DESCRIPTION.field, SYSTEM_MESSAGE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct PromptRetriever;

#[async_trait]
impl Node for PromptRetriever {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let text = inputs.get(&SYSTEM_MESSAGE)?;
        let template = Template::parse(&text, SYSTEM_MESSAGE.field.label)?;
        if let Some(other) = template.variables().find(|it| *it != "input") {
            let reason = format!(
                "{{{other}}} has no value here, only {{input}} has; for a brace that is plain text \
                 write {{{{ or }}}}"
            );
            return Err(Error::invalid(&SYSTEM_MESSAGE.field, reason));
        }
        Ok(Capability::Route(Arc::new(Route {
            name: inputs.get(&NAME)?,
            description: inputs.get(&DESCRIPTION)?,
            instructions: text,
        })))
    }
}
