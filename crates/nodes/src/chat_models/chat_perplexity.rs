//! Chat models of Perplexity, which search the web.

use flowstone_core::{Error, Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::openai::{Chat, dialects};

use super::{CACHE, STREAMING};
use crate::openai_form::{
    ChatForm, FREQUENCY_PENALTY, LONGEST_ANSWER, MAX_TOKENS, PRESENCE_PENALTY, TIMEOUT,
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "model", "listModels").default("sonar");
const TEMPERATURE: Input<Option<f64>> =
    Input::number("Temperature", "temperature").step(0.1).default(1.0).optional();
const SHORT_TOP_P: Input<Option<f64>> =
    Input::number("Top P", "topP").step(0.1).optional().additional();
const TOP_K: Input<Option<f64>> = Input::number("Top K", "topK")
    .step(1.0)
    .describe("Considers only this many of the likeliest words")
    .optional()
    .additional();
const PROXY: Input<Option<String>> = Input::text("Proxy Url", "proxyUrl")
    .describe("Kept empty: proxies are set for the whole installation")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Perplexity",
    name: "chatPerplexity",
    version: 0.1,
    kind: "ChatPerplexity",
    icon: "perplexity.svg",
    category: "Chat Models",
    description: "Models of Perplexity, which search the web before they answer",
    base_classes: &["ChatPerplexity", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    credential: Some(CredentialSlot::required(&["perplexityApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        MAX_TOKENS.field,
        SHORT_TOP_P.field,
        TOP_K.field,
        PRESENCE_PENALTY.field,
        FREQUENCY_PENALTY.field,
        STREAMING.field,
        TIMEOUT.field,
        PROXY.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    numbers: &[
        (TEMPERATURE, "temperature"),
        (MAX_TOKENS, LONGEST_ANSWER),
        (SHORT_TOP_P, "top_p"),
        (TOP_K, "top_k"),
        (PRESENCE_PENALTY, "presence_penalty"),
        (FREQUENCY_PENALTY, "frequency_penalty"),
    ],
    adjust: without_proxy,
    ..ChatForm::new(
        &SPEC,
        &dialects::PERPLEXITY,
        Some(("perplexityApiKey", "Perplexity API Key")),
        MODEL,
    )
};

fn without_proxy(inputs: &Inputs, _: &mut Chat) -> Result<()> {
    match inputs.get(&PROXY)? {
        None => Ok(()),
        Some(_) => {
            let reason = "a flow cannot choose a proxy: set GLOBAL_AGENT_HTTPS_PROXY for the whole \
                          installation and empty this row";
            Err(Error::invalid(&PROXY.field, reason))
        }
    }
}
