//! The rows that nodes of Ollama share, and the server made of them.

use flowstone_core::{Input, Inputs, Result};
use flowstone_providers::{HttpClient, ollama::Server};
use serde_json::{Map, Value};

use crate::chat_models;

/// Where the server is.
pub(crate) const BASE_URL: Input<String> =
    Input::text("Base URL", "baseUrl").default("http://localhost:11434");
/// Which of its models.
pub(crate) const MODEL: Input<String> =
    Input::text("Model Name", "modelName").placeholder("llama3.2");
/// How much chance there is in an answer.
pub(crate) const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.9)
    .describe("Higher answers are more surprising")
    .optional();
/// How much of the likely words is considered.
pub(crate) const TOP_P: Input<Option<f64>> = sampling("Top P", "topP", 0.1)
    .describe("Considers only the likeliest words whose chances add up to this");
/// How many words are considered.
pub(crate) const TOP_K: Input<Option<f64>> =
    sampling("Top K", "topK", 1.0).describe("Considers only this many of the likeliest words");
/// Whether the surprise in an answer is kept even.
pub(crate) const MIROSTAT: Input<Option<f64>> = sampling("Mirostat", "mirostat", 1.0)
    .describe("Keeps the surprise in an answer even: 0 off, 1 Mirostat, 2 Mirostat 2.0");
/// How fast that adapts.
pub(crate) const MIROSTAT_ETA: Input<Option<f64>> =
    sampling("Mirostat ETA", "mirostatEta", 0.1).describe("How fast Mirostat adapts");
/// How much surprise that aims at.
pub(crate) const MIROSTAT_TAU: Input<Option<f64>> = sampling("Mirostat TAU", "mirostatTau", 0.1)
    .describe("How much surprise Mirostat aims at; lower is more focused");
/// How much the model keeps in mind.
pub(crate) const CONTEXT: Input<Option<f64>> = sampling("Context Window Size", "numCtx", 1.0)
    .describe("How much the model keeps in mind, in tokens");
/// How much of the model is on the graphics card.
pub(crate) const GPUS: Input<Option<f64>> = sampling("Number of GPU", "numGpu", 1.0)
    .describe("How many layers of the model go to the graphics card");
/// How many threads compute.
pub(crate) const THREADS: Input<Option<f64>> =
    sampling("Number of Thread", "numThread", 1.0).describe("How many threads compute");
/// How far back repetitions count.
pub(crate) const REPEAT_LAST_N: Input<Option<f64>> = sampling("Repeat Last N", "repeatLastN", 1.0)
    .describe("How far back repetitions count: 0 off, -1 all of the context");
/// How much repetitions count.
pub(crate) const REPEAT_PENALTY: Input<Option<f64>> =
    sampling("Repeat Penalty", "repeatPenalty", 0.1).describe("How much repetitions count");
/// Texts that end an answer.
pub(crate) const STOP: Input<Option<String>> = Input::text("Stop Sequence", "stop")
    .rows(4)
    .describe("Texts that end the answer, with commas between")
    .optional()
    .additional();
/// Where unlikely words are cut off.
pub(crate) const TAIL_FREE: Input<Option<f64>> =
    sampling("Tail Free Sampling", "tfsZ", 0.1).describe("Cuts off unlikely words; 1 is off");

const fn sampling(label: &'static str, name: &'static str, step: f64) -> Input<Option<f64>> {
    Input::number(label, name).step(step).optional().additional()
}

/// Rows that go into the request's `options`.
const OPTIONS: &[(Input<Option<f64>>, &str)] = &[
    (TEMPERATURE, "temperature"),
    (TOP_P, "top_p"),
    (TOP_K, "top_k"),
    (MIROSTAT, "mirostat"),
    (MIROSTAT_ETA, "mirostat_eta"),
    (MIROSTAT_TAU, "mirostat_tau"),
    (CONTEXT, "num_ctx"),
    (GPUS, "num_gpu"),
    (THREADS, "num_thread"),
    (REPEAT_LAST_N, "repeat_last_n"),
    (REPEAT_PENALTY, "repeat_penalty"),
    (TAIL_FREE, "tfs_z"),
];

/// The server that a form names, with the key of its credential, if one is chosen.
pub(crate) fn server(inputs: &Inputs) -> Result<Server> {
    let mut server = Server::new(inputs.services.get::<HttpClient>()?, inputs.get(&BASE_URL)?);
    let key = inputs.credential.as_ref().and_then(|it| it.get("ollamaApiKey"));
    if let Some(key) = key {
        server.headers.push(("authorization".to_owned(), format!("Bearer {key}")));
    }
    Ok(server)
}

/// The `options` of a request.
pub(crate) fn options(inputs: &Inputs) -> Result<Map<String, Value>> {
    let mut options = chat_models::numbers(inputs, OPTIONS)?;
    let stop = chat_models::stop_sequences(inputs, &STOP)?;
    if !stop.is_empty() {
        options.insert("stop".to_owned(), stop.into());
    }
    Ok(options)
}
