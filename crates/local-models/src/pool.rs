//! The models of one process: loaded on first use, shared by all runs, one job at a time each.

use std::path::PathBuf;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::catalog::{self, Kind};
use crate::chat::{ChatModelFile, ChatRequest, ChatSummary, DEFAULT_CONTEXT, DEFAULT_MAX_TOKENS};
use crate::embeddings::EmbeddingModelFile;
use crate::queue::Full;
use crate::worker::{ChatJob, EmbeddingJob, Lines};
use crate::{Error, Result, threads};

/// What the operator may set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder the model files lie in; it need not exist yet.
    pub models_dir: PathBuf,
    /// Threads for prompts and embeddings, per model in use. Answers are written by one.
    pub threads: usize,
    /// Requests that may wait for one model while it works on another.
    pub max_queue: usize,
    /// The longest conversation, question and answer together, in tokens.
    pub max_context: usize,
    /// A model that was not asked for so long leaves the memory; `None` keeps it for good.
    pub unload_after: Option<Duration>,
}

impl Settings {
    /// The defaults for the models in `models_dir`.
    pub fn new(models_dir: impl Into<PathBuf>) -> Self {
        Self {
            models_dir: models_dir.into(),
            threads: threads::default_threads(),
            max_queue: 16,
            max_context: DEFAULT_CONTEXT,
            unload_after: Some(Duration::from_mins(15)),
        }
    }
}

/// The registry of the built-in models. Cheap to clone; all clones share the models, and when the
/// last is dropped their threads end.
#[derive(Clone)]
pub struct LocalModels {
    shared: Arc<Shared>,
}

/// How one model stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStatus {
    /// The id or file name.
    pub model: String,
    /// It is in memory.
    pub loaded: bool,
    /// It works on a request.
    pub running: bool,
    /// Requests that wait for it.
    pub waiting: usize,
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatEvent {
    /// The next piece of text, never empty.
    Text(String),
    /// The answer is complete; nothing follows.
    Done(ChatSummary),
}

/// An answer on its way. Dropping it ends the generation at the next token.
#[derive(Debug)]
pub struct ChatStream {
    model: String,
    events: mpsc::Receiver<Result<ChatEvent>>,
    ended: bool,
}

impl LocalModels {
    /// A registry; nothing is loaded and no thread is started before a model is asked.
    pub fn new(settings: Settings) -> Self {
        let shared = Shared { settings, chat: Lines::default(), embeddings: Lines::default() };
        Self { shared: Arc::new(shared) }
    }

    /// What the registry was made with.
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Puts a request in the line of a chat model and gives its answer to come.
    ///
    /// `model` is a name as [`catalog::find`] takes it. Errors at once if there is no such model
    /// or its line is full; all other errors come through the stream.
    pub fn chat(&self, model: &str, request: ChatRequest) -> Result<ChatStream> {
        request.sampling.check()?;
        let settings = &self.shared.settings;
        let path = catalog::find(&settings.models_dir, model, Kind::Chat)?;
        // Room for the whole answer, one piece per token: the model never waits for a slow reader,
        // and the longest answer bounds the memory.
        let most_tokens = request.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS);
        let (sender, events) = mpsc::channel(most_tokens.min(settings.max_context) + 2);
        let context = settings.max_context;
        let line = self.shared.chat.of(model, path, settings, move |path| {
            ChatModelFile::load_with_context(path, context)
        })?;
        line.push(ChatJob::new(request, sender)).map_err(|full| busy(model, &full))?;
        Ok(ChatStream { model: model.to_owned(), events, ended: false })
    }

    /// One vector of length 1 per text, in the order of the texts.
    ///
    /// `model` is the id of an embedding model. Large requests are computed in small batches that
    /// take turns with those of other requests. Dropping the future ends the work.
    pub async fn embed(&self, model: &str, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        let settings = &self.shared.settings;
        let path = catalog::find(&settings.models_dir, model, Kind::Embeddings)?;
        let (reply, vectors) = oneshot::channel();
        let line = self.shared.embeddings.of(model, path, settings, EmbeddingModelFile::load)?;
        line.push(EmbeddingJob::new(texts, reply)).map_err(|full| busy(model, &full))?;
        vectors.await.unwrap_or_else(|_| Err(ended_early(model)))
    }

    /// The models that were asked since the start.
    pub fn status(&self) -> Vec<ModelStatus> {
        let mut status = self.shared.chat.status();
        status.extend(self.shared.embeddings.status());
        status
    }
}

impl std::fmt::Debug for LocalModels {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("LocalModels")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl ChatStream {
    /// The next part of the answer; `None` after [`ChatEvent::Done`] or an error.
    pub async fn next(&mut self) -> Option<Result<ChatEvent>> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// The same for those who write a `Stream`.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<ChatEvent>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let event = std::task::ready!(self.events.poll_recv(context))
            .unwrap_or_else(|| Err(ended_early(&self.model)));
        self.ended = !matches!(event, Ok(ChatEvent::Text(_)));
        Poll::Ready(Some(event))
    }

    /// Waits for the whole answer.
    pub async fn collect(mut self) -> Result<(String, ChatSummary)> {
        let mut answer = String::new();
        while let Some(event) = self.next().await {
            match event? {
                ChatEvent::Text(text) => answer.push_str(&text),
                ChatEvent::Done(summary) => return Ok((answer, summary)),
            }
        }
        Err(ended_early(&self.model))
    }
}

struct Shared {
    settings: Settings,
    chat: Lines<ChatJob>,
    embeddings: Lines<EmbeddingJob>,
}

fn busy(model: &str, full: &Full) -> Error {
    Error::Busy { model: model.to_owned(), waiting: full.0 }
}

/// The thread of the model went away without a word: it panicked, or the registry was dropped.
fn ended_early(model: &str) -> Error {
    Error::Stopped { model: model.to_owned(), reason: "its work was broken off".into() }
}
