//! The one way out: `fetch` and what stands on it, over a `Fetch` of the test.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use flowstone_sandbox::{
    Fetch, FetchRequest, FetchResponse, Limits, Outcome, Sandbox, ScriptError,
};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::{fails, script};

/// Answers by path; `/echo` gives the request back.
#[derive(Default)]
struct Site {
    dropped: Arc<Notify>,
    started: Arc<Notify>,
}

#[async_trait]
impl Fetch for Site {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, String> {
        let path = request
            .url
            .strip_prefix("http://site")
            .ok_or_else(|| format!("{} is not allowed", request.url))?
            .to_owned();
        let answer = |status: u16, body: &[u8]| {
            let headers = vec![
                ("Content-Type".to_owned(), "application/json".to_owned()),
                ("X-A".to_owned(), "1".to_owned()),
                ("x-a".to_owned(), "2".to_owned()),
            ];
            FetchResponse {
                status,
                status_text: "Fine".into(),
                headers,
                body: body.to_vec(),
                url: request.url.clone(),
            }
        };
        match path.split('?').next().unwrap_or_default() {
            "/json" => Ok(answer(200, br#"{"a":[1,"b"]}"#)),
            "/missing" => Ok(answer(404, br#"{"why":"gone"}"#)),
            "/broken" => Ok(answer(500, b"oops")),
            "/bytes" => Ok(answer(200, &[0, 255, 254])),
            "/mark" => Ok(answer(200, "\u{FEFF}text".as_bytes())),
            "/empty" => Ok(answer(204, b"")),
            "/moved" => Ok(FetchResponse { url: "http://site/json".into(), ..answer(200, b"{}") }),
            "/echo" => {
                let body =
                    request.body.as_ref().map(|body| String::from_utf8_lossy(body).into_owned());
                let echo = json!({ "method": request.method, "url": request.url, "headers": request.headers, "body": body });
                Ok(answer(200, echo.to_string().as_bytes()))
            }
            "/never" => {
                let _told_when_dropped = NotifyOnDrop(Arc::clone(&self.dropped));
                self.started.notify_one();
                std::future::pending().await
            }
            _ => Err("the connection was refused".to_owned()),
        }
    }
}

struct NotifyOnDrop(Arc<Notify>);

impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

async fn run(code: &str) -> Result<Outcome, ScriptError> {
    Sandbox::new(Limits::default(), Some(Arc::new(Site::default()))).run(script(code)).await
}

async fn table(rows: &[(&str, Value)]) {
    for (code, expected) in rows {
        assert_eq!(run(code).await.map(|outcome| outcome.value), Ok(expected.clone()), "{code}");
    }
}

#[tokio::test]
async fn without_a_client_the_network_is_off() {
    let off = "Network access is off for this script";
    fails(&[
        ("await fetch('http://169.254.169.254/')", &format!("TypeError: {off} (line 1, column 7)")),
        ("await require('axios').get('http://site/json')", off),
        ("await require('node-fetch')('http://site/json')", off),
    ])
    .await;
}

#[tokio::test]
async fn answers_are_read() {
    table(&[
        ("const r = await fetch('http://site/json'); return [r.ok, r.status, r.statusText, r.url, r.redirected, await r.json()]", json!([true, 200, "Fine", "http://site/json", false, { "a": [1, "b"] }])),
        ("const r = await fetch('http://site/missing'); return [r.ok, r.status, await r.text()]", json!([false, 404, "{\"why\":\"gone\"}"])),
        ("const r = await fetch('http://site/json'); return [r.headers.get('CONTENT-type'), r.headers.get('x-a'), r.headers.has('y'), [...r.headers.keys()]]", json!(["application/json", "1, 2", false, ["content-type", "x-a"]])),
        ("return [...new Uint8Array(await (await fetch('http://site/bytes')).arrayBuffer())]", json!([0, 255, 254])),
        ("return await (await fetch('http://site/bytes')).text()", json!("\0\u{FFFD}\u{FFFD}")),
        ("const r = await fetch('http://site/mark'); return [await r.clone().text(), (await r.bytes()).length]", json!(["text", 7])),
        ("return await (await fetch('http://site/empty')).text()", json!("")),
        ("return (await fetch('http://site/moved')).redirected", json!(true)),
        ("const r = await fetch('http://site/json'); await r.text(); try { await r.text() } catch (e) { return e.message }", json!("The body was already read")),
        ("return (await Promise.all(Array.from({ length: 80 }, () => fetch('http://site/json')))).length", json!(80)),
        ("return await (await require('node-fetch').default('http://site/json')).json()", json!({ "a": [1, "b"] })),
        ("return await new Response('x', { status: 201 }).text() + (await Response.json({ a: 1 }).json()).a", json!("x1")),
    ])
    .await;
}

#[tokio::test]
async fn requests_are_sent_as_written() {
    table(&[
        (
            "return await (await fetch(new URL('http://site/echo?q=1'))).json()",
            json!({ "method": "GET", "url": "http://site/echo?q=1", "headers": [], "body": null }),
        ),
        (
            "return await (await fetch('http://site/echo', { method: 'post', headers: { 'X-Key': 'é', accept: 'a' }, body: JSON.stringify({ a: 1 }) })).json()",
            json!({ "method": "POST", "url": "http://site/echo", "headers": [["accept", "a"], ["content-type", "text/plain;charset=UTF-8"], ["x-key", "é"]], "body": "{\"a\":1}" }),
        ),
        (
            "return await (await fetch('http://site/echo', { method: 'PUT', body: new URLSearchParams({ a: 'b c' }) })).json()",
            json!({ "method": "PUT", "url": "http://site/echo", "headers": [["content-type", "application/x-www-form-urlencoded;charset=UTF-8"]], "body": "a=b+c" }),
        ),
        (
            "const r = new Request('http://site/echo', { method: 'PATCH', body: Buffer.from('raw'), headers: [['a', 'b']] });
            return await (await fetch(r)).json()",
            json!({ "method": "PATCH", "url": "http://site/echo", "headers": [["a", "b"]], "body": "raw" }),
        ),
    ])
    .await;
    for (code, expected) in [
        (
            "await fetch('http://elsewhere/')",
            "TypeError: http://elsewhere/ is not allowed (line 1, column 7)",
        ),
        ("await fetch('http://site/refused')", "TypeError: the connection was refused"),
        ("await fetch('no address')", "TypeError: Invalid URL: no address"),
        (
            "await fetch('http://site/echo', { body: 'x' })",
            "TypeError: A GET request cannot have a body",
        ),
        (
            "await fetch('http://site/echo', { headers: { 'a b': 'c' } })",
            "TypeError: 'a b' is not a header name",
        ),
        (
            "await fetch('http://site/echo', { headers: { a: 'b\\r\\nc: d' } })",
            "holds a line break",
        ),
    ] {
        let error = run(code).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{code}\n  expected {expected}\n  got {error}");
    }
}

#[tokio::test]
async fn axios_speaks_as_scripts_expect() {
    table(&[
        ("const r = await require('axios').get('http://site/json'); return [r.status, r.statusText, r.data, r.headers['content-type']]", json!([200, "Fine", { "a": [1, "b"] }, "application/json"])),
        (
            "const r = await require('axios').post('http://site/echo', { a: 1 }, { headers: { 'X-Key': 'k' }, params: { q: 'a b', list: [1, 2], skip: undefined } });
            return r.data",
            json!({ "method": "POST", "url": "http://site/echo?q=a+b&list%5B%5D=1&list%5B%5D=2", "headers": [["accept", "application/json, text/plain, */*"], ["content-type", "application/json"], ["x-key", "k"]], "body": "{\"a\":1}" }),
        ),
        (
            "const api = require('axios').create({ baseURL: 'http://site/', headers: { common: { A: '1' }, B: '2' }, auth: { username: 'u', password: 'p' } });
            const r = await api.delete('/echo'); return [r.data.method, r.data.headers]",
            json!(["DELETE", [["a", "1"], ["accept", "application/json, text/plain, */*"], ["authorization", "Basic dTpw"], ["b", "2"]]]),
        ),
        ("const r = await require('axios')({ url: 'http://site/echo', method: 'put', data: 'a=b' }); return [r.data.body, r.data.method]", json!(["a=b", "PUT"])),
        ("const r = await require('axios').postForm('http://site/echo', { a: 'b c' }); return r.data.body", json!("a=b+c")),
        (
            "const axios = require('axios'); try { await axios.get('http://site/missing') } catch (e) {
                return [axios.isAxiosError(e), e.message, e.code, e.response.status, e.response.data] }",
            json!([true, "Request failed with status code 404", "ERR_BAD_REQUEST", 404, { "why": "gone" }]),
        ),
        ("try { await require('axios').get('http://site/refused') } catch (e) { return [e.code, e.message, e.response === undefined] }", json!(["ERR_NETWORK", "the connection was refused", true])),
        ("return (await require('axios').get('http://site/broken', { validateStatus: () => true })).data", json!("oops")),
        ("return (await require('axios').get('http://site/bytes', { responseType: 'arraybuffer' })).data.toString('hex')", json!("00fffe")),
        ("try { await require('axios').get('http://site/never', { timeout: 5 }) } catch (e) { return [e.code, e.message] }", json!(["ECONNABORTED", "timeout of 5ms exceeded"])),
        (
            "const api = require('axios').create(); api.interceptors.request.use((c) => ({ ...c, headers: { ...c.headers, T: 'x' } }));
            api.interceptors.response.use((r) => r.data.headers.find(([name]) => name === 't')); return await api.get('http://site/echo')",
            json!(["t", "x"]),
        ),
    ])
    .await;
}

#[tokio::test]
async fn requests_are_aborted() {
    table(&[
        (
            "const c = new AbortController(); setTimeout(() => c.abort(), 1);
            try { await fetch('http://site/never', { signal: c.signal }) } catch (e) { return [e.name, c.signal.aborted, c.signal.reason === e] }",
            json!(["AbortError", true, true]),
        ),
        ("try { await fetch('http://site/json', { signal: AbortSignal.abort('why') }) } catch (e) { return e }", json!("why")),
        ("try { await fetch('http://site/never', { signal: AbortSignal.timeout(1) }) } catch (e) { return e.name }", json!("TimeoutError")),
        ("const c = new AbortController(); const r = await fetch('http://site/json', { signal: c.signal }); c.abort(); return (await r.json()).a.length", json!(2)),
    ])
    .await;
}

#[tokio::test]
async fn an_aborted_request_is_dropped_while_the_script_goes_on() {
    let site = Arc::new(Site::default());
    let sandbox = Sandbox::new(Limits::default(), Some(Arc::clone(&site) as Arc<dyn Fetch>));
    let code = "fetch('http://site/never', { signal: AbortSignal.timeout(1) }).catch(() => {}); await new Promise((done) => setTimeout(done, 1e6))";
    let dropped = Arc::clone(&site.dropped);
    tokio::select! {
        outcome = sandbox.run(script(code)) => panic!("{outcome:?}"),
        seen = tokio::time::timeout(Duration::from_secs(20), dropped.notified()) => seen.unwrap(),
    }
}

#[tokio::test]
async fn dropping_the_run_drops_its_requests() {
    let site = Arc::new(Site::default());
    let sandbox = Sandbox::new(Limits::default(), Some(Arc::clone(&site) as Arc<dyn Fetch>));
    let mut runs = JoinSet::new();
    runs.spawn(async move { sandbox.run(script("await fetch('http://site/never')")).await });
    tokio::time::timeout(Duration::from_secs(20), site.started.notified()).await.unwrap();
    runs.shutdown().await;
    tokio::time::timeout(Duration::from_secs(20), site.dropped.notified()).await.unwrap();
}
