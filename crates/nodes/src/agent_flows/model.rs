//! Asking the model that was chosen in a step's form, and what the record says of its answer.

use std::sync::Arc;

use chrono::Utc;
use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Error, Event, Events, Field, Input, Inputs,
    Message, Result, Turn, Usage,
};
use serde_json::{Map, Value, json};

use super::{conversation, rows};
use crate::models::{self, Kind};

/// How closely models are to look at pictures, where their vendors offer the choice.
const RESOLUTIONS: &[&str] = &["low", "high", "auto"];

/// A model that was chosen in a form, with the form of its own.
pub(super) struct Chosen {
    field: Field,
    node: String,
    config: Map<String, Value>,
}

impl Chosen {
    /// What the form says.
    pub(super) fn from_form(inputs: &Inputs, row: &Input<String>) -> Result<Self> {
        let node = inputs.get(row)?;
        Ok(Self { field: row.field, node, config: rows::config(inputs, &row.field) })
    }

    /// How closely it is to look at pictures. Forms of the reference's earlier versions say it; those
    /// of today have no row for it, and leave it to the vendor.
    fn resolution(&self) -> Option<&str> {
        let chosen = self.config.get("imageResolution")?.as_str()?;
        RESOLUTIONS.contains(&chosen).then_some(chosen)
    }

    /// The model itself.
    pub(super) async fn build(&self, turn: &Turn<'_>) -> Result<Arc<dyn ChatModel>> {
        match turn.flow.build(&self.node, &self.config).await? {
            Capability::ChatModel(model) => Ok(model),
            other => {
                let reason = format!("a {} is chosen: choose a chat model", other.kind());
                Err(Error::invalid(&self.field, reason))
            }
        }
    }
}

/// A talk with a model in one turn of a step.
pub(super) struct Talk<'a> {
    model: Arc<dyn ChatModel>,
    turn: &'a Turn<'a>,
    node: &'a str,
    resolution: Option<&'a str>,
    started: i64,
    spent: Usage,
    reasoning: String,
    thought: i64,
}

impl<'a> Talk<'a> {
    /// Begins to count time and tokens.
    pub(super) async fn begin(chosen: &'a Chosen, turn: &'a Turn<'a>) -> Result<Self> {
        Ok(Self {
            model: chosen.build(turn).await?,
            turn,
            node: &chosen.node,
            resolution: chosen.resolution(),
            started: Utc::now().timestamp_millis(),
            spent: Usage::default(),
            reasoning: String::new(),
            thought: 0,
        })
    }

    /// The model.
    pub(super) fn model(&self) -> &dyn ChatModel {
        self.model.as_ref()
    }

    /// The turns as the model is told of them, with its pictures as closely as its form says.
    pub(super) async fn told(&self, turns: &[Value]) -> Result<Vec<Message>> {
        let mut told = conversation::told(turns, self.turn.run).await?;
        for image in told.iter_mut().flat_map(|it| &mut it.images) {
            image.detail = self.resolution.map(str::to_owned);
        }
        Ok(told)
    }

    /// Asks the model; the pieces of its answer go to `events`.
    pub(super) async fn ask(&mut self, asked: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let began = Utc::now().timestamp_millis();
        let reply = self.model.chat(asked, events).await?;
        self.spent += reply.usage.unwrap_or_default();
        if !reply.reasoning.is_empty() {
            self.reasoning.push_str(&reply.reasoning);
            self.thought += Utc::now().timestamp_millis() - began;
        }
        Ok(reply)
    }

    /// `timeMetadata`: when the talk began and ended, in milliseconds.
    pub(super) fn time(&self) -> Value {
        let end = Utc::now().timestamp_millis();
        json!({"start": self.started, "end": end, "delta": end - self.started})
    }

    /// `usageMetadata` of the last reply; what earlier replies of the same turn spent counts as
    /// spent on calling tools. The money is that of the whole talk.
    pub(super) fn usage(&self, last: &ChatReply, called_tools: bool) -> Option<Value> {
        let mut shown = of_reply(last)?;
        if called_tools {
            let all = self.spent.input_tokens + self.spent.output_tokens;
            let total = shown["total_tokens"].as_u64().unwrap_or_default();
            shown["total_tokens"] = (total + all).into();
            shown["tool_call_tokens"] = all.into();
        }
        let known = models::of(&self.turn.run.services);
        if let Some((read, written)) = known.price(Kind::Chat, self.node, self.model.model()) {
            let input_cost = tokens(self.spent.input_tokens) * read;
            let output_cost = tokens(self.spent.output_tokens) * written;
            shown["input_cost"] = input_cost.into();
            shown["output_cost"] = output_cost.into();
            shown["total_cost"] = (input_cost + output_cost).into();
            shown["base_input_cost"] = read.into();
            shown["base_output_cost"] = written.into();
        }
        Some(shown)
    }

    /// `responseMetadata`: what the vendor said of its last reply.
    pub(super) fn response(&self, last: &ChatReply) -> Value {
        let mut said = Map::new();
        if !self.turn.speaks
            && let Some(usage) = last.usage
        {
            let estimate = json!({
                "promptTokens": usage.input_tokens,
                "completionTokens": usage.output_tokens,
                "totalTokens": usage.input_tokens + usage.output_tokens,
            });
            said.insert("estimatedTokenUsage".to_owned(), estimate);
        }
        // What speaks OpenAI's protocol goes by its name here, whoever serves it.
        let provider = match self.model.provider() {
            "openai-compatible" => "openai",
            other => other,
        };
        if provider == "openai" {
            // Which of several answers it is: clients of the reference look for it.
            said.insert("prompt".to_owned(), 0.into());
            said.insert("completion".to_owned(), 0.into());
        }
        if let Some(reason) = &last.finish_reason {
            said.insert("finish_reason".to_owned(), reason.clone().into());
        }
        for (name, fact) in last.facts.iter().filter(|(name, _)| *name != "id") {
            said.insert(name.clone(), fact.clone());
        }
        said.insert("model_name".to_owned(), self.model.model().into());
        said.insert("model_provider".to_owned(), provider.into());
        said.into()
    }

    /// `reasonContent`: what the model thought, and for how many seconds at most.
    pub(super) fn reasoning(&self) -> Option<Value> {
        let seconds = (self.thought + 500) / 1000;
        (!self.reasoning.is_empty())
            .then(|| json!({"thinking": self.reasoning, "thinkingDuration": seconds}))
    }

    /// Tells the end of an answer that was told piece by piece.
    pub(super) async fn tell_end(&self, last: &ChatReply) {
        if !self.turn.speaks {
            return;
        }
        let events = &self.turn.run.events;
        events.emit(Event::CalledTools(called(last))).await;
        if let Some(usage) = of_reply(last) {
            events.emit(Event::UsageMetadata(usage)).await;
        }
    }
}

/// The calls of a reply before they are made, as callers are told of them.
pub(super) fn called(reply: &ChatReply) -> Vec<Value> {
    let calls = reply.tool_calls.iter().map(
        |it| json!({"tool": it.name, "toolInput": arguments(&it.arguments), "toolOutput": ""}),
    );
    calls.collect()
}

/// Arguments as the model wrote them; its text where that is no JSON.
pub(super) fn arguments(text: &str) -> Value {
    if text.trim().is_empty() {
        return json!({});
    }
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// The tokens of one reply; `None` where its vendor does not tell.
pub(super) fn of_reply(reply: &ChatReply) -> Option<Value> {
    let usage = reply.usage?;
    Some(json!({
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "input_token_details": {"audio": 0, "cache_read": usage.cached_tokens},
        "output_token_details": {"audio": 0, "reasoning": usage.reasoning_tokens},
    }))
}

#[expect(clippy::cast_precision_loss, reason = "no run spends 2^53 tokens")]
fn tokens(count: u64) -> f64 {
    count as f64
}
