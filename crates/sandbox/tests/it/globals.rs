//! The globals a script finds, each as a table of code and result.

use serde_json::json;

use super::{fails, returns, run};

#[tokio::test]
async fn scripts_return_values() {
    returns(&[
        ("", json!(null)),
        ("return 1", json!(1)),
        ("return // the end\n  1", json!(null)),
        ("return 'é😀'", json!("é😀")),
        ("return 'a\\ud800b'", json!("a\u{FFFD}b")),
        ("return 'a\\0b'", json!("a\0b")),
        ("return 0.1 + 0.2", json!(0.300_000_000_000_000_04)),
        ("return { a: [1, undefined, () => 1], b: undefined }", json!({ "a": [1, null, null] })),
        ("return new Date(0)", json!("1970-01-01T00:00:00.000Z")),
        ("return await 5", json!(5)),
        ("return Promise.resolve({ a: 1 })", json!({ "a": 1 })),
        ("for await (const n of (async function* () { yield 1 })()) return n", json!(1)),
        ("undeclared = 3; return undeclared // sloppy mode, as ever", json!(3)),
        ("return this === globalThis", json!(true)),
        ("return [1, [2, [3]]].flat(9).concat([4], 5).sort().reverse().join('-')", json!("5-4-3-2-1")),
        ("return ['b', undefined, 'a', 'x'.repeat(300)].sort().map((x) => x?.length)", json!([1, 1, 300, null])),
        ("return 'a-b-c'.replaceAll('-', '+').split('+').includes('b') && 'abc'.indexOf('c') === 2", json!(true)),
        ("return 'x1y22'.replace(/\\d+/g, (n) => n * 2) + 'a,b'.split(/,/).length", json!("x2y442")),
        ("return Array.prototype.slice.call({ length: 2, 0: 'a', 1: 'b' })", json!(["a", "b"])),
        ("return (function () { return Array.prototype.slice.call(arguments, 1) })(1, 2)", json!([2])),
        ("return [10n ** 20n].map(String)", json!(["100000000000000000000"])),
    ])
    .await;
}

#[tokio::test]
async fn errors_name_the_place() {
    for (code, expected) in [
        ("throw new Error('no')", "no (line 1, column 11)"),
        (
            "const a = 1;\nconst f = () => {\n  throw new TypeError('bad');\n};\nf()",
            "TypeError: bad (line 3, column 13)",
        ),
        ("\n\nreturn missing", "ReferenceError: missing is not defined (line 3, column 8)"),
        (
            "const a = {};\nreturn a.b.c",
            "TypeError: cannot read property 'c' of undefined (line 2, column 8)",
        ),
        ("throw 'just text'", "just text"),
        ("throw { code: 7 }", "{\"code\":7}"),
        ("throw undefined", "undefined"),
        (
            "throw null",
            "The script threw null, as it also does when it runs out of its 64 MB of memory",
        ),
        ("throw ''", "The script threw an empty text"),
        ("throw new RangeError()", "RangeError (line 1, column 11)"),
        ("throw { get message() { throw 1 } }", "The script threw a value that cannot be shown"),
        ("await Promise.reject(new Error('later'))", "later (line 1, column 26)"),
        (
            "setTimeout(() => { throw new Error('tick') }, 1); await new Promise(() => {})",
            "tick (line 1, column 30)",
        ),
        (
            "queueMicrotask(() => { throw new Error('job') }); await new Promise(() => {})",
            "job (line 1, column 34)",
        ),
        ("return 1n", "TypeError: The returned value cannot be written as JSON: BigInt"),
        (
            "const a = {}; a.a = a; return a",
            "TypeError: The returned value cannot be written as JSON: circular",
        ),
        (
            "let a = []; for (let n = 0; n < 200; n++) a = [a]; return a",
            "The returned value cannot be used: recursion",
        ),
        ("const x = ;", "The code has a syntax error: "),
        ("let a = 1;\nlet b = }", "(line 2, column "),
        ("return 1 /* no end", "The code has a syntax error: "),
        ("if (true) {", "(line 1)"),
        ("return eval('1')", "EvalError: Code cannot be made from text here"),
        (
            "return new Function('return 1')()",
            "EvalError: Code cannot be made from text here (line 1, column 12)",
        ),
        (
            "return globalThis['U' + 'RL']",
            "ReferenceError: A global or module was asked for by a name that the code does not write out",
        ),
        ("a\0b", "it holds a NUL character"),
        ("await import('fs')", "scripts have require, not import"),
        ("import fs from 'fs'", "The code has a syntax error: "),
    ] {
        let error = run(code).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{code:?}\n  expected {expected}\n  got      {error}");
    }
}

#[tokio::test]
async fn console_lines_are_collected() {
    let outcome = run("console.log('plain', 1, true, null, undefined, 5n, Symbol('s'));
        console.info({ a: 'x', 'b-c': [1, { d: new Date(0) }] }, [], {});
        console.warn(new Map([['k', 1]]), new Set([1]), /a+/g, new Error('oops'));
        console.error(function named() {}, () => 1, Promise.resolve(1));
        const loop = { name: 'l' }; loop.self = loop; console.debug(loop);
        console.log(Array.from({ length: 102 }, () => 1).concat(2));
        console.log(new Uint8Array([1, 2]), new (class Point { x = 1 })());
        console.log({ a: { b: { c: { d: { e: { f: 1 } } } } } });
        console.assert(1 === 1, 'no'); console.assert(false, 'seen');
        console.log('a\\ud800')")
    .await
    .unwrap();
    let ones = vec!["1"; 100].join(", ");
    assert_eq!(
        outcome.logs,
        [
            "plain 1 true null undefined 5n Symbol(s)",
            "{ a: \"x\", \"b-c\": [1, { d: 1970-01-01T00:00:00.000Z }] } [] {}",
            "warn: Map(1) {\"k\" => 1} Set(1) {1} /a+/g Error: oops",
            "error: [Function: named] [Function: anonymous] Promise {}",
            "{ name: \"l\", self: [Circular] }",
            &format!("[{ones}, ... 3 more]"),
            "Uint8Array(2) [1, 2] Point { x: 1 }",
            "{ a: { b: { c: { d: { e: [Object] } } } } }",
            "error: Assertion failed: seen",
            "a\u{FFFD}",
        ]
    );
}

#[tokio::test]
async fn timers_fire_in_order() {
    returns(&[
        (
            "const seen = [];
            setTimeout((word) => seen.push(word), 2, 'second');
            setTimeout(() => seen.push('first'), 1);
            setTimeout(() => seen.push('never'), 2); clearTimeout(3);
            await new Promise((done) => setTimeout(done, 3));
            await new Promise((done) => {
                const ticks = setInterval(() => { seen.push('tick'); if (seen.length === 4) { clearInterval(ticks); setTimeout(done, 5) } }, 1)
            });
            return seen",
            json!(["first", "second", "tick", "tick"]),
        ),
        ("return await new Promise((done) => setImmediate(done, 'soon'))", json!("soon")),
        ("setTimeout(() => 1, 1e9); setInterval(() => 1, 1); return 'not waited for'", json!("not waited for")),
        ("clearTimeout(undefined); clearInterval('x'); return typeof setTimeout(() => 1, 'x')", json!("number")),
        ("let n = 0; queueMicrotask(() => n++); await null; return n", json!(1)),
    ])
    .await;
    fails(&[(
        "setTimeout('code', 1)",
        "TypeError: The first argument of a timer must be a function",
    )])
    .await;
}

#[tokio::test]
async fn addresses_are_parsed_and_changed() {
    returns(&[
        (
            "const url = new URL('../b?x=1#top', 'https://me:pw@example.org:8443/a/c');
            return [url.href, url.origin, url.protocol, url.username, url.password, url.host, url.hostname, url.port,
                url.pathname, url.search, url.hash]",
            json!([
                "https://me:pw@example.org:8443/b?x=1#top",
                "https://example.org:8443",
                "https:",
                "me",
                "pw",
                "example.org:8443",
                "example.org",
                "8443",
                "/b",
                "?x=1",
                "#top"
            ]),
        ),
        (
            "const url = new URL('http://a/'); url.protocol = 'https'; url.hostname = 'bücher.de'; url.port = '444';
            url.pathname = 'x y'; url.search = 'q=ä'; url.hash = 'h'; return `${url}`",
            json!("https://xn--bcher-kva.de:444/x%20y?q=%C3%A4#h"),
        ),
        (
            "const url = new URL('http://a/?x=1'); const params = url.searchParams;
            params.append('y', 'a b&c'); url.search += '&z=2'; params.delete('x');
            return [url.href, JSON.stringify({ url }), params.size]",
            json!(["http://a/?y=a+b%26c&z=2", "{\"url\":\"http://a/?y=a+b%26c&z=2\"}", 2]),
        ),
        ("return [URL.canParse('x'), URL.canParse('x', 'http://a'), URL.parse('x')]", json!([false, true, null])),
        (
            "const p = new URLSearchParams('?b=2&a=1&b=3&c=%C3%A4+'); p.sort();
            return [`${p}`, p.get('b'), p.getAll('b'), p.has('c', 'ä '), p.get('nope'), [...p.keys()]]",
            json!(["a=1&b=2&b=3&c=%C3%A4+", "2", ["2", "3"], true, null, ["a", "b", "b", "c"]]),
        ),
        (
            "const p = new URLSearchParams({ a: 1 }); p.set('a', 2); p.set('b', 3); p.append('a', 4); p.set('a', 5);
            return [`${p}`, `${new URLSearchParams([['k', 'v']])}`, `${new URLSearchParams(p)}`]",
            json!(["a=5&b=3", "k=v", "a=5&b=3"]),
        ),
    ])
    .await;
    fails(&[
        ("new URL('no address')", "TypeError: Invalid URL: no address (line 1, column "),
        ("new URL('http://a').href = 'x'", "TypeError: Invalid URL: x"),
        ("new URLSearchParams([['a']])", "TypeError: URLSearchParams needs pairs"),
    ])
    .await;
}

#[tokio::test]
async fn text_and_bytes_convert() {
    returns(&[
        ("return [...new TextEncoder().encode('é€')]", json!([195, 169, 226, 130, 172])),
        ("return new TextDecoder().decode(new Uint8Array([239, 187, 191, 104, 105, 255]))", json!("hi\u{FFFD}")),
        ("return new TextDecoder('utf8').decode(new Uint8Array([0, 104, 105]).subarray(1).buffer)", json!("\0hi")),
        ("return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array([239, 187, 191]))", json!("\u{FEFF}")),
        ("return [btoa('hello'), atob('aGVsbG8=')]", json!(["aGVsbG8=", "hello"])),
        ("return Buffer.from('héllo').toString('base64')", json!("aMOpbGxv")),
        ("return Buffer.from('aMOpbGxv', 'base64').toString()", json!("héllo")),
        ("return Buffer.from('aM-p_w==\\n', 'base64url').toString('hex')", json!("68cfa9ff")),
        ("return Buffer.from('68c3zz', 'hex').toString('latin1')", json!("hÃ")),
        ("return Buffer.from([1, 2, 300])", json!({ "type": "Buffer", "data": [1, 2, 44] })),
        ("return Buffer.concat([Buffer.from('ab'), Buffer.alloc(2, 'x')]).slice(1, 3).toString()", json!("bx")),
        ("return [Buffer.byteLength('€'), Buffer.isBuffer(Buffer.alloc(1)), Buffer.from('a').equals(Buffer.from('a'))]", json!([3, true, true])),
        ("return Buffer.from(JSON.parse(JSON.stringify(Buffer.from('ok')))).toString()", json!("ok")),
        ("return Buffer.from('abc').map((n) => n + 1).toString()", json!("bcd")),
    ])
    .await;
    fails(&[
        ("new TextDecoder('utf-16')", "RangeError: TextDecoder knows utf-8 only"),
        (
            "new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255]))",
            "TypeError: The bytes are not valid UTF-8",
        ),
        ("Buffer.from('a', 'ebcdic')", "TypeError: Unknown encoding: ebcdic"),
        ("Buffer.from(5)", "TypeError: Buffer.from needs text"),
    ])
    .await;
}

#[tokio::test]
async fn clones_are_deep() {
    returns(&[
        (
            "const a = { d: new Date(5), m: new Map([[1, { x: 1 }]]), s: new Set(['y']), b: new Uint8Array([1, 2]), r: /x/i, n: [null] };
            a.self = a; const c = structuredClone(a); a.m.get(1).x = 2; a.b[0] = 9;
            return [c.self === c, c.d.getTime(), c.m.get(1).x, [...c.s], [...c.b], String(c.r), c.n]",
            json!([true, 5, 1, ["y"], [1, 2], "/x/i", [null]]),
        ),
        ("const e = structuredClone(new TypeError('t', { cause: 1 })); return [e instanceof TypeError, e.message, e.cause]", json!([true, "t", 1])),
    ])
    .await;
    fails(&[
        ("structuredClone({ f() {} })", "DataCloneError: A function cannot be cloned"),
        ("structuredClone(Promise.resolve())", "DataCloneError: A Promise cannot be cloned"),
    ])
    .await;
}

#[tokio::test]
async fn chance_is_random_and_hashes_are_not() {
    returns(&[
        ("return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())", json!(true)),
        ("return crypto.randomUUID() !== crypto.randomUUID()", json!(true)),
        ("return new Set(crypto.getRandomValues(new Uint32Array(32))).size > 30", json!(true)),
        (
            "return Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc'))).toString('hex')",
            json!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ),
    ])
    .await;
    fails(&[(
        "crypto.getRandomValues(new Uint8Array(70000))",
        "RangeError: At most 65536 random bytes",
    )])
    .await;
}
