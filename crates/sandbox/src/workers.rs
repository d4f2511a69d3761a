//! The threads that run scripts: one per core for the whole process, fed in order.
//!
//! They are not the async runtime's blocking threads: a burst of scripts can then neither take
//! those away from others nor hold up the end of the process.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, LazyLock};
use std::thread;

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// Stretches of scripts that may wait for a thread. Each live script has one at most: only scripts
/// that start scripts without measure come near it.
const QUEUE: usize = 4096;

type Job = Box<dyn FnOnce() + Send>;

static WORKERS: LazyLock<Result<SyncSender<Job>, String>> = LazyLock::new(start);

/// Queues `work` and gives its result; the result never comes if `work` panics.
///
/// # Errors
/// A sentence, if the threads could not be started or the queue is full.
pub(crate) fn submit<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<oneshot::Receiver<T>, String> {
    let workers = WORKERS.as_ref().map_err(Clone::clone)?;
    let (answer, receiver) = oneshot::channel();
    let job: Job = Box::new(move || {
        // A caller that is gone wants no answer. What the answer holds is then dropped here.
        let _unwanted = answer.send(work());
    });
    workers.try_send(job).map_err(|_| "too many scripts are waiting".to_owned())?;
    Ok(receiver)
}

fn start() -> Result<SyncSender<Job>, String> {
    let count = thread::available_parallelism().map_or(2, NonZero::get);
    let (sender, receiver) = sync_channel::<Job>(QUEUE);
    let receiver = Arc::new(Mutex::new(receiver));
    for number in 0..count {
        let receiver = Arc::clone(&receiver);
        thread::Builder::new()
            .name(format!("script-{number}"))
            .stack_size(STACK_BYTES)
            .spawn(move || work_off(&receiver))
            .map_err(|error| format!("a thread could not be started: {error}"))?;
    }
    Ok(sender)
}

/// The greatest [`stack_bytes`](crate::Limits::stack_bytes), and as much again for the engine's
/// native code below and the host's functions above it.
const STACK_BYTES: usize = 4 << 20;

fn work_off(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = jobs.lock().recv();
        let Ok(job) = next else { return };
        // The job's own state is lost with it; the thread goes on for the others.
        let _panicked = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_costs_its_own_job_only() {
        let lost = submit(|| {
            // resume_unwind: as a panic, but it does not print.
            std::panic::resume_unwind(Box::new("on purpose"))
        });
        let lost: oneshot::Receiver<()> = lost.unwrap();
        assert!(lost.await.is_err());
        for number in 0..64 {
            assert_eq!(submit(move || number).unwrap().await.unwrap(), number);
        }
    }
}
