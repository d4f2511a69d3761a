//! One thread per model: it loads the model when the first job comes and does the jobs in turn.
//!
//! These are threads of their own, not tasks: a generation computes for seconds without a pause,
//! which would stop everything else on a thread of the async runtime.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use crate::chat::{ChatModelFile, ChatRequest, Finish};
use crate::embeddings::{EmbeddingModelFile, EmbeddingRun};
use crate::pool::{ChatEvent, ModelStatus, Settings};
use crate::queue::{Job, Next, Queue};
use crate::{Error, Result, threads};

/// The lines of all models that do one kind of job, by the place of the model.
pub(crate) struct Lines<J: Job> {
    lines: Mutex<HashMap<PathBuf, Line<J>>>,
}

struct Line<J> {
    model: String,
    queue: Arc<Queue<J>>,
}

/// A job that the thread of a model can do.
pub(crate) trait Work: Job + Sized + Send + 'static {
    /// What must be in memory for it.
    type Model: 'static;

    /// Does the job, or a part of it: what is left comes back.
    fn run(self, model: &mut Self::Model) -> Option<Self>;

    /// Tells that it cannot be done.
    fn fail(self, error: Error);
}

/// A request to a chat model.
pub(crate) struct ChatJob {
    request: ChatRequest,
    events: mpsc::Sender<Result<ChatEvent>>,
}

/// A request to an embedding model.
pub(crate) struct EmbeddingJob {
    work: EmbeddingWork,
    reply: oneshot::Sender<Result<Vec<Vec<f32>>>>,
}

enum EmbeddingWork {
    New(Vec<String>),
    Begun(EmbeddingRun),
}

impl<J: Job> Default for Lines<J> {
    fn default() -> Self {
        Self { lines: Mutex::default() }
    }
}

impl<J: Work> Lines<J> {
    /// The line of a model; its thread is started when it is first asked for.
    pub(crate) fn of(
        &self,
        model: &str,
        path: PathBuf,
        settings: &Settings,
        load: impl Fn(&Path) -> Result<J::Model> + Send + 'static,
    ) -> Result<Arc<Queue<J>>> {
        let mut lines = self.lines.lock();
        if let Some(line) = lines.get(&path) {
            return Ok(line.queue.clone());
        }
        if lines.is_empty() && !threads::pool_is_bounded() {
            tracing::warn!(
                "CANDLE_NUM_THREADS is not set: local models will be very slow while the machine is busy; set it to 1"
            );
        }
        let queue = Arc::new(Queue::new(settings.max_queue));
        let worker = Worker {
            model: model.to_owned(),
            path: path.clone(),
            queue: queue.clone(),
            settings: settings.clone(),
            load,
        };
        std::thread::Builder::new()
            .name(format!("model-{model}"))
            .spawn(move || worker.work())
            .map_err(|error| Error::Stopped {
                model: model.to_owned(),
                reason: format!("no thread could be started: {error}"),
            })?;
        lines.insert(path, Line { model: model.to_owned(), queue: queue.clone() });
        Ok(queue)
    }
}

impl<J: Job> Lines<J> {
    pub(crate) fn status(&self) -> Vec<ModelStatus> {
        let lines = self.lines.lock();
        let status = lines.values().map(|line| {
            let standing = line.queue.standing();
            ModelStatus {
                model: line.model.clone(),
                loaded: standing.loaded,
                running: standing.running,
                waiting: standing.waiting,
            }
        });
        status.collect()
    }
}

impl<J: Job> Drop for Lines<J> {
    fn drop(&mut self) {
        for line in self.lines.get_mut().values() {
            line.queue.close();
        }
    }
}

struct Worker<J, Load> {
    model: String,
    path: PathBuf,
    queue: Arc<Queue<J>>,
    settings: Settings,
    load: Load,
}

impl<J: Work, Load: Fn(&Path) -> Result<J::Model>> Worker<J, Load> {
    fn work(self) {
        let _pool = threads::confine_current_thread(self.settings.threads);
        let mut loaded: Option<J::Model> = None;
        loop {
            let idle = self.settings.unload_after.filter(|_| loaded.is_some());
            match self.queue.next(idle) {
                Next::Closed => return,
                Next::Idle => {
                    tracing::info!(model = self.model, "a local model leaves the memory");
                    loaded = None;
                }
                Next::Job(job) => loaded = self.work_on(job, loaded),
            }
            self.queue.set_loaded(loaded.is_some());
        }
    }

    /// Does one job and gives back the model, unless it could not be loaded or broke.
    fn work_on(&self, job: J, loaded: Option<J::Model>) -> Option<J::Model> {
        let mut model = match loaded.map_or_else(|| self.load_model(), Ok) {
            Ok(model) => model,
            Err(error) => {
                job.fail(error);
                return None;
            }
        };
        self.queue.set_loaded(true);
        // A panic inside candle must not take the line down. What the job was doing is lost, and
        // the model is loaded anew, for its cache may be half written.
        match std::panic::catch_unwind(AssertUnwindSafe(|| job.run(&mut model))) {
            Ok(Some(rest)) => self.queue.put_back(rest),
            Ok(None) => {}
            Err(_) => {
                tracing::error!(model = self.model, "a local model panicked and is loaded anew");
                return None;
            }
        }
        Some(model)
    }

    fn load_model(&self) -> Result<J::Model> {
        let started = Instant::now();
        let model = (self.load)(&self.path)?;
        let milliseconds = started.elapsed().as_millis();
        tracing::info!(model = self.model, milliseconds, "a local model is in memory");
        Ok(model)
    }
}

impl ChatJob {
    pub(crate) fn new(request: ChatRequest, events: mpsc::Sender<Result<ChatEvent>>) -> Self {
        Self { request, events }
    }
}

impl Job for ChatJob {
    fn is_cancelled(&self) -> bool {
        self.events.is_closed()
    }
}

impl Work for ChatJob {
    type Model = ChatModelFile;

    fn run(self, model: &mut ChatModelFile) -> Option<Self> {
        let Self { request, events } = self;
        let outcome = model.generate(&request, &mut |text| {
            let received =
                text.is_empty() || events.try_send(Ok(ChatEvent::Text(text.to_owned()))).is_ok();
            if received && !events.is_closed() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        let last = match outcome {
            Ok(summary) if summary.finish == Finish::Cancelled => return None,
            Ok(summary) => Ok(ChatEvent::Done(summary)),
            Err(error) => Err(error),
        };
        // Nobody listening any more is no error.
        let _ = events.try_send(last);
        None
    }

    fn fail(self, error: Error) {
        // Nobody listening any more is no error.
        let _ = self.events.try_send(Err(error));
    }
}

impl EmbeddingJob {
    pub(crate) fn new(texts: Vec<String>, reply: oneshot::Sender<Result<Vec<Vec<f32>>>>) -> Self {
        Self { work: EmbeddingWork::New(texts), reply }
    }
}

impl Job for EmbeddingJob {
    fn is_cancelled(&self) -> bool {
        self.reply.is_closed()
    }
}

impl Work for EmbeddingJob {
    type Model = EmbeddingModelFile;

    fn run(self, model: &mut EmbeddingModelFile) -> Option<Self> {
        let Self { work, reply } = self;
        let begun = match work {
            EmbeddingWork::New(texts) => model.start(&texts),
            EmbeddingWork::Begun(run) => Ok(run),
        };
        let stepped = begun.and_then(|mut run| Ok((model.step(&mut run)?, run)));
        let answer = match stepped {
            Ok((false, run)) => return Some(Self { work: EmbeddingWork::Begun(run), reply }),
            Ok((true, run)) => Ok(run.into_vectors()),
            Err(error) => Err(error),
        };
        // Nobody waiting any more is no error.
        let _ = reply.send(answer);
        None
    }

    fn fail(self, error: Error) {
        // Nobody waiting any more is no error.
        let _ = self.reply.send(Err(error));
    }
}
