//! Nodes that answer conversations.

pub(crate) mod aws_chat_bedrock;
pub(crate) mod azure_chat_openai;
pub(crate) mod azure_chat_openai_llama_index;
mod cached;
pub(crate) mod chat_alibaba_tongyi;
pub(crate) mod chat_anthropic;
pub(crate) mod chat_anthropic_llama_index;
pub(crate) mod chat_baidu_wenxin;
pub(crate) mod chat_cerebras;
pub(crate) mod chat_cloudflare_workers_ai;
pub(crate) mod chat_cohere;
pub(crate) mod chat_comet_api;
pub(crate) mod chat_deepseek;
pub(crate) mod chat_fireworks;
pub(crate) mod chat_google_generative_ai;
pub(crate) mod chat_google_vertex_ai;
pub(crate) mod chat_groq_llama_index;
pub(crate) mod chat_hugging_face;
pub(crate) mod chat_ibm_watsonx;
pub(crate) mod chat_litellm;
#[cfg(feature = "local-models")]
pub(crate) mod chat_local;
pub(crate) mod chat_local_ai;
pub(crate) mod chat_mistral_ai;
pub(crate) mod chat_mistral_llama_index;
pub(crate) mod chat_nemo_guardrails;
pub(crate) mod chat_nvidia_nim;
pub(crate) mod chat_ollama;
pub(crate) mod chat_ollama_llama_index;
pub(crate) mod chat_open_router;
pub(crate) mod chat_openai;
pub(crate) mod chat_openai_custom;
pub(crate) mod chat_openai_llama_index;
pub(crate) mod chat_perplexity;
pub(crate) mod chat_sambanova;
pub(crate) mod chat_together_ai;
pub(crate) mod chat_together_ai_llama_index;
pub(crate) mod chat_xai;
pub(crate) mod groq_chat;

use cached::Cached;

use std::sync::Arc;

use flowstone_core::{Cache, Capability, ChatModel, Input, Inputs, Result, number::as_written};
use serde_json::{Map, Value};

/// Answers kept for questions that come again.
pub(crate) const CACHE: Input<Option<Arc<dyn Cache>>> =
    Input::socket("Cache", "cache", "BaseCache").optional();

/// Whether the answer is told piece by piece.
pub(crate) const STREAMING: Input<bool> =
    Input::flag("Streaming", "streaming").default(true).may_be_empty().additional();

/// The same where the form shows it unfolded.
pub(crate) const OPEN_STREAMING: Input<bool> = {
    let mut it = STREAMING;
    it.field.additional_params = false;
    it
};

/// Whether the model is shown pictures that come with a question.
pub(crate) const ALLOW_IMAGES: Input<bool> =
    Input::flag("Allow Image Uploads", "allowImageUploads")
        .default(false)
        .describe(
            "Shows the model pictures that come with a question. The model must be able to see",
        )
        .may_be_empty();

/// Hands on a model, behind the cache that is plugged in, if one is.
pub(crate) fn finish(inputs: &Inputs, model: impl ChatModel + 'static) -> Result<Capability> {
    let model: Arc<dyn ChatModel> = Arc::new(model);
    Ok(Capability::ChatModel(match inputs.get(&CACHE)? {
        Some(cache) => Arc::new(Cached::new(model, cache, &inputs.values)),
        None => model,
    }))
}

/// Whether a saved form lets the model stream.
pub(crate) fn streams(values: &Map<String, Value>) -> bool {
    !values.get(STREAMING.field.name).is_some_and(|it| it == false || it == "false")
}

/// The rows of a form that go into a request as numbers under another name.
pub(crate) fn numbers(
    inputs: &Inputs,
    rows: &[(Input<Option<f64>>, &str)],
) -> Result<Map<String, Value>> {
    let mut settings = Map::new();
    for (row, name) in rows {
        if let Some(number) = inputs.get(row)? {
            settings.insert((*name).to_owned(), as_written(number));
        }
    }
    Ok(settings)
}

/// Texts that end an answer, as a row holds them: with commas between.
pub(crate) fn stop_sequences(inputs: &Inputs, row: &Input<Option<String>>) -> Result<Vec<String>> {
    let text = inputs.get(row)?.unwrap_or_default();
    Ok(text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect())
}
