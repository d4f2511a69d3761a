//! Real answers of vendors, recorded by other projects, against our clients: what is asked in the
//! same words must leave in the same words, and what was answered must come back whole.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod anthropic;
mod bedrock;
mod gemini;
mod ollama;
mod openai;
mod responses;
mod vectors;

use std::{sync::Arc, time::Duration};

use flowstone_core::{ChatModel, ChatReply, ChatRequest, Error, Events};
use flowstone_providers::{HttpClient, HttpSettings};
use flowstone_testkit::{FakeSite, Recording, transcript};
use serde_json::{Value, json};

/// A recorded question in our terms, and what must come of it.
struct Case {
    model: Box<dyn ChatModel>,
    request: ChatRequest,
    /// What was said, of a good status.
    expected: Expected,
}

/// What an answer says, read from its recording by other means than the client's.
#[derive(Debug, Default, PartialEq)]
struct Expected {
    text: String,
    reasoning: String,
    /// Name and arguments of each call.
    calls: Vec<(String, Value)>,
    /// Tokens read and written, where the vendor tells.
    usage: Option<(u64, u64)>,
    refusal: Option<Refusal>,
}

/// What is no answer.
#[derive(Debug, PartialEq)]
enum Refusal {
    /// An error with this status.
    Status(u16),
    /// The vendor's filter took every word away.
    Filtered,
}

impl Expected {
    fn of(reply: &ChatReply) -> Self {
        let calls = reply.tool_calls.iter();
        let calls = calls.map(|it| (it.name.clone(), arguments(&it.arguments.clone().into())));
        Self {
            text: reply.text.clone(),
            reasoning: reply.reasoning.clone(),
            calls: calls.collect(),
            usage: reply.usage.map(|it| (it.input_tokens, it.output_tokens)),
            refusal: None,
        }
    }

    fn refused(refusal: Refusal) -> Self {
        Self { refusal: Some(refusal), ..Self::default() }
    }
}

impl Refusal {
    fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Provider { status, .. } => Some(Self::Status(*status)),
            Error::ModelAnswer(words) if words.contains("filter") => Some(Self::Filtered),
            _ => None,
        }
    }
}

/// Arguments as an object, in whichever of the two forms they were told.
fn arguments(told: &Value) -> Value {
    match told.as_str() {
        Some("") => json!({}),
        Some(text) => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        None => told.clone(),
    }
}

/// A client that may call a server on this machine.
fn client(address: &str) -> Arc<HttpClient> {
    let settings = HttpSettings {
        allow: vec![address.to_owned()],
        first_pause: Duration::ZERO,
        ..HttpSettings::default()
    };
    Arc::new(HttpClient::new(settings).unwrap())
}

/// Replays each recording that `case` can tell in our terms, and compares what comes back with what
/// was recorded, and what is sent with what was sent, as `said` reads both. At least `least` must
/// have been replayed.
async fn replay(
    recordings: Vec<Recording>,
    least: usize,
    case: impl Fn(&Recording, Arc<HttpClient>, &str) -> Option<Case>,
    said: impl Fn(&Value) -> Value,
) {
    let (mut replayed, mut wrong) = (0, Vec::new());
    let site = FakeSite::start([]).await;
    let http = client(site.address());
    for recording in &recordings {
        let Some(mut case) = case(recording, http.clone(), &site.url("")) else { continue };
        if recording.status >= 400 {
            case.expected = Expected::refused(Refusal::Status(recording.status));
        }
        site.otherwise(recording.page());
        replayed += 1;
        let name = &recording.source;
        let (reply, told) = ask(&*case.model, &case.request, recording.streams()).await;
        match reply {
            Err(error) if case.expected.refusal == Refusal::of(&error) => {}
            Err(error) => wrong.push(format!("{name}: {error}")),
            Ok(reply) => {
                let found = Expected::of(&reply);
                if found != case.expected {
                    wrong.push(format!("{name}: {found:?}\n  expected {:?}", case.expected));
                }
                if recording.streams() && told != found.text {
                    wrong.push(format!("{name}: told {told:?} of {:?}", found.text));
                }
            }
        }
        let sent = site.calls().pop().map(|it| serde_json::from_str(&it.body).unwrap_or_default());
        let (sent, recorded) = (said(&sent.unwrap_or_default()), said(&recording.request()));
        if sent != recorded {
            wrong.push(format!("{name}: sent {sent}\n  recorded {recorded}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {replayed} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(replayed >= least, "only {replayed} were replayed");
}

/// Asks; gives the answer and the text that was told on the way.
async fn ask(
    model: &dyn ChatModel,
    request: &ChatRequest,
    streamed: bool,
) -> (flowstone_core::Result<ChatReply>, String) {
    if !streamed {
        return (model.chat(request, &Events::silent()).await, String::new());
    }
    let (events, receiver) = Events::channel();
    let asked = async {
        let reply = model.chat(request, &events).await;
        drop(events);
        reply
    };
    let (reply, told) = futures::join!(asked, transcript::collect(receiver));
    (reply, transcript::text(&told))
}

/// The text of content that is a text or a list of parts, and the parts that are no text.
fn content(content: &Value) -> (String, Vec<&Value>) {
    if let Some(text) = content.as_str() {
        return (text.to_owned(), Vec::new());
    }
    let mut text = String::new();
    let mut others = Vec::new();
    for part in content.as_array().into_iter().flatten() {
        match (&part["text"], part["type"].as_str()) {
            (Value::String(piece), None | Some("text" | "input_text" | "output_text")) => {
                text.push_str(piece);
            }
            _ => others.push(part),
        }
    }
    (text, others)
}

/// The string at `key`, empty where there is none.
fn text_at(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// The list at `key`, empty where there is none.
fn list_at<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}
