//! Ways out of JavaScript sandboxes that have worked elsewhere, and what remains of them here.

use flowstone_sandbox::{Limits, Sandbox};
use serde_json::json;

use super::{returns, run, script};

/// Nothing that reaches outside has a name in the realm.
#[tokio::test]
async fn the_outside_has_no_names() {
    let names = "process global module exports __dirname __filename fs os std Deno Bun window self document WebAssembly Worker \
        XMLHttpRequest WebSocket EventSource importScripts gc print load loadFile scriptArgs host hooks Atomics SharedArrayBuffer \
        navigator bjson performance.timeOrigin.constructor.process";
    for name in names.split_whitespace() {
        let code = format!("try {{ return typeof {name} }} catch {{ return 'undefined' }}");
        assert_eq!(run(&code).await.unwrap().value, json!("undefined"), "{name}");
    }
}

#[tokio::test]
async fn walks_by_constructors_make_no_code() {
    for maker in [
        "Function",
        "(() => {}).constructor",
        "(async () => {}).constructor",
        "(function* () {}).constructor",
        "({}).constructor.constructor",
        "[].constructor.constructor",
        "''.constructor.constructor",
        "fetch.constructor",
        "console.log.constructor",
        "setTimeout.constructor",
        "require.constructor",
        "Buffer.from.constructor",
        "Buffer.constructor",
        "require('axios').get.constructor",
        "Reflect.getPrototypeOf(fetch).constructor",
        "Object.getPrototypeOf(async function () {}).constructor",
        "new Proxy(Function, {})",
        "this.constructor.constructor",
        "arguments.callee.constructor",
        "Promise.resolve().then.constructor",
        "Error.prototype.constructor.constructor",
        "Symbol.iterator.constructor.constructor",
        "[].concat.constructor",
        "'x'.repeat.constructor",
    ] {
        for call in [
            format!("({maker})('return 1')()"),
            format!("Reflect.construct({maker}, ['return 1'])"),
        ] {
            let error = run(&format!("const made = {call}; return await made")).await.unwrap_err();
            assert!(
                error.to_string().contains("EvalError: Code cannot be made"),
                "{call}: {error}"
            );
        }
    }
}

/// Every object that can be reached from the globals by properties, getters and prototypes: none
/// of the functions among them turns text into code.
#[tokio::test]
async fn no_reachable_function_makes_code() {
    let outcome = run(
        "const seen = new Set(), queue = [globalThis, async () => {}, function* () {}, async function* () {}, [].values(), ''.matchAll(/x/g),
            new Map().entries(), require('axios'), require('crypto'), require('url'), require('buffer'), require('node-fetch'), Buffer,
            URL, fetch('x').catch((e) => e), console, structuredClone, crypto, new TextEncoder(), new AbortController(), new Response('')];
        const made = (value) => value === 7 || (typeof value === 'function' && !seen.has(value) && (() => { try { return value() === 7 } catch { return false } })());
        const found = []; let functions = 0;
        while (queue.length > 0) {
            const value = queue.pop();
            if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
            seen.add(value);
            queue.push(Object.getPrototypeOf(value));
            for (const key of Reflect.ownKeys(value)) {
                const property = Object.getOwnPropertyDescriptor(value, key);
                queue.push(property.value, property.get, property.set);
                try { queue.push(value[key]) } catch {}
            }
        }
        for (const value of seen) {
            if (typeof value !== 'function') continue;
            functions++;
            try { if (made(value('return 7'))) found.push(value.name) } catch {}
            try { if (made(Reflect.construct(value, ['return 7']))) found.push('new ' + value.name) } catch {}
        }
        return [functions > 500, found]",
    )
    .await;
    assert_eq!(outcome.map(|outcome| outcome.value), Ok(json!([true, []])));
}

#[tokio::test]
async fn errors_and_stacks_carry_nothing_of_the_host() {
    returns(&[
        // V8's hook for structured stacks: other engines call it, with frames that lead outside.
        (
            "let seen = 'never called'; Error.prepareStackTrace = (_, frames) => { seen = frames; return frames };
            try { await fetch('x') } catch (error) {
                const frames = Array.isArray(seen) ? seen : [];
                return frames.every((frame) => typeof frame.getThis?.() === 'undefined' && !String(frame.getFunction?.() ?? '').includes('process'))
            }",
            json!(true),
        ),
        ("try { null.x } catch (error) { return /\\/(root|home|work|usr|src)\\//.test(error.stack) }", json!(false)),
        ("const f = () => f(); try { f() } catch (error) { return error.constructor === RangeError }", json!(true)),
        ("try { structuredClone(() => 1) } catch (error) { return error instanceof DOMException && error.constructor.constructor === Function }", json!(true)),
        ("try { require('fs') } catch (error) { return error.constructor === Error }", json!(true)),
        ("try { new URL('x') } catch (error) { return error.constructor === TypeError }", json!(true)),
        ("try { crypto.getRandomValues(new Uint8Array(1e6)) } catch (error) { return error.constructor === RangeError }", json!(true)),
    ])
    .await;
}

/// The script may break its own tools. It gets wrong results then, never more rights.
#[tokio::test]
async fn tampering_stays_inside() {
    returns(&[
        ("Promise.prototype.then = () => 'mine'; return await 1", json!(1)),
        ("JSON.stringify = () => '\"forged\"'; return { real: 1 }", json!({ "real": 1 })),
        ("Promise = undefined; Object.defineProperty = undefined; Reflect.apply = undefined; return await (async () => 2)()", json!(2)),
        ("Object.defineProperty(Object.prototype, 'toJSON', { value: () => 'all' }); return { a: 1 }", json!("all")),
        ("String.prototype.toWellFormed = () => { throw 1 }; console.log('still'); return 3", json!(3)),
        ("globalThis.fetch = () => 'mine'; URL = 5; return [fetch(), URL]", json!(["mine", 5])),
        ("delete globalThis.require; return typeof require", json!("undefined")),
        ("Object.prototype.then = function (done) { done('hijacked') }; return 4", json!(4)),
        ("Array.prototype[Symbol.iterator] = undefined; setTimeout(() => {}, 1); return [5]", json!([5])),
        ("for (const key of Reflect.ownKeys(globalThis)) { try { delete globalThis[key] } catch {} } return 6", json!(6)),
        ("return { then: (done) => done({ then: (again) => again(7) }) }", json!(7)),
        // Closing the wrapper early only makes more code for the same realm.
        ("return 8 }); (async function () { return 9", json!(9)),
    ])
    .await;
}

/// The awaited value resumes the script on the host's say: what it does then is still inside.
#[tokio::test]
async fn resumed_code_has_no_more_rights() {
    returns(&[
        (
            "const after = []; for (const wait of [Promise.resolve(), new Promise((d) => setTimeout(d, 1)), fetch('x').catch((e) => e)]) {
                await wait; after.push(typeof process, typeof globalThis.host)
            }
            return [...new Set(after)]",
            json!(["undefined"]),
        ),
        (
            "const error = await fetch('http://a').catch((e) => e);
            return Object.getPrototypeOf(error) === TypeError.prototype && error.constructor.constructor === Function",
            json!(true),
        ),
        ("return await new Promise((done) => setTimeout(function () { done([this === globalThis, arguments.length]) }, 1))", json!([true, 0])),
    ])
    .await;
}

#[tokio::test]
async fn nothing_survives_to_the_next_call() {
    let sandbox = Sandbox::new(Limits::default(), None);
    let pollute = "Object.prototype.polluted = 1; Array.prototype.map = () => 'p'; globalThis.left = 1; undeclared = 1;
        Function.prototype.call = null; JSON.parse = () => 'p'; Symbol.for('shared').left = 1; console.log = () => {}; Promise.resolve = null;
        setInterval(() => {}, 1); return 'done'";
    let look = "return [({}).polluted === undefined, [1].map((n) => n + 1)[0], typeof left, typeof undeclared, typeof (() => 1).call,
        JSON.parse('1'), typeof Promise.resolve]";
    for _ in 0..3 {
        assert_eq!(sandbox.run(script(pollute)).await.unwrap().value, json!("done"));
        let seen = sandbox.run(script(look)).await.unwrap().value;
        assert_eq!(seen, json!([true, 2, "undefined", "undefined", "function", 1, "function"]));
    }
}

#[tokio::test]
async fn modules_of_the_bootstrap_cannot_be_imported() {
    for name in [
        "core",
        "axios",
        "./core",
        "core.js",
        "script.js",
        "file:///etc/passwd",
        "/etc/passwd",
        "data:text/javascript,1",
        "std",
        "os",
    ] {
        let error = run(&format!("await import('{name}')")).await.unwrap_err().to_string();
        assert!(error.contains("scripts have require, not import"), "{name}: {error}");
    }
}
