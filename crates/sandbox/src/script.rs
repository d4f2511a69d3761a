//! What goes into a run and what comes out of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value};

/// One script and all it may see.
#[derive(Default, Clone)]
pub struct Script {
    /// The body of an async function: it may `return` and `await`. At most 256 kB.
    pub code: String,
    /// Variables of the realm by name, such as `$input`, `$vars`, `$flow`. The script gets copies
    /// of its own and may change them.
    pub globals: Map<String, Value>,
    /// Functions of the host by the name the script calls them with. Dots make objects:
    /// `$tools.search.invoke` is called as `await $tools.search.invoke("…")`.
    pub functions: BTreeMap<String, Arc<dyn HostFunction>>,
}

/// An async function of the host that a script may call.
///
/// Implemented by every `Fn(Vec<Value>) -> impl Future<Output = Result<Value, String>>`.
#[async_trait]
pub trait HostFunction: Send + Sync {
    /// Answers one call. An `Err` is thrown in the script as an `Error` with that message.
    ///
    /// The future is dropped when the script ends or is cancelled before the answer. If it runs
    /// scripts of its own it must do so itself, not in a task it spawns: that task's scripts would
    /// wait for a place that only the waiting script can free.
    async fn call(&self, arguments: Vec<Value>) -> Result<Value, String>;
}

#[async_trait]
impl<F, Answer> HostFunction for F
where
    F: Fn(Vec<Value>) -> Answer + Send + Sync,
    Answer: Future<Output = Result<Value, String>> + Send,
{
    async fn call(&self, arguments: Vec<Value>) -> Result<Value, String> {
        self(arguments).await
    }
}

/// How much one run may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Processor time of one stretch without waiting for a timer or the host; 1 s by default.
    pub cpu_time: Duration,
    /// Time from the call of [`run`](crate::Sandbox::run) to its answer, all waiting included;
    /// 5 minutes by default.
    pub wall_time: Duration,
    /// Memory of the realm, which itself takes about 0.2 MB; 64 MB by default.
    pub memory_bytes: usize,
    /// Native stack that nested calls may use, at most 1 MB and by default so.
    pub stack_bytes: usize,
    /// Size of the returned value as JSON, and of all console lines together; 10 MB by default.
    pub output_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cpu_time: Duration::from_secs(1),
            wall_time: Duration::from_mins(5),
            memory_bytes: 64 << 20,
            stack_bytes: 1 << 20,
            output_bytes: 10 << 20,
        }
    }
}

/// What a script that ran to its end gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The returned value as `JSON.stringify` writes it; nothing returned is `null`.
    pub value: Value,
    /// What the script printed to the console, one entry per call.
    pub logs: Vec<String>,
}
