//! Text models served by Together AI.

use flowstone_core::{Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::openai::{Completion, dialects};

use super::{DEPRECATING, MAX_TOKENS};
use crate::{
    chat_models::{self, CACHE},
    openai_form::{LONGEST_ANSWER, TextForm},
};

const MODEL: Input<String> =
    Input::text("Model Name", "modelName").placeholder("mistralai/Mixtral-8x7B-Instruct-v0.1");
const TOP_K: Input<Option<f64>> =
    number("Top K", "topK", 1.0, 50.0).describe("Considers only this many of the likeliest words");
const TOP_P: Input<Option<f64>> = number("Top P", "topP", 0.1, 0.7)
    .describe("Considers only the likeliest words whose chances add up to this");
const TEMPERATURE: Input<Option<f64>> = number("Temperature", "temperature", 0.1, 0.7);
const REPEAT_PENALTY: Input<Option<f64>> = number("Repeat Penalty", "repeatPenalty", 0.1, 1.0)
    .describe("How much repetitions count; 1 is off");
const STREAMING: Input<bool> = Input::flag("Streaming", "streaming").default(false);
const STOP: Input<Option<String>> = Input::text("Stop Sequence", "stop")
    .rows(4)
    .describe("Texts that end the answer, with commas between")
    .optional()
    .additional();

/// A number that the form wants: an emptied row starts over from its default.
const fn number(
    label: &'static str,
    name: &'static str,
    step: f64,
    start: f64,
) -> Input<Option<f64>> {
    let mut it = Input::number(label, name).step(step).default(start).optional();
    it.field.optional = false;
    it
}

static SPEC: Spec = Spec {
    label: "TogetherAI",
    name: "togetherAI",
    version: 1.0,
    kind: "TogetherAI",
    icon: "together.svg",
    category: "LLMs",
    description: "Text models served by Together AI",
    base_classes: &["TogetherAI", "LLM", "BaseLLM", "BaseLanguageModel", "Runnable"],
    badge: DEPRECATING,
    credential: Some(CredentialSlot::required(&["togetherAIApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TOP_K.field,
        TOP_P.field,
        TEMPERATURE.field,
        REPEAT_PENALTY.field,
        STREAMING.field,
        MAX_TOKENS.field,
        STOP.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: TextForm = TextForm {
    numbers: &[
        (TOP_K, "top_k"),
        (TOP_P, "top_p"),
        (TEMPERATURE, "temperature"),
        (REPEAT_PENALTY, "repetition_penalty"),
        (MAX_TOKENS, LONGEST_ANSWER),
    ],
    adjust: settle,
    ..TextForm::new(&SPEC, &dialects::TOGETHER, ("togetherAIApiKey", "TogetherAI Api Key"), MODEL)
};

fn settle(inputs: &Inputs, text: &mut Completion) -> Result<()> {
    text.stream = inputs.get(&STREAMING)?;
    let stop = chat_models::stop_sequences(inputs, &STOP)?;
    if !stop.is_empty() {
        text.settings.insert("stop".to_owned(), stop.into());
    }
    Ok(())
}
