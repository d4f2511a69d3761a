//! Pages in the browser of this machine. Where there is none, the tests say so and pass nothing off
//! as seen.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use flowstone_browser::{Answer, Browser, Call, Error, Network, Session, Visit, Wait};

/// A web of a few pages, which notes what is called.
#[derive(Default)]
struct Web {
    pages: HashMap<&'static str, (&'static str, &'static str)>,
    called: Mutex<Vec<String>>,
}

#[async_trait]
impl Network for Web {
    async fn answer(&self, call: Call) -> Result<Answer, String> {
        self.called.lock().unwrap().push(format!("{} {}", call.method, call.url));
        let url = if call.url == "https://shop.example/old" {
            "https://shop.example/new/"
        } else {
            &call.url
        };
        let (kind, body) = self.pages.get(url).ok_or("refused")?;
        let headers = vec![
            ("content-type".to_owned(), (*kind).to_owned()),
            ("access-control-allow-origin".to_owned(), "*".to_owned()),
            ("content-encoding".to_owned(), "gzip".to_owned()),
        ];
        Ok(Answer { status: 200, url: url.to_owned(), headers, body: body.as_bytes().to_vec() })
    }
}

async fn open(pages: &[(&'static str, (&'static str, &'static str))]) -> (Arc<Web>, Session) {
    let browser = Browser::new(None, 1);
    assert!(browser.program().is_some(), "these tests need Chromium or Chrome on this machine");
    let web = Arc::new(Web { pages: pages.iter().copied().collect(), ..Web::default() });
    let session = browser.open(web.clone()).await.unwrap();
    (web, session)
}

fn visit(url: &str) -> Visit {
    Visit {
        url: url.to_owned(),
        wait: Wait::default(),
        wait_for: None,
        selector: None,
        patience: Duration::from_secs(20),
    }
}

#[tokio::test]
async fn a_page_is_seen_as_its_scripts_leave_it() {
    let page = "<title>T</title><body><h1>Shop</h1><p id=late></p><p style='display:none'>hid</p>\
        <img src=/a.png><script>fetch('/data.json').then((it) => it.json()).then((it) => {\
        document.querySelector('#late').textContent = it.open; document.body.dataset.ready = 1; })\
        </script></body>";
    let (web, mut session) = open(&[
        ("https://shop.example/new/", ("text/html", page)),
        ("https://shop.example/data.json", ("application/json", "{\"open\": \"at nine\"}")),
    ])
    .await;
    let wanted =
        Visit { wait_for: Some("body[data-ready]".into()), ..visit("https://shop.example/old") };
    let seen = session.visit(&wanted).await.unwrap();
    assert_eq!(seen.url, "https://shop.example/new/", "where it was led");
    assert_eq!(seen.text.unwrap(), "Shop\n\nat nine");
    assert!(seen.html.contains("at nine"));
    // An icon for its tab may be asked for too.
    let called: Vec<String> = web.called.lock().unwrap().iter().take(2).cloned().collect();
    assert_eq!(called, ["GET https://shop.example/old", "GET https://shop.example/data.json"]);

    let idle = Visit { wait: Wait::NetworkIdle, selector: Some("#late".into()), ..wanted.clone() };
    assert_eq!(session.visit(&idle).await.unwrap().text.unwrap(), "at nine");
    let none = Visit { selector: Some("#none".into()), ..wanted };
    assert_eq!(session.visit(&none).await.unwrap().text, None);
}

#[tokio::test]
async fn nothing_goes_past_the_network() {
    // A server on this machine that a page must not reach, by whatever way it tries.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let page = "<body>x<script>\
        const at = '127.0.0.1:PORT'; const tries = [];\
        tries.push(fetch('http://' + at + '/fetch').catch(() => 0));\
        tries.push(new Promise((done) => { const it = new WebSocket('ws://' + at); it.onerror = it.onclose = done; }));\
        tries.push(new Promise((done) => { const it = new Worker(URL.createObjectURL(new Blob(\
            ['fetch(\"http://' + at + '/worker\").catch(() => 0).then(() => postMessage(1))'])));\
            it.onmessage = it.onerror = done; }));\
        const frame = document.createElement('iframe'); frame.src = 'http://' + at + '/frame';\
        tries.push(new Promise((done) => { frame.onload = frame.onerror = done; })); document.body.append(frame);\
        navigator.sendBeacon('http://' + at + '/beacon'); window.open('http://' + at + '/popup');\
        Promise.all(tries).then(() => { document.body.dataset.done = 1; });\
        </script></body>";
    let page: &'static str = page.replace("PORT", &port.to_string()).leak();
    let (web, mut session) = open(&[("http://shop.example/", ("text/html", page))]).await;
    let tried = Visit { wait_for: Some("body[data-done]".into()), ..visit("http://shop.example/") };
    session.visit(&tried).await.unwrap();
    assert!(listener.accept().is_err(), "nobody came");
    let called = web.called.lock().unwrap().join(" ");
    assert!(
        called.contains("/fetch") && called.contains("/frame"),
        "they were asked for: {called}"
    );
    for url in ["file:///etc/passwd", "chrome://version", "http://127.0.0.1:1/"] {
        let shown = session.visit(&visit(url)).await;
        let text = shown.ok().and_then(|it| it.text).unwrap_or_default();
        assert!(!text.contains("root:") && !text.contains("Command Line"), "{url}: {text}");
    }
}

#[tokio::test]
async fn what_is_not_ready_in_time_or_not_there_is_told() {
    let (_web, mut session) = open(&[("https://shop.example/", ("text/html", "<p>x"))]).await;
    let short = Duration::from_secs(1);
    let late = Visit {
        wait_for: Some("#never".into()),
        patience: short,
        ..visit("https://shop.example/")
    };
    let said = session.visit(&late).await.unwrap_err();
    assert_eq!(said, Error::TooSlow(1, "there is no element that fits the selector"));
    let gone = session.visit(&visit("https://gone.example/")).await.unwrap_err();
    assert!(matches!(gone, Error::Page(_)), "{gone}");
    let wrong = Visit { selector: Some("p[".into()), ..visit("https://shop.example/") };
    assert!(matches!(session.visit(&wrong).await, Err(Error::Page(_))));
    let none =
        Browser::new(Some("/nowhere/browser".into()), 1).open(Arc::new(Web::default())).await;
    assert!(matches!(none, Err(Error::Broken(_))));
}
