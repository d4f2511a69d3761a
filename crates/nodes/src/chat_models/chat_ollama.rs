//! Chat models served by Ollama.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, spec::CredentialSlot};
use flowstone_providers::{
    HttpClient,
    ollama::{Chat, Server},
};
use serde_json::{Map, Value};

use super::{ALLOW_IMAGES, CACHE, STREAMING};

const BASE_URL: Input<String> =
    Input::text("Base URL", "baseUrl").default("http://localhost:11434");
const MODEL: Input<String> = Input::text("Model Name", "modelName").placeholder("llama3.2");
const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.9)
    .describe("Higher answers are more surprising")
    .optional();
const THINK: Input<bool> = Input::flag("Think", "think")
    .default(false)
    .describe("For models that can think before they answer")
    .may_be_empty();
const JSON_MODE: Input<bool> = Input::flag("JSON Mode", "jsonMode")
    .describe("Holds answers to be JSON. The prompt must say what is to be in it")
    .may_be_empty()
    .additional();
const KEEP_ALIVE: Input<Option<String>> = Input::text("Keep Alive", "keepAlive")
    .default("5m")
    .describe("How long the model stays loaded after a call: 10m, 24h, or -1 for ever")
    .optional()
    .additional();
const TOP_P: Input<Option<f64>> = sampling("Top P", "topP", 0.1)
    .describe("Considers only the likeliest words whose chances add up to this");
const TOP_K: Input<Option<f64>> =
    sampling("Top K", "topK", 1.0).describe("Considers only this many of the likeliest words");
const MIROSTAT: Input<Option<f64>> = sampling("Mirostat", "mirostat", 1.0)
    .describe("Keeps the surprise in an answer even: 0 off, 1 Mirostat, 2 Mirostat 2.0");
const MIROSTAT_ETA: Input<Option<f64>> =
    sampling("Mirostat ETA", "mirostatEta", 0.1).describe("How fast Mirostat adapts");
const MIROSTAT_TAU: Input<Option<f64>> = sampling("Mirostat TAU", "mirostatTau", 0.1)
    .describe("How much surprise Mirostat aims at; lower is more focused");
const CONTEXT: Input<Option<f64>> = sampling("Context Window Size", "numCtx", 1.0)
    .describe("How much the model keeps in mind, in tokens");
const GPUS: Input<Option<f64>> = sampling("Number of GPU", "numGpu", 1.0)
    .describe("How many layers of the model go to the graphics card");
const THREADS: Input<Option<f64>> =
    sampling("Number of Thread", "numThread", 1.0).describe("How many threads compute");
const REPEAT_LAST_N: Input<Option<f64>> = sampling("Repeat Last N", "repeatLastN", 1.0)
    .describe("How far back repetitions count: 0 off, -1 all of the context");
const REPEAT_PENALTY: Input<Option<f64>> =
    sampling("Repeat Penalty", "repeatPenalty", 0.1).describe("How much repetitions count");
const STOP: Input<Option<String>> = Input::text("Stop Sequence", "stop")
    .rows(4)
    .describe("Texts that end the answer, with commas between")
    .optional()
    .additional();
const TAIL_FREE: Input<Option<f64>> =
    sampling("Tail Free Sampling", "tfsZ", 0.1).describe("Cuts off unlikely words; 1 is off");

const fn sampling(label: &'static str, name: &'static str, step: f64) -> Input<Option<f64>> {
    Input::number(label, name).step(step).optional().additional()
}

static SPEC: Spec = Spec {
    label: "Ollama",
    name: "chatOllama",
    version: 5.0,
    kind: "ChatOllama",
    icon: "ollama.svg",
    category: "Chat Models",
    description: "Open models on a machine of your own, served by Ollama",
    base_classes: &["ChatOllama", "ChatOllama", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    credential: Some(CredentialSlot::optional(&["ollamaApi"])),
    inputs: &[
        CACHE.field,
        BASE_URL.field,
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        ALLOW_IMAGES.field,
        THINK.field,
        JSON_MODE.field,
        KEEP_ALIVE.field,
        TOP_P.field,
        TOP_K.field,
        MIROSTAT.field,
        MIROSTAT_ETA.field,
        MIROSTAT_TAU.field,
        CONTEXT.field,
        GPUS.field,
        THREADS.field,
        REPEAT_LAST_N.field,
        REPEAT_PENALTY.field,
        STOP.field,
        TAIL_FREE.field,
    ],
    ..Spec::EMPTY
};

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

/// The node.
pub(crate) struct ChatOllama;

#[async_trait]
impl Node for ChatOllama {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let mut server = Server::new(inputs.services.get::<HttpClient>()?, inputs.get(&BASE_URL)?);
        let key = inputs.credential.as_ref().and_then(|it| it.get("ollamaApiKey"));
        if let Some(key) = key {
            server.headers.push(("authorization".to_owned(), format!("Bearer {key}")));
        }
        let mut chat = Chat::new(server, inputs.get(&MODEL)?);
        chat.options = super::numbers(inputs, OPTIONS)?;
        let stop = super::stop_sequences(inputs, &STOP)?;
        if !stop.is_empty() {
            chat.options.insert("stop".to_owned(), stop.into());
        }
        // Models that cannot think refuse to be told not to.
        chat.think = inputs.get(&THINK)?.then(|| true.into());
        chat.json_mode = inputs.get(&JSON_MODE)?;
        chat.keep_alive = inputs.get(&KEEP_ALIVE)?;
        chat.takes_images = inputs.get(&ALLOW_IMAGES)?;
        chat.stream = inputs.get(&STREAMING)?;
        super::finish(inputs, chat)
    }

    fn streams(&self, values: &Map<String, Value>) -> bool {
        super::streams(values)
    }
}
