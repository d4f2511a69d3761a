//! T10: requests that want to keep the server busy, or to fill its memory.

use std::time::Duration;

use flate2::{Compress, Compression, Crc, FlushCompress};
use reqwest::{Body, Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::files::{attachments, form};
use crate::site::{Site, send};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

async fn connected(site: &Site) -> TcpStream {
    TcpStream::connect(site.server.origin.strip_prefix("http://").unwrap()).await.unwrap()
}

/// Whatever comes until the server hangs up.
async fn until_it_hangs_up(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let ended = timeout(PATIENCE, stream.read_to_end(&mut text)).await;
    assert!(ended.is_ok(), "the server still waits");
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn who_sends_too_slowly_is_hung_up_on() {
    let site = Site::with(&[("FLOWSTONE_REQUEST_PATIENCE", "1")]).await;
    let id = site.flow("llm-chain").await;
    let mut heads = Vec::new();
    for _ in 0..50 {
        let mut stream = connected(&site).await;
        stream.write_all(b"GET /api/v1/ping HTTP/1.1\r\nHost: x\r\nX-Slow:").await.unwrap();
        heads.push(stream);
    }
    let mut bodies = Vec::new();
    for path in [format!("/api/v1/prediction/{id}"), "/api/v1/auth/login".to_owned()] {
        let mut stream = connected(&site).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        bodies.push(stream);
    }
    assert!(site.answers_ping().await, "others are served meanwhile");
    for stream in bodies {
        let said = until_it_hangs_up(stream).await;
        assert!(said.starts_with("HTTP/1.1 400 "), "{said}");
        assert!(said.contains("broke off before its end"), "{said}");
    }
    for stream in heads {
        let said = until_it_hangs_up(stream).await;
        assert!(!said.contains("HTTP/1.1 2"), "{said}");
    }
    assert!(site.answers_ping().await);
}

#[tokio::test]
async fn a_form_of_a_million_parts_is_refused() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let path = format!("/prediction/{id}");
    let part = "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\n\r\n";
    let asked = || {
        let request = site.request(Method::POST, &path);
        request.header("content-type", "multipart/form-data; boundary=x")
    };
    let refused = send(asked().body(part.repeat(1001) + "--x--\r\n")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.failure(), "the form has more than 1000 parts");

    let thousand = part.repeat(1000);
    let pieces =
        futures::stream::iter((0..1000).map(move |_| Ok::<_, std::io::Error>(thousand.clone())));
    let million = asked().body(Body::wrap_stream(pieces)).send();
    let (million, served) = tokio::join!(timeout(PATIENCE, million), site.answers_ping());
    assert!(served);
    // A server may also hang up on who goes on sending.
    if let Ok(response) = million.expect("it was refused at once") {
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
    assert!(site.said(&id).await.is_empty());
}

#[tokio::test]
async fn nesting_and_lengths_that_are_only_claimed_cost_nothing() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let deep = "[".repeat(1_000_000);
    let text = |body: String, path: &str| {
        let request = site.signed_in(Method::POST, path).header("content-type", "application/json");
        send(request.body(body))
    };
    let ask = format!("/prediction/{id}");
    for (path, body) in [
        (ask.as_str(), deep.clone()),
        (&ask, format!("{{\"question\": \"hi\", \"overrideConfig\": {deep}")),
        (&ask, format!("{{\"question\": {}{}}}", "{\"a\":".repeat(300_000), "}".repeat(300_000))),
        ("/chatflows", deep.clone()),
        ("/export-import/import", format!("{{\"ChatFlow\": {deep}")),
    ] {
        let answer = text(body, path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.text);
    }
    // Text in which a flow lies is read only when somebody asks the flow.
    let form = json!({"name": "Deep", "type": "CHATFLOW", "flowData": deep});
    let kept = text(form.to_string(), "/chatflows").await;
    assert!(!kept.status.is_server_error(), "{}", kept.text);
    for claimed in [
        json!({"question": "Bob", "uploads": {"length": 1e9}}),
        json!({"question": "Bob", "files": {"length": 1e9}}),
        json!({"question": "Bob", "history": {"length": 1e9}}),
        json!({"question": {"length": 1e9}}),
    ] {
        let answer = site.ask(&id, &claimed).await;
        assert!(answer.status.as_u16() < 500, "{claimed}: {}", answer.text);
    }
    assert!(site.answers_ping().await);
}

/// A Word document whose text is `megabytes` of blanks, packed a thousand to one.
fn bomb(megabytes: usize) -> Vec<u8> {
    let blank = vec![b' '; 1 << 20];
    let mut deflate = Compress::new(Compression::best(), false);
    let mut squeezed = Vec::with_capacity(1 << 16);
    deflate.compress_vec(&blank, &mut squeezed, FlushCompress::Full).unwrap();
    let first = squeezed.clone();
    let mut once = Crc::new();
    once.update(&blank);
    let mut sum = Crc::new();
    sum.update(&blank);
    for _ in 1..megabytes {
        // After a full flush each piece stands alone, so that it can be repeated.
        squeezed.extend_from_slice(&first);
        sum.combine(&once);
    }
    let mut end = Vec::with_capacity(64);
    deflate.compress_vec(&[], &mut end, FlushCompress::Finish).unwrap();
    squeezed.extend_from_slice(&end);
    let name = b"word/document.xml";
    let short = |it: u16| it.to_le_bytes();
    let long = |it: usize| u32::try_from(it).unwrap().to_le_bytes();
    let common = [
        &short(20)[..],
        &short(0),
        &short(8),
        &[0; 4],
        &sum.sum().to_le_bytes(),
        &long(squeezed.len()),
        &long(megabytes << 20),
        &short(17),
        &short(0),
    ]
    .concat();
    let mut file = [b"PK\x03\x04", &common[..], name, &squeezed].concat();
    let directory = file.len();
    let entry = [b"PK\x01\x02", &short(20)[..], &common, &[0; 14], name].concat();
    file.extend_from_slice(&entry);
    let end = [&[0; 4][..], &short(1), &short(1), &long(entry.len()), &long(directory), &[0; 2]];
    file.extend_from_slice(b"PK\x05\x06");
    file.extend_from_slice(&end.concat());
    file
}

/// Most memory that a process has had, in megabytes.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|it| it.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[tokio::test]
async fn a_document_that_swells_is_refused_before_it_fills_the_memory() {
    let site = Site::open().await;
    let flow = attachments(&site, "").await;
    let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let before = peak(site.server.id());
    let bomb = bomb(3000);
    assert!(bomb.len() < 10 << 20, "{}", bomb.len());
    let path = format!("/attachments/{flow}/chat");
    let refused = send(form(&site, &path, &[("bomb.docx", kind, &bomb)], false)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
    assert!(refused.text.contains("too large"), "{}", refused.text);
    let grown = peak(site.server.id()) - before;
    assert!(grown < 600, "{grown} MB");
    assert_eq!(site.messages(&flow).await, Vec::<Value>::new());
    assert!(site.answers_ping().await);
}
