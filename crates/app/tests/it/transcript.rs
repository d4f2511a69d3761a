//! A conversation with one flow, written down as it goes: what was asked, the bytes that came back,
//! and what the model was sent for it.

use std::fmt::Write;

use regex::Regex;
use serde_json::{Value, json};

use crate::site::{Answer, Site};

/// Text of a golden file in the making.
pub(crate) struct Transcript<'a> {
    site: &'a Site,
    flow: String,
    text: String,
    /// Requests to the model that are written down already.
    seen: usize,
}

impl<'a> Transcript<'a> {
    /// A conversation with the flow `id`.
    pub(crate) fn of(site: &'a Site, id: &str) -> Self {
        let seen = site.provider.requests().len();
        Self { site, flow: id.to_owned(), text: String::new(), seen }
    }

    /// Asks and writes down.
    pub(crate) async fn ask(&mut self, body: Value) -> Answer {
        let answer = self.site.ask(&self.flow, &body).await;
        self.note(&body, &answer);
        answer
    }

    /// Asks twice, whole and in pieces.
    pub(crate) async fn ask_both_ways(&mut self, mut body: Value) {
        self.ask(body.clone()).await;
        body["streaming"] = true.into();
        self.ask(body).await;
    }

    fn note(&mut self, body: &Value, answer: &Answer) {
        let Answer { status, text, .. } = answer;
        let kind = answer.header("content-type");
        let _ = writeln!(self.text, "POST {body}\n{} {kind}\n{}", status.as_u16(), text.trim_end());
        let requests = self.site.provider.requests();
        for request in &requests[self.seen..] {
            let _ =
                writeln!(self.text, "the model was sent {} {}", request.path, shown(&request.body));
        }
        self.seen = requests.len();
        self.text.push('\n');
    }

    /// The text, with what differs from run to run masked.
    pub(crate) fn finish(self) -> String {
        let text = self.text.replace(self.site.provider.address(), "[provider]");
        masked(&text)
    }
}

/// Masks ids and dates.
pub(crate) fn masked(text: &str) -> String {
    let id = Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
    let date = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z").unwrap();
    date.replace_all(&id.replace_all(text, "[id]"), "[date]").into_owned()
}

/// What tells one request to the model from another.
fn shown(body: &Value) -> Value {
    let names = ["stream", "messages", "input"];
    let mut shown = json!({});
    for name in names {
        if let Some(value) = body.get(name) {
            shown[name] = value.clone();
        }
    }
    let tools = body["tools"].as_array().into_iter().flatten();
    let tools: Vec<&Value> = tools.map(|it| &it["function"]["name"]).collect();
    if !tools.is_empty() {
        shown["tools"] = json!(tools);
    }
    shown
}
