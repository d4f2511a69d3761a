//! Writes exchanges down for snapshots, with everything left out that differs from run to run.

use std::fmt::Write as _;

use axum::http::Method;
use serde_json::Value;
use uuid::Uuid;

use crate::server::{Answer, By, TestServer};

/// A conversation with a server, as text.
#[derive(Default)]
pub(crate) struct Transcript(String);

impl Transcript {
    /// Makes a call, writes it down, and gives back its answer.
    pub(crate) async fn call(
        &mut self,
        server: &TestServer,
        method: Method,
        path: &str,
        body: Option<Value>,
        by: &By,
    ) -> Answer {
        let answer = server.call(method.clone(), path, body.as_ref(), by).await;
        let who = match by {
            By::Nobody => "nobody",
            By::Key(_) => "key",
            By::Session(_) => "session",
        };
        let _ = writeln!(self.0, "{method} {} by {who}", redact_text(path));
        if let Some(body) = body {
            let _ = writeln!(self.0, "{}", redact(body));
        }
        let kind = answer.header("content-type").split(';').next().unwrap_or_default();
        let _ = writeln!(self.0, "=> {} {kind}", answer.status.as_u16());
        match answer.json() {
            Value::Null if answer.bytes.is_empty() => {}
            Value::Null => {
                let _ = writeln!(self.0, "{}", answer.text());
            }
            json => {
                let _ = writeln!(self.0, "{:#}", redact(json));
            }
        }
        self.0.push('\n');
        answer
    }

    /// The whole of it.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// Ids, times and keys by their names.
pub(crate) fn redact(value: Value) -> Value {
    match value {
        Value::String(text) => redact_text(&text).into(),
        Value::Array(list) => list.into_iter().map(redact).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, redact(value))).collect(),
        other => other,
    }
}

fn redact_text(text: &str) -> String {
    if text == crate::server::NIL {
        return "<nil>".to_owned();
    }
    if Uuid::try_parse(text).is_ok() {
        return "<id>".to_owned();
    }
    if text.len() == 24 && text.parse::<chrono::DateTime<chrono::Utc>>().is_ok() {
        return "<time>".to_owned();
    }
    if text.len() == 43 && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
    {
        return "<key>".to_owned();
    }
    if text.len() == 64 && text.bytes().all(|it| it.is_ascii_hexdigit()) {
        return "<hex>".to_owned();
    }
    if text.chars().count() == 9 && text.chars().nth(4) == Some('…') {
        return "<hint>".to_owned();
    }
    if let Some((path, query)) = text.split_once('?') {
        return format!("{}?{query}", redact_text(path));
    }
    if text.contains('/') && !text.contains("://") {
        return text.split('/').map(redact_text).collect::<Vec<_>>().join("/");
    }
    // Ids inside sentences.
    let words = text.split(' ').map(|word| {
        if Uuid::try_parse(word).is_ok() && word != crate::server::NIL { "<id>" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}
