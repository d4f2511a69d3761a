//! Text models on IBM's watsonx.ai.

use async_trait::async_trait;
use flowstone_core::{Capability, Choice, Input, Inputs, Node, Result, Spec};
use flowstone_providers::watsonx::Text;

use super::DEPRECATING;
use crate::{
    chat_models::{self, CACHE},
    watsonx_form::{self, CREDENTIAL},
};

const MODEL: Input<String> = Input::text("Model", "modelId").default("ibm/granite-13b-instruct-v2");
const METHOD: Input<Option<String>> = Input::options(
    "Decoding Method",
    "decodingMethod",
    &[
        Choice::plain("sample").describe("Chance decides among the likeliest words"),
        Choice::plain("greedy").describe("Always the likeliest word"),
    ],
)
.default("greedy")
.describe("How the next word is chosen")
.optional()
.additional();
const TOP_K: Input<Option<f64>> = starting("Top K", "topK", 1.0, 50.0)
    .describe("Considers only this many of the likeliest words");
const TOP_P: Input<Option<f64>> = starting("Top P", "topP", 0.1, 0.7)
    .describe("Considers only the likeliest words whose chances add up to this");
const TEMPERATURE: Input<Option<f64>> = starting("Temperature", "temperature", 0.1, 0.7)
    .describe("How much chance there is in an answer");
const PENALTY: Input<Option<f64>> = starting("Repeat Penalty", "repetitionPenalty", 0.1, 1.0)
    .describe("How much repetitions count; 1 is off");
const STREAMING: Input<bool> = Input::flag("Streaming", "streaming").default(false);
const LONGEST: Input<Option<f64>> =
    starting("Max New Tokens", "maxNewTokens", 1.0, 100.0).describe("Longest answer, in tokens");
const SHORTEST: Input<Option<f64>> =
    starting("Min New Tokens", "minNewTokens", 1.0, 1.0).describe("Shortest answer, in tokens");
const STOP: Input<Option<String>> = Input::text("Stop Sequence", "stopSequence")
    .rows(4)
    .describe("Texts that end the answer, with commas between")
    .optional()
    .additional();
const INCLUDE_STOP: Input<bool> = Input::flag("Include Stop Sequence", "includeStopSequence")
    .default(false)
    .describe("Leaves the text that ended the answer at its end")
    .may_be_empty()
    .additional();
const SEED: Input<Option<f64>> = Input::number("Random Seed", "randomSeed")
    .describe("The same seed and question give the same answer")
    .optional()
    .additional();

const fn starting(
    label: &'static str,
    name: &'static str,
    step: f64,
    start: f64,
) -> Input<Option<f64>> {
    Input::number(label, name).step(step).default(start).optional().additional()
}

static SPEC: Spec = Spec {
    label: "IBMWatsonx",
    name: "ibmWatsonx",
    version: 1.0,
    kind: "IBMWatsonx",
    icon: "ibm.svg",
    category: "LLMs",
    description: "Text models on IBM watsonx.ai",
    base_classes: &["IBMWatsonx", "BaseLLM", "BaseLanguageModel", "Runnable"],
    badge: DEPRECATING,
    credential: Some(CREDENTIAL),
    inputs: &[
        CACHE.field,
        MODEL.field,
        METHOD.field,
        TOP_K.field,
        TOP_P.field,
        TEMPERATURE.field,
        PENALTY.field,
        STREAMING.field,
        LONGEST.field,
        SHORTEST.field,
        STOP.field,
        INCLUDE_STOP.field,
        SEED.field,
    ],
    ..Spec::EMPTY
};

/// What counts only where chance decides.
const SAMPLING: &[(Input<Option<f64>>, &str)] =
    &[(TOP_K, "top_k"), (TOP_P, "top_p"), (TEMPERATURE, "temperature"), (SEED, "random_seed")];
const ALWAYS: &[(Input<Option<f64>>, &str)] =
    &[(PENALTY, "repetition_penalty"), (LONGEST, "max_new_tokens"), (SHORTEST, "min_new_tokens")];

/// The node.
pub(crate) struct IbmWatsonx;

#[async_trait]
impl Node for IbmWatsonx {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let mut parameters = chat_models::numbers(inputs, ALWAYS)?;
        let method = inputs.get(&METHOD)?.unwrap_or_else(|| "greedy".to_owned());
        if method == "sample" {
            parameters.extend(chat_models::numbers(inputs, SAMPLING)?);
        }
        parameters.insert("decoding_method".to_owned(), method.into());
        let stop = chat_models::stop_sequences(inputs, &STOP)?;
        if !stop.is_empty() {
            parameters.insert("stop_sequences".to_owned(), stop.into());
            parameters
                .insert("include_stop_sequence".to_owned(), inputs.get(&INCLUDE_STOP)?.into());
        }
        let project = watsonx_form::project(inputs)?;
        chat_models::finish(inputs, Text { project, model: inputs.get(&MODEL)?, parameters })
    }
}
