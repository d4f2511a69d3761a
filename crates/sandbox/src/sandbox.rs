//! Drives a script from outside: waits with it, answers its calls, and stops it in time.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::{AbortHandle, BoxFuture, FutureExt as _, abortable};
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{sleep, sleep_until, timeout_at};

use crate::control::{Control, Stop};
use crate::engine::{self, Answer, Delivery, Engine, Turn, Waiting};
use crate::error::ScriptError;
use crate::fetch::Fetch;
use crate::host::{CallRequest, HostCall};
use crate::script::{HostFunction, Limits, Outcome, Script};
use crate::workers;

/// Scripts that are between their start and their end, in the whole process. Those that wait for
/// the host hold no thread, but each may hold its full memory.
static LIVE: Semaphore = Semaphore::const_new(64);

/// Host calls of one script that are under way at once; more wait for their turn.
const CALLS_AT_ONCE: usize = 16;

/// How deep scripts may start scripts through host functions.
const DEEPEST: u32 = 8;

/// How long an engine that is past its time may go without asking before its caller is answered
/// without it.
const GRACE: Duration = Duration::from_secs(10);

tokio::task_local! {
    /// How many scripts wait for the code that runs now.
    static DEPTH: u32;
}

/// Runs scripts, each in a realm of its own, within the same limits.
#[derive(Clone)]
pub struct Sandbox {
    limits: Limits,
    fetch: Option<Arc<dyn Fetch>>,
}

impl Sandbox {
    /// A sandbox whose scripts reach the network through `fetch`, or not at all.
    pub fn new(limits: Limits, fetch: Option<Arc<dyn Fetch>>) -> Self {
        Sandbox { limits, fetch }
    }

    /// Runs one script to its end.
    ///
    /// The realm is made for this call and thrown away after it. Script code runs on threads of
    /// its own, one per core; waiting for one of them counts as wall time. Dropping the future
    /// stops the script and its open calls. Needs a Tokio runtime with its timer.
    ///
    /// # Errors
    /// See [`ScriptError`]; all but `Internal` are for the script's author.
    pub async fn run(&self, script: Script) -> Result<Outcome, ScriptError> {
        let depth = DEPTH.try_with(|depth| *depth).unwrap_or(0);
        if depth >= DEEPEST {
            return Err(ScriptError::Nesting { limit: DEEPEST });
        }
        let control = Arc::new(Control::new(self.limits.wall_time, self.limits.cpu_time));
        let _stopped_when_dropped = StopOnDrop(Arc::clone(&control));
        let deadline = control.deadline().into();
        let Ok(answer) = timeout_at(deadline, self.drive(script, depth, &control)).await else {
            control.stop(Stop::Wall);
            return Err(ScriptError::Wall { limit: self.limits.wall_time });
        };
        answer
    }

    async fn drive(
        &self,
        script: Script,
        depth: u32,
        control: &Arc<Control>,
    ) -> Result<Outcome, ScriptError> {
        let _place = place(depth).await?;
        let mut calls = Calls {
            fetch: self.fetch.clone(),
            functions: script.functions.clone(),
            depth,
            ..Calls::default()
        };
        let (limits, shared) = (self.limits.clone(), Arc::clone(control));
        let mut turn =
            self.on_worker(control, move || engine::start(script, limits, shared)).await?;
        loop {
            let waiting = match turn {
                Turn::Finished(answer) => return answer,
                Turn::Waiting(waiting) => waiting,
            };
            let Waiting { engine, calls: new, cancelled, wake_at } = waiting;
            let engine = Parked(Some(engine));
            calls.start(new, &cancelled);
            let deliveries = calls.next(wake_at).await;
            turn = self.on_worker(control, move || engine.resume(deliveries)).await?;
        }
    }

    /// Runs `work` on a script thread and waits for it, unless it is beyond waiting for.
    async fn on_worker(
        &self,
        control: &Control,
        work: impl FnOnce() -> Turn + Send + 'static,
    ) -> Result<Turn, ScriptError> {
        let mut answer = workers::submit(work).map_err(ScriptError::Internal)?;
        loop {
            tokio::select! {
                turn = &mut answer => {
                    return turn.map_err(|_| ScriptError::Internal("the engine failed".to_owned()));
                }
                () = sleep(GRACE / 10) => {
                    if control.stuck(GRACE) {
                        control.stop(Stop::Cpu);
                        return Err(ScriptError::Cpu { limit: self.limits.cpu_time });
                    }
                }
            }
        }
    }
}

/// A place among the live scripts. A script started by another one's call goes without: were both
/// to wait for places, neither would ever get on.
async fn place(depth: u32) -> Result<Option<SemaphorePermit<'static>>, ScriptError> {
    if depth > 0 {
        return Ok(None);
    }
    LIVE.acquire().await.map(Some).map_err(|error| ScriptError::Internal(error.to_string()))
}

struct StopOnDrop(Arc<Control>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop(Stop::Cancelled);
    }
}

/// A realm that waits. Freeing one takes time in proportion to its memory, so that is left to the
/// script threads too.
struct Parked(Option<Engine>);

impl Parked {
    fn resume(mut self, deliveries: Vec<Delivery>) -> Turn {
        match self.0.take() {
            Some(engine) => engine.resume(deliveries),
            None => Turn::Finished(Err(ScriptError::Cancelled)),
        }
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        if let Some(engine) = self.0.take() {
            // Without threads there is no realm either.
            let _started = workers::submit(move || drop(engine));
        }
    }
}

/// The host calls of one script.
#[derive(Default)]
struct Calls {
    fetch: Option<Arc<dyn Fetch>>,
    functions: BTreeMap<String, Arc<dyn HostFunction>>,
    depth: u32,
    queued: VecDeque<HostCall>,
    running: FuturesUnordered<BoxFuture<'static, Option<Delivery>>>,
    handles: HashMap<u32, AbortHandle>,
}

impl Calls {
    fn start(&mut self, new: Vec<HostCall>, cancelled: &[u32]) {
        self.queued.extend(new);
        for id in cancelled {
            self.queued.retain(|call| call.id != *id);
            if let Some(handle) = self.handles.remove(id) {
                handle.abort();
            }
        }
        self.fill();
    }

    /// Starts queued calls as far as there is room.
    fn fill(&mut self) {
        while self.running.len() < CALLS_AT_ONCE {
            let Some(HostCall { id, request }) = self.queued.pop_front() else { return };
            let (call, handle) = abortable(DEPTH.scope(self.depth + 1, self.answer(request)));
            self.handles.insert(id, handle);
            self.running
                .push(call.map(move |answer| Some(Delivery { id, answer: answer.ok()? })).boxed());
        }
    }

    /// The next answers; none if the timer came first.
    async fn next(&mut self, wake_at: Option<Instant>) -> Vec<Delivery> {
        let timer = async {
            match wake_at {
                Some(time) => sleep_until(time.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(timer);
        let mut deliveries = Vec::new();
        while deliveries.is_empty() {
            tokio::select! {
                Some(answer) = self.running.next(), if !self.running.is_empty() => {
                    deliveries.extend(answer);
                    self.fill();
                }
                () = &mut timer => break,
            }
        }
        // What has come in the meantime goes along.
        while let Some(Some(answer)) = self.running.next().now_or_never() {
            deliveries.extend(answer);
        }
        for delivery in &deliveries {
            self.handles.remove(&delivery.id);
        }
        deliveries
    }

    fn answer(&self, request: CallRequest) -> BoxFuture<'static, Result<Answer, String>> {
        match request {
            CallRequest::Fetch(request) => {
                let Some(fetch) = self.fetch.clone() else {
                    let off = "Network access is off for this script".to_owned();
                    return std::future::ready(Err(off)).boxed();
                };
                async move { fetch.fetch(request).await.map(Answer::Response) }.boxed()
            }
            CallRequest::Function { name, arguments } => {
                let Some(function) = self.functions.get(&name).cloned() else {
                    return std::future::ready(Err(format!("There is no function {name}"))).boxed();
                };
                async move { function.call(arguments).await.map(Answer::Json) }.boxed()
            }
        }
    }
}
