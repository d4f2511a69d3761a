//! Fills a prompt and asks a model.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Answer, Capability, ChatModel, ChatRequest, Events, Input, Inputs, Moderation, Node, Output,
    OutputParser, Prompt, Result, Run, Runnable, Spec, spec::Output as Socket,
};
use serde_json::{Map, Value};

use crate::{
    chat_prompt::{self, ChatPrompt},
    moderation::{self, INPUT_MODERATION},
    prompt_format::Values,
};

const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Language Model", "model", "BaseLanguageModel");
const PROMPT: Input<Arc<Prompt>> = Input::socket("Prompt", "prompt", "BasePromptTemplate");
const OUTPUT_PARSER: Input<Option<Arc<dyn OutputParser>>> =
    Input::socket("Output Parser", "outputParser", "BaseLLMOutputParser").optional();
const CHAIN_NAME: Input<Option<String>> =
    Input::text("Chain Name", "chainName").placeholder("Name the chain").optional();

static SPEC: Spec = Spec {
    label: "LLM Chain",
    name: "llmChain",
    version: 3.0,
    kind: "LLMChain",
    icon: "llm-chain.svg",
    category: "Chains",
    description: "Fills a prompt and asks a model",
    base_classes: &["LLMChain", "BaseChain", "Runnable"],
    inputs: &[
        MODEL.field,
        PROMPT.field,
        OUTPUT_PARSER.field,
        INPUT_MODERATION.field,
        CHAIN_NAME.field,
    ],
    outputs: &[
        Socket {
            label: "LLM Chain",
            name: "llmChain",
            base_classes: &["LLMChain", "BaseChain", "Runnable"],
            description: Some("The chain itself: it answers the question"),
        },
        Socket {
            label: "Output Prediction",
            name: PREDICTION,
            base_classes: &["string", "json"],
            description: Some("The model's answer, for the prompt of another node"),
        },
    ],
    ..Spec::EMPTY
};

/// The output that hands on the answer instead of the chain.
const PREDICTION: &str = "outputPrediction";
/// The variable of a prompt that takes what the parser wants the model to know.
const FORMAT_INSTRUCTIONS: &str = "format_instructions";

/// The node.
pub(crate) struct LlmChain;

#[async_trait]
impl Node for LlmChain {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let chain = Chain::from_form(inputs)?;
        if inputs.output != PREDICTION {
            return Ok(Capability::Runnable(Arc::new(chain)));
        }
        let run = inputs.run()?.silenced();
        let output = chain.run(&run.question, &run).await?;
        Ok(Capability::Value(match output.answer {
            Answer::Text(text) => text.into(),
            Answer::Json(value) => value,
        }))
    }

    fn depends_on_run(&self, output: &str) -> bool {
        output == PREDICTION
    }

    /// Parsed answers are known only whole.
    fn streams(&self, values: &Map<String, Value>) -> bool {
        values.get(OUTPUT_PARSER.field.name).is_none_or(|it| it.is_null() || it == "")
    }
}

struct Chain {
    model: Arc<dyn ChatModel>,
    prompt: ChatPrompt,
    parser: Option<Arc<dyn OutputParser>>,
    moderations: Vec<Arc<dyn Moderation>>,
}

impl Chain {
    fn from_form(inputs: &Inputs) -> Result<Self> {
        let parser = inputs.get(&OUTPUT_PARSER)?;
        let mut prompt = ChatPrompt::compile(inputs.get(&PROMPT)?.as_ref())?;
        if parser.is_some() && !prompt.has_variable(FORMAT_INSTRUCTIONS) {
            prompt.append("\n\n{format_instructions}")?;
        }
        Ok(Self {
            model: inputs.get(&MODEL)?,
            prompt,
            parser,
            moderations: inputs.get(&INPUT_MODERATION)?,
        })
    }
}

#[async_trait]
impl Runnable for Chain {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        if let Some(refusal) = moderation::refusal(&self.moderations, input, run).await? {
            return Ok(refusal);
        }
        let mut given = Values::new();
        if let Some(parser) = &self.parser {
            given.insert(FORMAT_INSTRUCTIONS.to_owned(), parser.instructions().into());
        }
        let mut messages = self.prompt.ask(input, &[], given)?;
        chat_prompt::show_images(&mut messages, &self.model, run);
        let request = ChatRequest::new(messages);
        let Some(parser) = &self.parser else {
            return Ok(super::output(self.model.chat(&request, &run.events).await?));
        };
        let reply = self.model.chat(&request, &Events::silent()).await?;
        let parsed = parser.parse(&reply.text, self.model.as_ref()).await?;
        Ok(Output { answer: Answer::Json(parsed), ..super::output(reply) })
    }
}
