//! What a realm and the outside tell each other: calls, timers, console lines, the end.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use rquickjs::function::Opt;
use rquickjs::{Ctx, Exception, Function, Object};
use serde::Deserialize;
use serde_json::Value;

use crate::control::Control;
use crate::fetch::FetchRequest;
use crate::natives;
use crate::script::Limits;

/// Host calls that one script may have open at once, and timers likewise: far more than any flow
/// needs, few enough that their bookkeeping outside the realm's own memory stays small.
const MOST_OPEN: usize = 1_000;

/// Console lines that are kept.
const MOST_LINES: usize = 1_000;

/// The outside end of one realm.
pub(crate) struct Host {
    control: Arc<Control>,
    output_bytes: usize,
    memory_bytes: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    end: Option<End>,
    logs: Vec<String>,
    log_bytes: usize,
    logs_closed: bool,
    calls: Vec<HostCall>,
    cancelled: Vec<u32>,
    last_call: u32,
    /// The open calls, each with the size of its request.
    open_calls: HashMap<u32, usize>,
    timers: Timers,
}

/// How the script ended.
pub(crate) enum End {
    /// It returned this value, as JSON text.
    Value(String),
    /// It threw, or a callback of it did.
    Error { name: String, message: String, stack: String },
}

/// A call that waits for the outside.
pub(crate) struct HostCall {
    pub(crate) id: u32,
    pub(crate) request: CallRequest,
}

/// What a call asks for.
pub(crate) enum CallRequest {
    Fetch(FetchRequest),
    Function { name: String, arguments: Vec<Value> },
}

impl Host {
    pub(crate) fn new(control: Arc<Control>, limits: &Limits) -> Self {
        let Limits { output_bytes, memory_bytes, .. } = *limits;
        Host { control, output_bytes, memory_bytes, state: Mutex::default() }
    }

    /// Whether the script has ended by itself.
    pub(crate) fn has_ended(&self) -> bool {
        self.state.lock().end.is_some()
    }

    /// How the script ended, and what it printed. Both can be taken once.
    pub(crate) fn take_end(&self) -> (Option<End>, Vec<String>) {
        let mut state = self.state.lock();
        (state.end.take(), std::mem::take(&mut state.logs))
    }

    /// Calls to start and calls to give up since the last time.
    pub(crate) fn take_calls(&self) -> (Vec<HostCall>, Vec<u32>) {
        let mut state = self.state.lock();
        (std::mem::take(&mut state.calls), std::mem::take(&mut state.cancelled))
    }

    /// Notes that a call was answered.
    pub(crate) fn close_call(&self, id: u32) {
        self.state.lock().open_calls.remove(&id);
    }

    /// Whether an answer or a timer can still move the script on.
    pub(crate) fn is_waiting(&self) -> bool {
        let state = self.state.lock();
        !state.open_calls.is_empty() || state.timers.next().is_some()
    }

    /// When the next timer is due.
    pub(crate) fn next_timer(&self) -> Option<Instant> {
        self.state.lock().timers.next()
    }

    /// Takes one timer that was due at `now`.
    pub(crate) fn due_timer(&self, now: Instant) -> Option<u32> {
        self.state.lock().timers.take_due(now)
    }

    /// Keeps one console line, as far as there is room.
    pub(crate) fn log(&self, line: String) {
        let mut state = self.state.lock();
        if state.logs_closed {
            return;
        }
        state.log_bytes += line.len();
        if state.logs.len() == MOST_LINES || state.log_bytes > self.output_bytes {
            state.logs.push("… further console output was left out".to_owned());
            state.logs_closed = true;
            return;
        }
        state.logs.push(line);
    }

    /// Ends the script. What it did first counts.
    pub(crate) fn end(&self, end: End) {
        self.state.lock().end.get_or_insert(end);
    }

    /// Requests lie outside the realm's own memory, so they have a bound of their own.
    fn open(&self, request: CallRequest, size: usize) -> Result<u32, &'static str> {
        let mut state = self.state.lock();
        if state.open_calls.len() >= MOST_OPEN {
            return Err("Too many requests are open at once");
        }
        if state.open_calls.values().sum::<usize>() + size > self.memory_bytes {
            return Err("The open requests hold more data than the script may have memory");
        }
        state.last_call += 1;
        let id = state.last_call;
        state.open_calls.insert(id, size);
        state.calls.push(HostCall { id, request });
        Ok(id)
    }

    fn cancel(&self, id: u32) {
        let mut state = self.state.lock();
        if state.open_calls.remove(&id).is_some() {
            state.calls.retain(|call| call.id != id);
            state.cancelled.push(id);
        }
    }

    fn arm(&self, id: u32, milliseconds: f64) -> Result<(), &'static str> {
        let wait = Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or(Duration::ZERO);
        let mut state = self.state.lock();
        if state.timers.len() >= MOST_OPEN {
            return Err("Too many timers are set at once");
        }
        state.timers.set(id, Instant::now() + wait);
        Ok(())
    }
}

/// The functions `core.js` gets: its only way to the outside.
pub(crate) fn functions<'js>(ctx: &Ctx<'js>, host: &Arc<Host>) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;

    let owner = Arc::clone(host);
    let call = move |ctx: Ctx<'js>, kind: String, text: String| -> rquickjs::Result<u32> {
        let request =
            read_request(&kind, &text).map_err(|message| Exception::throw_type(&ctx, &message))?;
        owner.open(request, text.len()).map_err(|message| Exception::throw_range(&ctx, message))
    };
    object.set("call", Function::new(ctx.clone(), call)?)?;

    let owner = Arc::clone(host);
    object.set("cancel", Function::new(ctx.clone(), move |id: u32| owner.cancel(id))?)?;

    let owner = Arc::clone(host);
    object.set(
        "finish",
        Function::new(ctx.clone(), move |text: String| owner.end(End::Value(text)))?,
    )?;

    let owner = Arc::clone(host);
    let fail = move |name: String, message: String, stack: String| {
        owner.end(End::Error { name, message, stack });
    };
    object.set("fail", Function::new(ctx.clone(), fail)?)?;

    let owner = Arc::clone(host);
    let arm = move |ctx: Ctx<'js>, id: u32, milliseconds: f64| -> rquickjs::Result<()> {
        owner.arm(id, milliseconds).map_err(|message| Exception::throw_range(&ctx, message))
    };
    object.set("arm", Function::new(ctx.clone(), arm)?)?;

    let owner = Arc::clone(host);
    object.set(
        "disarm",
        Function::new(ctx.clone(), move |id: u32| owner.state.lock().timers.remove(id))?,
    )?;

    // Stops built-ins that do not ask by themselves, and tells proxies, which JavaScript cannot.
    let owner = Arc::clone(host);
    let check = move |ctx: Ctx<'js>, value: Opt<rquickjs::Value<'js>>| -> rquickjs::Result<bool> {
        if owner.control.must_stop() {
            return Err(Exception::throw_internal(&ctx, "interrupted"));
        }
        Ok(value.0.is_some_and(|value| value.is_proxy()))
    };
    object.set("check", Function::new(ctx.clone(), check)?)?;

    let owner = Arc::clone(host);
    let natives = move |ctx: Ctx<'js>, name: String| natives::functions(&ctx, &name, &owner);
    object.set("natives", Function::new(ctx.clone(), natives)?)?;
    Ok(object)
}

/// Reads JSON that `JSON.stringify` wrote. Halves of surrogate pairs, which JSON text can hold but
/// no Rust string, become U+FFFD.
///
/// # Errors
/// serde's sentence; in practice only that the value is nested more than 128 deep.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(
    text: &str,
) -> Result<T, serde_json::Error> {
    serde_json::from_str(text).or_else(|error| {
        let mended = mend_surrogates(text);
        if mended == text { Err(error) } else { serde_json::from_str(&mended) }
    })
}

/// Whole pairs are written as they are, so every surrogate that is escaped stands alone.
fn mend_surrogates(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let hex = escape.get(2..6).filter(|_| escape[1..].starts_with('u'));
        let surrogate = hex
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .is_some_and(|unit| (0xD800..=0xDFFF).contains(&unit));
        // Every other escape is two letters as far as finding the next one is concerned.
        let plain = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
        let length = if surrogate { 6 } else { plain };
        mended.push_str(if surrogate { "\u{FFFD}" } else { &escape[..length] });
        rest = &escape[length..];
    }
    mended.push_str(rest);
    mended
}

fn read_request(kind: &str, request: &str) -> Result<CallRequest, String> {
    #[derive(Deserialize)]
    struct Fetch {
        method: String,
        url: String,
        headers: Vec<(String, String)>,
        text: Option<String>,
        base64: Option<String>,
    }
    #[derive(Deserialize)]
    struct Function {
        name: String,
        values: Vec<Value>,
    }
    let unreadable =
        |error: serde_json::Error| format!("The arguments cannot be passed on: {error}");
    if kind == "function" {
        let Function { name, values } = read_json(request).map_err(unreadable)?;
        return Ok(CallRequest::Function { name, arguments: values });
    }
    let Fetch { method, url, headers, text, base64 } = read_json(request).map_err(unreadable)?;
    let body = match (text, base64) {
        (Some(text), _) => Some(text.into_bytes()),
        (None, Some(base64)) => Some(STANDARD.decode(base64).map_err(|error| error.to_string())?),
        (None, None) => None,
    };
    Ok(CallRequest::Fetch(FetchRequest { method, url, headers, body }))
}

/// Timers by id and by time.
#[derive(Default)]
struct Timers {
    by_time: BTreeSet<(Instant, u32)>,
    times: HashMap<u32, Instant>,
}

impl Timers {
    fn len(&self) -> usize {
        self.times.len()
    }

    fn set(&mut self, id: u32, time: Instant) {
        self.remove(id);
        self.by_time.insert((time, id));
        self.times.insert(id, time);
    }

    fn remove(&mut self, id: u32) {
        if let Some(time) = self.times.remove(&id) {
            self.by_time.remove(&(time, id));
        }
    }

    fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|(time, _)| *time)
    }

    fn take_due(&mut self, now: Instant) -> Option<u32> {
        let (_, id) = self.by_time.first().copied().filter(|(time, _)| *time <= now)?;
        self.remove(id);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_are_mended_and_nothing_else() {
        for (text, expected) in [
            (r#""plain""#, "plain"),
            (r#""a\ud800b""#, "a\u{FFFD}b"),
            (r#""\udfff\ud834""#, "\u{FFFD}\u{FFFD}"),
            (r#""\\ud800 \ud800""#, "\\ud800 \u{FFFD}"),
            (r#""\n\u0007\ud800é😀""#, "\n\u{7}\u{FFFD}é😀"),
        ] {
            assert_eq!(read_json::<String>(text).unwrap(), expected, "{text}");
        }
        for text in [r#""\"#, r#""\u"#, r#""\ud8"#, "\"\\é"] {
            assert!(read_json::<Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn timers_come_in_order_of_time_then_age() {
        let start = Instant::now();
        let mut timers = Timers::default();
        timers.set(1, start + Duration::from_millis(5));
        timers.set(2, start);
        timers.set(3, start);
        timers.set(4, start);
        timers.remove(3);
        assert_eq!(timers.next(), Some(start));
        assert_eq!(timers.take_due(start), Some(2));
        assert_eq!(timers.take_due(start), Some(4));
        assert_eq!(timers.take_due(start), None);
        assert_eq!(timers.len(), 1);
        assert_eq!(timers.take_due(start + Duration::from_secs(1)), Some(1));
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn console_output_is_bounded() {
        let control = Arc::new(Control::new(Duration::from_secs(9), Duration::from_secs(9)));
        let many = Host::new(Arc::clone(&control), &Limits::default());
        (0..5_000).for_each(|number| many.log(number.to_string()));
        let (_, lines) = many.take_end();
        assert_eq!(lines.len(), MOST_LINES + 1);
        assert!(lines[MOST_LINES].contains("left out"));

        let long = Host::new(control, &Limits { output_bytes: 10, ..Limits::default() });
        long.log("12345".into());
        long.log("x".repeat(100));
        long.log("1".into());
        assert_eq!(long.take_end().1, ["12345", "… further console output was left out"]);
    }
}
