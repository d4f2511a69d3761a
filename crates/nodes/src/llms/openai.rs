//! Text models of OpenAI.

use flowstone_core::{Input, Spec, spec::CredentialSlot};
use flowstone_providers::openai::dialects;

use super::{BEST, BEST_OF, DEPRECATING, MAX_TOKENS};
use crate::{
    chat_models::CACHE,
    openai_form::{
        Address, BASE_OPTIONS, BASE_PATH, COOL_TEMPERATURE, FREQUENCY_PENALTY, LONGEST_ANSWER,
        OPENAI_KEY, PRESENCE_PENALTY, TIMEOUT, TOP_P, TextForm,
    },
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("gpt-3.5-turbo-instruct");
const BATCH_SIZE: Input<Option<f64>> = Input::number("Batch Size", "batchSize")
    .step(1.0)
    .describe("How many prompts may go into one call. Flows ask one prompt at a time")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "OpenAI",
    name: "openAI",
    version: 4.0,
    kind: "OpenAI",
    icon: "openai.svg",
    category: "LLMs",
    description: "Text models of OpenAI, older than its chat models",
    base_classes: &["OpenAI", "BaseLLM", "BaseLanguageModel", "Runnable"],
    badge: DEPRECATING,
    credential: Some(CredentialSlot::required(&["openAIApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        COOL_TEMPERATURE.field,
        MAX_TOKENS.field,
        TOP_P.field,
        BEST_OF.field,
        FREQUENCY_PENALTY.field,
        PRESENCE_PENALTY.field,
        BATCH_SIZE.field,
        TIMEOUT.field,
        BASE_PATH.field,
        BASE_OPTIONS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: TextForm = TextForm {
    address: Address::Anyone(&BASE_PATH),
    numbers: &[
        (COOL_TEMPERATURE, "temperature"),
        (MAX_TOKENS, LONGEST_ANSWER),
        (TOP_P, "top_p"),
        BEST,
        (FREQUENCY_PENALTY, "frequency_penalty"),
        (PRESENCE_PENALTY, "presence_penalty"),
    ],
    ..TextForm::new(&SPEC, &dialects::OPENAI, OPENAI_KEY, MODEL)
};
