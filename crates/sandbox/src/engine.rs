//! One realm and its turns: it runs until it ends or has to wait, on whatever thread it is given.

use std::sync::Arc;
use std::time::Instant;

use rquickjs::context::EvalOptions;
use rquickjs::{ArrayBuffer, Context, Ctx, Function, IntoJs, Object, Runtime};
use serde_json::Value;

use crate::bytecode::{self, NoImport};
use crate::control::{Control, Stop};
use crate::error::{SCRIPT_NAME, ScriptError, find_place};
use crate::fetch::FetchResponse;
use crate::host::{self, End, Host, HostCall, read_json};
use crate::script::{Limits, Outcome, Script};

/// No realm collects its cycles before it holds this much: most scripts end earlier and are
/// thrown away whole.
const FIRST_COLLECTION: usize = 4 << 20;

/// The longest code that is compiled, in bytes. Compiling cannot be interrupted and takes time with
/// the square of the length at worst; nothing but the length bounds its memory.
const MOST_CODE: usize = 256 << 10;

/// A realm needs this much to say what went wrong in it.
const SMALLEST_MEMORY: usize = 1 << 20;

/// Jobs that run between two looks at the clock by us; inside a job the engine looks itself.
const JOBS_PER_LOOK: u32 = 256;

/// A realm in the middle of a script.
pub(crate) struct Engine {
    context: Context,
    runtime: Runtime,
    host: Arc<Host>,
    control: Arc<Control>,
    limits: Limits,
    code_lines: u32,
    /// Whether the code has the word `null`, see [`Engine::script_error`].
    says_null: bool,
}

/// What a turn led to.
pub(crate) enum Turn {
    /// The script is over.
    Finished(Result<Outcome, ScriptError>),
    /// It waits for answers or a timer.
    Waiting(Waiting),
}

/// What a script waits for.
pub(crate) struct Waiting {
    /// The realm to go on with.
    pub(crate) engine: Engine,
    /// Calls to start.
    pub(crate) calls: Vec<HostCall>,
    /// Calls whose answer is wanted no more.
    pub(crate) cancelled: Vec<u32>,
    /// When to come back even if no answer has come.
    pub(crate) wake_at: Option<Instant>,
}

/// The answer to a [`HostCall`].
pub(crate) struct Delivery {
    pub(crate) id: u32,
    pub(crate) answer: Result<Answer, String>,
}

/// What a host call gave.
pub(crate) enum Answer {
    Json(Value),
    Response(FetchResponse),
}

/// Makes a realm and runs the script's first turn.
pub(crate) fn start(script: Script, limits: Limits, control: Arc<Control>) -> Turn {
    if let Some(reason) = control.stopped() {
        return Turn::Finished(Err(stop_error(reason, &limits)));
    }
    let code_lines = u32::try_from(script.code.lines().count()).unwrap_or(u32::MAX).max(1);
    control.begin_turn();
    let says_null = script.code.contains("null");
    let begun = Engine::new(limits, &control, code_lines, says_null)
        .map_err(|error| ScriptError::Internal(error.to_string()))
        .and_then(|engine| engine.begin(&script).map(|()| engine));
    match begun {
        Ok(engine) => {
            engine.drain();
            engine.end_turn()
        }
        Err(error) => {
            control.end_turn();
            Turn::Finished(Err(error))
        }
    }
}

impl Engine {
    fn new(
        limits: Limits,
        control: &Arc<Control>,
        code_lines: u32,
        says_null: bool,
    ) -> rquickjs::Result<Self> {
        let runtime = Runtime::new()?;
        runtime.set_gc_threshold(FIRST_COLLECTION);
        runtime.set_loader(NoImport, NoImport);
        runtime.set_max_stack_size(limits.stack_bytes.min(1 << 20));
        let asked = Arc::clone(control);
        runtime.set_interrupt_handler(Some(Box::new(move || asked.must_stop())));
        let context = Context::full(&runtime)?;
        let host = Arc::new(Host::new(Arc::clone(control), &limits));
        Ok(Engine {
            context,
            runtime,
            host,
            control: Arc::clone(control),
            limits,
            code_lines,
            says_null,
        })
    }

    /// Goes on with what has come in: answers, and timers that are due.
    pub(crate) fn resume(self, deliveries: Vec<Delivery>) -> Turn {
        self.control.begin_turn();
        for delivery in deliveries {
            if self.is_over() {
                break;
            }
            self.host.close_call(delivery.id);
            self.enter(|ctx, hooks| settle(ctx, hooks, delivery));
            self.drain();
        }
        // Only what is due already: a timer that sets the next one must not keep the thread.
        let now = Instant::now();
        while !self.is_over() {
            let Some(id) = self.host.due_timer(now) else { break };
            self.enter(|_, hooks| hooks.get::<_, Function>("fire")?.call((id,)));
            self.drain();
        }
        self.end_turn()
    }

    /// Prepares the realm and calls the script.
    fn begin(&self, script: &Script) -> Result<(), ScriptError> {
        if script.code.len() > MOST_CODE {
            let message = format!("it is longer than {} kB", MOST_CODE >> 10);
            return Err(ScriptError::Syntax { message, line: None, column: None });
        }
        self.context.with(|ctx| {
            let hooks = self.prepare(&ctx, script).map_err(|error| self.broken(&ctx, &error))?;
            let function =
                compile(&ctx, &script.code).map_err(|error| self.syntax_error(&ctx, &error))?;
            hooks.set("script", function).map_err(|error| self.broken(&ctx, &error))
        })?;
        // From here on the memory is the script's. Not before: the engine's parser and its reader
        // of bytecode do not survive running out of it. So neither may run from here on.
        self.runtime.set_memory_limit(self.limits.memory_bytes.max(SMALLEST_MEMORY));
        self.enter(|ctx, hooks| {
            if !script.globals.is_empty() {
                let values = to_js(ctx, &script.globals)?;
                hooks.get::<_, Function>("variables")?.call::<_, ()>((values,))?;
            }
            let function: Function = hooks.get("script")?;
            hooks.get::<_, Function>("run")?.call((function,))
        });
        Ok(())
    }

    fn prepare<'js>(&self, ctx: &Ctx<'js>, script: &Script) -> rquickjs::Result<Object<'js>> {
        let parts = Object::new(ctx.clone())?;
        for part in bytecode::named_in(&script.code) {
            parts.set(part, bytecode::load(ctx, part)?)?;
        }
        let natives = host::functions(ctx, &self.host)?;
        let names: Vec<&str> = script.functions.keys().map(String::as_str).collect();
        // An element takes 16 bytes: what is longer than this is mostly holes.
        #[expect(clippy::cast_precision_loss, reason = "a bound need not be exact")]
        let longest_array = (self.limits.memory_bytes / 8) as f64;
        let core = bytecode::load(ctx, "core")?;
        let hooks: Object = core.call((natives, parts, names, longest_array))?;
        ctx.store_userdata(hooks.clone()).map_err(rquickjs::Error::from)?;
        Ok(hooks)
    }

    /// Calls into the realm; an error that comes out ends the script.
    fn enter(&self, call: impl for<'js> FnOnce(&Ctx<'js>, &Object<'js>) -> rquickjs::Result<()>) {
        self.context.with(|ctx| {
            let Ok(hooks) = hooks(&ctx) else { return };
            if call(&ctx, &hooks).is_err() {
                self.note_failure(&ctx, &hooks);
            }
        });
    }

    /// Runs what is ready: continuations of promises, and what they make ready.
    fn drain(&self) {
        let mut jobs = 0_u32;
        while !self.is_over() {
            match self.runtime.execute_pending_job() {
                Ok(false) => return,
                Ok(true) => {}
                Err(failed) => failed.0.with(|ctx| {
                    if let Ok(hooks) = hooks(&ctx) {
                        self.note_failure(&ctx, &hooks);
                    }
                }),
            }
            jobs = jobs.wrapping_add(1);
            if jobs.is_multiple_of(JOBS_PER_LOOK) && self.control.must_stop() {
                return;
            }
        }
    }

    fn is_over(&self) -> bool {
        self.control.stopped().is_some() || self.host.has_ended()
    }

    fn end_turn(self) -> Turn {
        self.control.end_turn();
        if let Some(reason) = self.control.stopped() {
            return Turn::Finished(Err(stop_error(reason, &self.limits)));
        }
        let (end, logs) =
            if self.host.has_ended() { self.host.take_end() } else { (None, Vec::new()) };
        match end {
            Some(End::Value(text)) => return Turn::Finished(self.outcome(&text, logs)),
            Some(End::Error { name, message, stack }) => {
                return Turn::Finished(Err(self.script_error(&name, message, &stack)));
            }
            None => {}
        }
        if !self.host.is_waiting() {
            return Turn::Finished(Err(self.stalled()));
        }
        let (calls, cancelled) = self.host.take_calls();
        let wake_at = self.host.next_timer();
        Turn::Waiting(Waiting { engine: self, calls, cancelled, wake_at })
    }

    /// Where memory is short the engine may lose what would have settled a promise.
    fn stalled(&self) -> ScriptError {
        let used = usize::try_from(self.runtime.memory_usage().malloc_size).unwrap_or(0);
        let limit = self.limits.memory_bytes;
        if used > limit / 4 * 3 { ScriptError::Memory { limit } } else { ScriptError::Stalled }
    }

    fn outcome(&self, text: &str, logs: Vec<String>) -> Result<Outcome, ScriptError> {
        if text.len() > self.limits.output_bytes {
            return Err(ScriptError::Output { size: text.len(), limit: self.limits.output_bytes });
        }
        let value = read_json(text).map_err(|error| ScriptError::Thrown {
            message: format!("The returned value cannot be used: {error}"),
            line: None,
            column: None,
        })?;
        Ok(Outcome { value, logs })
    }

    /// Notes the pending exception as the script's end.
    fn note_failure<'js>(&self, ctx: &Ctx<'js>, hooks: &Object<'js>) {
        let thrown = ctx.catch();
        if self.control.stopped().is_some() {
            return;
        }
        let fail = hooks.get::<_, Function>("fail").and_then(|fail| fail.call::<_, ()>((thrown,)));
        if fail.is_err() && !self.host.has_ended() {
            // Telling what went wrong needs a little memory too: what fails here has none left.
            let _second = ctx.catch();
            self.host.end(End::Error {
                name: "InternalError".to_owned(),
                message: OUT_OF_MEMORY.to_owned(),
                stack: String::new(),
            });
        }
    }

    fn syntax_error(&self, ctx: &Ctx<'_>, error: &rquickjs::Error) -> ScriptError {
        if matches!(error, rquickjs::Error::InvalidString(_)) {
            let message = "it holds a NUL character".to_owned();
            return ScriptError::Syntax { message, line: None, column: None };
        }
        let (name, message, stack) = caught(ctx);
        if let Some(reason) = self.control.stopped() {
            return stop_error(reason, &self.limits);
        }
        if name != "SyntaxError" {
            return self.script_error(&name, message, &stack);
        }
        let (line, column) = find_place(&stack, self.code_lines);
        ScriptError::Syntax { message, line, column }
    }

    fn script_error(&self, name: &str, message: String, stack: &str) -> ScriptError {
        match (name, message.as_str()) {
            // With little memory left an error may lack its text, with none it is no value at all.
            ("InternalError", OUT_OF_MEMORY | "") | ("", "[uninitialized]") => {
                return ScriptError::Memory { limit: self.limits.memory_bytes };
            }
            ("RangeError", "Maximum call stack size exceeded")
            | ("InternalError", "stack overflow") => {
                return ScriptError::Stack;
            }
            // The engine throws null where there is no memory left for an error object. A script
            // that never says null will hardly throw it itself.
            ("null", "") if !self.says_null => {
                return ScriptError::Memory { limit: self.limits.memory_bytes };
            }
            ("null", "") => {
                let megabytes = self.limits.memory_bytes >> 20;
                let message = format!(
                    "The script threw null, as it also does when it runs out of its {megabytes} MB of memory"
                );
                return ScriptError::Thrown { message, line: None, column: None };
            }
            _ => {}
        }
        let (line, column) = find_place(stack, self.code_lines);
        let message = match (name, message.is_empty()) {
            ("" | "Error", false) => message,
            ("", true) => "The script threw an empty text".to_owned(),
            (_, true) => name.to_owned(),
            (_, false) => format!("{name}: {message}"),
        };
        ScriptError::Thrown { message, line, column }
    }

    /// The preparation failed: before the first line of the script ran.
    fn broken(&self, ctx: &Ctx<'_>, error: &rquickjs::Error) -> ScriptError {
        if let Some(reason) = self.control.stopped() {
            return stop_error(reason, &self.limits);
        }
        if !error.is_exception() {
            return ScriptError::Internal(error.to_string());
        }
        let (name, message, stack) = caught(ctx);
        match self.script_error(&name, message, &stack) {
            ScriptError::Thrown { message, .. } => ScriptError::Internal(message),
            other => other,
        }
    }
}

const OUT_OF_MEMORY: &str = "out of memory";

/// The functions `core.js` gave back.
fn hooks<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let hooks = ctx.userdata::<Object>().ok_or(rquickjs::Error::Unknown)?;
    Ok(Object::clone(&hooks))
}

/// Wraps the user's code into an async function. It stands on lines of its own, so that its line
/// numbers are off by one and its columns not at all.
fn compile<'js>(ctx: &Ctx<'js>, code: &str) -> rquickjs::Result<Function<'js>> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(SCRIPT_NAME.to_owned());
    ctx.eval_with_options(format!("(async function () {{\n{code}\n}})"), options)
}

fn settle<'js>(ctx: &Ctx<'js>, hooks: &Object<'js>, delivery: Delivery) -> rquickjs::Result<()> {
    let (good, value) = match delivery.answer {
        Ok(Answer::Json(value)) => (true, to_js(ctx, &value)?),
        Ok(Answer::Response(response)) => (true, response_to_js(ctx, response)?),
        Err(message) => (false, message.into_js(ctx)?),
    };
    hooks.get::<_, Function>("settle")?.call((delivery.id, good, value))
}

fn response_to_js<'js>(
    ctx: &Ctx<'js>,
    response: FetchResponse,
) -> rquickjs::Result<rquickjs::Value<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("status", response.status)?;
    object.set("statusText", response.status_text)?;
    object.set("url", response.url)?;
    object.set("headers", to_js(ctx, &response.headers)?)?;
    // Text, which most answers are, needs no second crossing when the script asks for it.
    match String::from_utf8(response.body) {
        Ok(text) => object.set("body", text)?,
        Err(bytes) => object.set("body", ArrayBuffer::new_copy(ctx.clone(), bytes.as_bytes())?)?,
    }
    Ok(object.into_value())
}

fn to_js<'js>(
    ctx: &Ctx<'js>,
    value: &impl serde::Serialize,
) -> rquickjs::Result<rquickjs::Value<'js>> {
    let text = serde_json::to_string(value).map_err(|_| rquickjs::Error::Unknown)?;
    ctx.json_parse(text)
}

/// Name, message and stack of the pending exception.
fn caught(ctx: &Ctx<'_>) -> (String, String, String) {
    let thrown = ctx.catch();
    let Some(error) = thrown.as_object() else { return Default::default() };
    let text = |key: &str| error.get::<_, String>(key).unwrap_or_default();
    (text("name"), text("message"), text("stack"))
}

fn stop_error(reason: Stop, limits: &Limits) -> ScriptError {
    match reason {
        Stop::Cpu => ScriptError::Cpu { limit: limits.cpu_time },
        Stop::Wall => ScriptError::Wall { limit: limits.wall_time },
        Stop::Cancelled => ScriptError::Cancelled,
    }
}
