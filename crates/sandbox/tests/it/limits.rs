//! What a script may use up, and that it is stopped there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use flowstone_sandbox::{HostFunction, Limits, Sandbox, Script, ScriptError};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::{fails, returns, run, script};

/// Small limits, so that the tests are quick; a wall time that none of them comes near.
fn tight() -> Limits {
    Limits {
        cpu_time: Duration::from_millis(80),
        wall_time: Duration::from_mins(1),
        memory_bytes: 16 << 20,
        ..Limits::default()
    }
}

async fn error_within(limits: &Limits, code: &str) -> ScriptError {
    match Sandbox::new(limits.clone(), None).run(script(code)).await {
        Err(error) => error,
        Ok(outcome) => panic!("{code}\n  got {:.200}", outcome.value.to_string()),
    }
}

#[tokio::test]
async fn endless_computing_is_cut() {
    let limits = tight();
    for code in [
        "while (true) {}",
        "for (;;) { try { while (true) {} } catch {} finally { continue } }",
        "const f = () => { Promise.resolve().then(f) }; f(); await new Promise(() => {})",
        "for (;;) await null",
        "const f = () => queueMicrotask(f); f(); await new Promise(() => {})",
        "setTimeout(() => { while (true) {} }, 1); await new Promise(() => {})",
        "return { toJSON() { while (true) {} } }",
        "throw { get message() { while (true) {} } }",
        "return new Proxy({}, { ownKeys() { while (true) {} } })",
        "/(a+)+$/.test('a'.repeat(40) + 'b')",
        "/^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(60))",
        "'x'.repeat(30000).match(/(.*)*(.*)*y/)",
        "for (const _ of (function* () { for (;;) yield 1 })()) ;",
        "class A { static x = (() => { for (;;) ; })() }",
        "[1].includes.call({ length: 2 ** 53 - 1 }, 5)",
        "[...'ab'].sort(() => { for (;;) ; })",
        "console.log({ get a() { for (;;) ; } })",
        "for (;;) JSON.stringify(Array(20000).fill({ a: 1 }))",
        "const a = 'a'.repeat(1e6), b = 'a'.repeat(30) + 'b'; for (;;) { try { a.indexOf(b) } catch {} }",
        "const a = 'a'.repeat(3e6), b = 'a'.repeat(1e6) + 'b'; for (;;) { try { a.replaceAll(b) } catch {} }",
        "const a = 'x'.repeat(2e6); const list = Array.from({ length: 1e5 }, (_, n) => (n % 2 ? a + 'b' : a + 'c')); list.sort()",
    ] {
        let error = error_within(&limits, code).await;
        assert_eq!(error, ScriptError::Cpu { limit: limits.cpu_time }, "{code}");
    }
}

#[tokio::test]
async fn waiting_is_not_computing() {
    let limits = Limits { cpu_time: Duration::from_millis(60), ..tight() };
    let code = "for (let n = 0; n < 4; n++) {
            const until = Date.now() + 20; while (Date.now() < until) {}
            await new Promise((done) => setTimeout(done, 1));
        }
        return 'done'";
    let outcome = Sandbox::new(limits, None).run(script(code)).await;
    assert_eq!(outcome.map(|outcome| outcome.value), Ok(json!("done")));
}

#[tokio::test]
async fn built_ins_that_never_ask_are_refused() {
    fails(&[
        ("Array.prototype.reverse.call({ length: 2 ** 53 - 1 })", "RangeError: The array is too long"),
        ("const a = []; a.length = 4294967295; a.join('')", "RangeError: The array is too long"),
        ("const a = []; a.length = 4294967295; a.reverse()", "RangeError: The array is too long"),
        ("const a = []; a[4294967290] = 1; a.sort()", "RangeError: The array is too long"),
        ("const a = []; a.length = 4294967295; [].concat(a)", "RangeError: The array is too long"),
        ("Array.prototype.unshift.call({ length: 2 ** 53 - 10 }, 1)", "RangeError: The array is too long"),
        ("Array.prototype.flatMap.call({ length: 2 ** 40 }, () => 1)", "RangeError: The array is too long"),
        ("let n = 0; Array.prototype.reverse.call({ get length() { return n++ ? 2 ** 53 - 1 : 0 } })", "TypeError: Array methods need a plain number"),
        ("let n = 0; Array.prototype.reverse.call({ length: { valueOf: () => (n++ ? 2 ** 53 - 1 : 0) } })", "TypeError: Array methods need a plain number"),
        ("let n = 0; Array.prototype.reverse.call(new Proxy([], { get: (list, key) => (key === 'length' && n++ ? 2 ** 53 - 1 : list[key]) }))", "TypeError: Array methods do not work on a Proxy"),
    ])
    .await;
    returns(&[
        ("return [...new Proxy([3, 1], {})].sort()", json!([1, 3])),
        ("return 'a'.repeat(1e6).indexOf('b')", json!(-1)),
        ("return 'a'.repeat(6e6).indexOf('a'.repeat(3e6) + 'b')", json!(-1)),
        ("return 'a'.repeat(6e6).replaceAll('a'.repeat(3e6) + 'b', '').length", json!(6_000_000)),
        ("return String.prototype.split.call({ toString: () => 'a'.repeat(6e6) }, 'a'.repeat(3e6) + 'b').length", json!(1)),
    ])
    .await;
}

/// Long text and a long pattern take another way than short ones, and come to the same end.
#[tokio::test]
async fn long_searches_find_what_short_ones_find() {
    for (call, expected) in [
        ("t.indexOf(p)", json!(3)),
        ("t.indexOf(p, 4)", json!(200_005)),
        ("t.indexOf(p, 200006)", json!(-1)),
        ("t.indexOf(p, -9)", json!(3)),
        ("t.lastIndexOf(p)", json!(200_005)),
        ("t.lastIndexOf(p, 200004)", json!(3)),
        ("t.lastIndexOf(p, 0)", json!(-1)),
        ("[t.includes(p), t.includes(p, 200006)]", json!([true, false])),
        ("t.split(p)", json!(["é😀", "--", "."])),
        ("t.split(p, 1)", json!(["é😀"])),
        ("t.replace(p, '<$&>').length", json!(400_008)),
        (
            "t.replace(p, (found, at) => `[${found.length}@${at}]`).slice(0, 15)",
            json!("é😀[200000@3]--"),
        ),
        ("t.replaceAll(p, '$$')", json!("é😀$--$.")),
        ("t.replace(p, \"$'\").slice(0, 6)", json!("é😀--x")),
        ("t.replaceAll(p, '$`')", json!(format!("é😀é😀--é😀{}--.", "x".repeat(200_000)))),
    ] {
        let code =
            format!("const p = 'x'.repeat(200000), t = 'é😀' + p + '--' + p + '.'; return {call}");
        assert_eq!(run(&code).await.map(|outcome| outcome.value), Ok(expected), "{call}");
    }
}

#[tokio::test]
async fn memory_is_bounded() {
    let limits = Limits { cpu_time: Duration::from_secs(20), ..tight() };
    for code in [
        "const list = []; for (;;) list.push({})",
        "let text = 'x'; for (;;) text += text",
        "return 'x'.repeat(2 ** 29)",
        "new Uint8Array(1e9)",
        "const list = []; for (;;) list.push(new ArrayBuffer(1e6))",
        "const map = new Map(); for (let n = 0; ; n++) map.set(n, 'value' + n)",
        "let list = ['x']; for (;;) list = list.concat(list)",
        "return Array(1e8).fill(1)",
        "console.log('x'.repeat(8e6).padEnd(4e7))",
        "JSON.parse('[' + '{},'.repeat(4e6) + '{}]')",
        "Buffer.alloc(1e8)",
    ] {
        let error = error_within(&limits, code).await;
        let told = matches!(error, ScriptError::Memory { .. } | ScriptError::Thrown { .. });
        assert!(told, "{code}: {error:?}");
        if let ScriptError::Thrown { message, .. } = error {
            assert!(
                message.contains("too long") || message.contains("invalid"),
                "{code}: {message}"
            );
        }
    }
    // Past the greatest text of the engine, whatever the memory.
    assert!(matches!(run("return 'x'.repeat(2 ** 30)").await, Err(ScriptError::Thrown { .. })));
}

/// Allocation can fail anywhere, in the engine's own clean-up paths too. A realm may then fail in
/// its own way, but the process stays.
#[tokio::test]
async fn running_out_of_memory_anywhere_leaves_the_process_whole() {
    let code = "const kept = [];
        try { for (let n = 0; ; n++) kept.push([n, `${n}`, { n }, new Map([[n, n]]), /a(b)/.exec('ab'), new URL('http://a/?b=' + n)]) }
        catch { kept.push(structuredClone({ a: [1] })); await 0; return await new Promise((done) => setTimeout(done, 1, kept.length > 0)) }";
    for step in 0..60 {
        let limits = Limits { memory_bytes: (1 << 20) + step * 1_511, ..Limits::default() };
        let outcome = Sandbox::new(limits, None).run(script(code)).await;
        let told = matches!(&outcome, Ok(_) | Err(ScriptError::Memory { .. }));
        assert!(told, "{step}: {outcome:?}");
    }
    returns(&[("return 1", json!(1))]).await;
}

#[tokio::test]
async fn nesting_is_bounded() {
    for code in [
        "const f = () => f(); f()",
        "const f = () => { f(); return 1 }; return f()",
        "let a = []; for (let n = 0; n < 1e5; n++) a = [a]; return JSON.stringify(a)",
        "const o = {}; o.toString = () => `${o}`; return `${o}`",
        "const p = new Proxy({}, {}); Object.setPrototypeOf(Object.getPrototypeOf(p), p); return p.x",
    ] {
        let error = error_within(&Limits::default(), code).await;
        let told = error == ScriptError::Stack
            || matches!(&error, ScriptError::Thrown { message, .. } if message.starts_with("TypeError"));
        assert!(told, "{code}: {error:?}");
    }
    let code = "let depth = 0; const f = () => { depth++; f() }; try { f() } catch (error) { return depth > 100 }";
    returns(&[(code, json!(true))]).await;
}

#[tokio::test]
async fn waiting_is_bounded() {
    let limits = Limits { wall_time: Duration::from_millis(60), ..Limits::default() };
    for code in [
        "await new Promise((done) => setTimeout(done, 1e6))",
        "setInterval(() => {}, 1); await new Promise(() => {})",
        "setTimeout(() => {}, 1e9); await new Promise(() => {})",
        "for (;;) await new Promise((done) => setTimeout(done, 1))",
        "const until = Date.now() + 1e6; while (Date.now() < until) await new Promise((done) => setTimeout(done, 0))",
    ] {
        let started = Instant::now();
        assert_eq!(
            error_within(&limits, code).await,
            ScriptError::Wall { limit: limits.wall_time },
            "{code}"
        );
        assert!(started.elapsed() < Duration::from_secs(20), "{code}");
    }
}

#[tokio::test]
async fn a_promise_nothing_can_settle_is_told_at_once() {
    for code in [
        "await new Promise(() => {})",
        "return new Promise(() => {})",
        "const c = new AbortController(); await new Promise((done) => c.signal.addEventListener('abort', done))",
    ] {
        assert_eq!(run(code).await, Err(ScriptError::Stalled), "{code}");
    }
}

#[tokio::test]
async fn output_is_bounded() {
    let limits = Limits { output_bytes: 100, ..Limits::default() };
    let error = error_within(&limits, "return 'x'.repeat(99)").await;
    assert_eq!(error, ScriptError::Output { size: 101, limit: 100 });

    let chatty = "for (let n = 0; n < 50; n++) console.log('123456789'); return 'x'.repeat(98)";
    let outcome = Sandbox::new(limits, None).run(script(chatty)).await.unwrap();
    assert_eq!(outcome.logs.len(), 12);
    assert!(outcome.logs[11].contains("left out"));
}

#[tokio::test]
async fn requests_hold_bounded_memory() {
    let keep: Arc<dyn HostFunction> = Arc::new(|_: Vec<Value>| std::future::pending());
    let functions = [("keep".to_owned(), keep)].into();
    let code = "const text = 'x'.repeat(2e6); for (let n = 0; n < 20; n++) keep(text)";
    let limits = Limits { cpu_time: Duration::from_secs(20), ..tight() };
    let outcome = Sandbox::new(limits, None).run(Script { functions, ..script(code) }).await;
    let told = "RangeError: The open requests hold more data than the script may have memory";
    assert!(
        matches!(&outcome, Err(ScriptError::Thrown { message, .. }) if message == told),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn too_many_timers_and_requests_are_refused() {
    fails(&[
        ("for (;;) setTimeout(() => {}, 1e6)", "RangeError: Too many timers"),
        (
            "await Promise.all(Array.from({ length: 1100 }, () => fetch('http://a')))",
            "RangeError: Too many requests",
        ),
    ])
    .await;
}

/// A dropped run stops at once, even in the middle of an endless loop: the next one gets through.
#[tokio::test]
async fn dropping_the_run_stops_the_script() {
    let patient = Limits {
        cpu_time: Duration::from_mins(10),
        wall_time: Duration::from_mins(10),
        ..Limits::default()
    };
    let started = Arc::new(Notify::new());
    // More endless loops than there are threads to run them.
    let mut runs = JoinSet::new();
    for _ in 0..40 {
        let (sandbox, told) = (Sandbox::new(patient.clone(), None), Arc::clone(&started));
        let tell: Arc<dyn HostFunction> = Arc::new(move |_: Vec<Value>| {
            told.notify_one();
            async { Ok(Value::Null) }
        });
        let functions = [("tell".to_owned(), tell)].into();
        let endless = Script { functions, ..script("await tell(); for (;;) ;") };
        runs.spawn(async move { sandbox.run(endless).await });
    }
    tokio::time::timeout(Duration::from_secs(20), started.notified()).await.unwrap();
    runs.shutdown().await;
    let next = tokio::time::timeout(Duration::from_secs(20), run("return 'free'")).await.unwrap();
    assert_eq!(next.unwrap().value, json!("free"));
}

/// Scripts compute on threads of their own: the one thread of this test's executor stays free.
#[tokio::test]
async fn the_executor_is_not_blocked() {
    let limits = Limits { cpu_time: Duration::from_millis(150), ..tight() };
    let busy = error_within(&limits, "for (;;) ;");
    tokio::pin!(busy);
    let mut beats = 0;
    let error = loop {
        tokio::select! {
            error = &mut busy => break error,
            () = tokio::task::yield_now() => beats += 1,
        }
    };
    assert!(beats > 100, "the executor went round only {beats} times");
    assert!(matches!(error, ScriptError::Cpu { .. }));
}

/// Compiling cannot be interrupted: only code of a bounded length is compiled.
#[tokio::test]
async fn code_is_bounded() {
    let long = format!("return 1 // {}", "x".repeat(300 << 10));
    fails(&[
        (&long, "it is longer than 256 kB"),
        (&"(".repeat(200 << 10), "The script nests too deep"),
    ])
    .await;
    let fits = format!("return 1 // {}", "x".repeat(200 << 10));
    returns(&[(&fits, json!(1))]).await;
}
