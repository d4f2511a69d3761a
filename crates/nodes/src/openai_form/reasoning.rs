//! The rows of models that think, and the wire that they are asked on.

use flowstone_core::{
    Capability, Choice, Input, Inputs, Result,
    spec::{Holds, When},
};
use flowstone_providers::openai::{Chat, Responses};
use serde_json::Map;

use crate::chat_models;

/// Whether the model thinks before it answers.
pub(crate) const REASONING: Input<bool> = Input::flag("Reasoning", "reasoning")
    .default(false)
    .describe("For models that think before they answer, such as gpt-5 and o4-mini")
    .may_be_empty()
    .additional();
/// How much of its thoughts it tells.
pub(crate) const SUMMARY: Input<String> = Input::options(
    "Reasoning Summary",
    "reasoningSummary",
    &[
        Choice::new("auto", "Auto"),
        Choice::new("concise", "Concise"),
        Choice::new("detailed", "Detailed"),
    ],
)
.describe("How much of its thoughts the model tells; this asks it over the Responses API")
.additional()
.show_when(WITH_REASONING);
/// Shows a row only for models that think.
pub(crate) const WITH_REASONING: &[When] = &[When(REASONING.field.name, Holds::Flag(true))];

/// Hands on the model that a form with these rows stands for. `known_as` is the model's public
/// name, which tells whether it thinks; `effort` is the row of how long. `turn` turns the model to
/// the place of the Responses API, which is asked only where a summary is wanted.
pub(crate) fn finish(
    inputs: &Inputs,
    mut chat: Chat,
    known_as: &str,
    effort: &Input<String>,
    turn: impl FnOnce(&mut Chat) -> Result<()>,
) -> Result<Capability> {
    let reasons = inputs.get(&REASONING)?;
    let effort = inputs.value(&effort.field).filter(|_| reasons);
    let summary = inputs.value(&SUMMARY.field).filter(|_| reasons);
    if reasons || always_reasons(known_as) {
        // Such models refuse the one and know the other by a name of its own.
        chat.settings.remove("temperature");
        if let Some(longest) = chat.settings.remove(chat.dialect.max_tokens) {
            chat.settings.insert(chat.dialect.max_tokens_thinking.to_owned(), longest);
        }
    }
    let Some(summary) = summary else {
        if let Some(effort) = effort {
            chat.settings.insert("reasoning_effort".to_owned(), effort);
        }
        return chat_models::finish(inputs, chat);
    };
    let mut reasoning = Map::from_iter([("summary".to_owned(), summary)]);
    reasoning.extend(effort.map(|it| ("effort".to_owned(), it)));
    turn(&mut chat)?;
    chat_models::finish(inputs, Responses::new(chat, reasoning))
}

/// Models that think whatever the form says; they refuse a temperature.
pub(crate) fn always_reasons(model: &str) -> bool {
    ["o1", "o3", "o4", "gpt-5"].iter().any(|family| model.starts_with(family))
}
