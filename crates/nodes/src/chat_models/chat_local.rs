//! Chat models that run in this process, without a key and without another server.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Error, Events, Input, Inputs, Node, Result,
    Role, Spec, Usage, node::Entry,
};
use flowstone_local_models::{
    self as local, ChatEvent, ChatSummary, LocalModels, Sampling, catalog, catalog::Kind,
};
use serde_json::{Map, Value};

use super::STREAMING;
use crate::local_models;

const MODEL: Input<String> = Input::async_options("Model Name", "modelName", "listModels")
    .default(catalog::CHAT_MODEL)
    .describe("A built-in model, or a .gguf file in the models folder");
const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.7)
    .describe("From 0, always the likeliest word, to 2; higher answers are more surprising")
    .optional();
const MAX_TOKENS: Input<Option<u64>> = Input::whole("Max Tokens", "maxTokens")
    .step(1.0)
    .describe("Longest answer, in tokens; 1024 where it is empty")
    .optional()
    .additional();
const TOP_P: Input<Option<f64>> = Input::number("Top P", "topP")
    .step(0.05)
    .describe("Considers only the likeliest words whose chances add up to this")
    .optional()
    .additional();
const TOP_K: Input<Option<u64>> = Input::whole("Top K", "topK")
    .step(1.0)
    .describe("Considers only this many of the likeliest words; 0 considers all")
    .optional()
    .additional();
const REPEAT_PENALTY: Input<Option<f64>> = Input::number("Repeat Penalty", "repeatPenalty")
    .step(0.1)
    .describe("Above 1, words of the answer so far become less likely; 1 is off")
    .optional()
    .additional();
const SEED: Input<Option<u64>> = Input::whole("Seed", "seed")
    .step(1.0)
    .describe("The same seed gives the same answer to the same question")
    .optional()
    .additional();
const STOP: Input<Option<String>> = Input::text("Stop Sequence", "stop")
    .rows(4)
    .describe("Texts that end the answer, with commas between")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Built-in Model",
    name: "chatLocal",
    version: 1.0,
    kind: "ChatLocal",
    icon: "local-model.svg",
    category: "Chat Models",
    description: "Small open models inside Flowstone: no key, no other server, and nothing leaves \
                  the machine",
    base_classes: &["ChatLocal", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    inputs: &[
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        MAX_TOKENS.field,
        TOP_P.field,
        TOP_K.field,
        REPEAT_PENALTY.field,
        SEED.field,
        STOP.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ChatLocal;

#[async_trait]
impl Node for ChatLocal {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let model = Model {
            models: inputs.services.get::<LocalModels>()?,
            name: inputs.get(&MODEL)?,
            sampling: sampling(inputs)?,
            max_tokens: count(inputs, &MAX_TOKENS)?,
            stop: super::stop_sequences(inputs, &STOP)?,
            stream: inputs.get(&STREAMING)?,
        };
        super::finish(inputs, model)
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        match method {
            "listModels" => local_models::entries(inputs, Kind::Chat),
            other => Err(Error::Unsupported(format!("{} has no list {other}", SPEC.label))),
        }
    }

    fn streams(&self, values: &Map<String, Value>) -> bool {
        super::streams(values)
    }
}

fn sampling(inputs: &Inputs) -> Result<Sampling> {
    let usual = Sampling::default();
    #[expect(clippy::cast_possible_truncation, reason = "sampling needs no more digits")]
    let number = |row: &Input<Option<f64>>, usual: f32| -> Result<f32> {
        Ok(inputs.get(row)?.map_or(usual, |it| it as f32))
    };
    Ok(Sampling {
        temperature: number(&TEMPERATURE, usual.temperature)?,
        top_p: number(&TOP_P, usual.top_p)?,
        top_k: count(inputs, &TOP_K)?.unwrap_or(usual.top_k),
        repeat_penalty: number(&REPEAT_PENALTY, usual.repeat_penalty)?,
        seed: inputs.get(&SEED)?,
    })
}

fn count(inputs: &Inputs, row: &Input<Option<u64>>) -> Result<Option<usize>> {
    Ok(inputs.get(row)?.map(|it| usize::try_from(it).unwrap_or(usize::MAX)))
}

struct Model {
    models: Arc<LocalModels>,
    name: String,
    sampling: Sampling,
    max_tokens: Option<usize>,
    stop: Vec<String>,
    stream: bool,
}

#[async_trait]
impl ChatModel for Model {
    fn provider(&self) -> &'static str {
        "flowstone"
    }

    fn model(&self) -> &str {
        &self.name
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        if !request.tools.is_empty() {
            return Err(Error::Unsupported(format!(
                "the built-in model {} cannot call tools: choose another model, or a chain \
                 instead of an agent",
                self.name
            )));
        }
        let told = if self.stream { events.clone() } else { Events::silent() };
        let stop = self.stop.iter().chain(&request.stop).cloned();
        let mut answer = self.models.chat(
            &self.name,
            local::ChatRequest {
                messages: messages(request),
                sampling: self.sampling.clone(),
                stop: stop.collect(),
                max_tokens: self.max_tokens,
                overflow: local::Overflow::default(),
            },
        );
        let answer = answer.as_mut().map_err(|error| local_models::failure(error))?;
        told.token("").await;
        let mut reply = ChatReply::default();
        while let Some(event) = answer.next().await {
            match event.map_err(|error| local_models::failure(&error))? {
                ChatEvent::Text(piece) => {
                    told.token(&piece).await;
                    reply.text.push_str(&piece);
                }
                ChatEvent::Done(summary) => {
                    reply.finish_reason = Some(summary.finish.as_str().to_owned());
                    reply.usage = Some(usage(&summary));
                }
            }
        }
        if !self.stream {
            events.token(&reply.text).await;
        }
        Ok(reply)
    }
}

/// The conversation in the words of small models. A schema can only be told them.
fn messages(request: &ChatRequest) -> Vec<local::Message> {
    let schema = request.schema.iter().map(|schema| {
        let told = format!("Answer with JSON that follows this JSON Schema: {schema}");
        local::Message::new(local::Role::System, told)
    });
    let turns = request.messages.iter().map(|message| {
        let role = match message.role {
            Role::System => local::Role::System,
            Role::Assistant => local::Role::Assistant,
            Role::User | Role::Tool => local::Role::User,
        };
        local::Message::new(role, message.text.clone())
    });
    schema.chain(turns).collect()
}

fn usage(summary: &ChatSummary) -> Usage {
    let tokens = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Usage {
        input_tokens: tokens(summary.prompt_tokens),
        output_tokens: tokens(summary.completion_tokens),
        cached_tokens: tokens(summary.cached_tokens),
        reasoning_tokens: 0,
    }
}
