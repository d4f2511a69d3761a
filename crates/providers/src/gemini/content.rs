//! Turns of a conversation as lists of parts.

use std::collections::HashMap;

use flowstone_core::{Image, Message, Result, Role};
use serde_json::{Map, Value, json};

use crate::{http::HttpClient, image};

/// Key of [`Message::signed`] under which this wire keeps the parts of an answer.
pub(super) const SIGNED: &str = "gemini";

/// What Google's documentation gives in place of a signature, for calls that another model made:
/// models of the third generation refuse calls without one.
const UNSIGNED: &str = "skip_thought_signature_validator";

/// What a conversation becomes: the instructions apart.
pub(super) struct Conversation {
    pub(super) system: String,
    pub(super) contents: Vec<Value>,
}

/// A call that a result refers to: the wire ties them by name, and by id where it gave one.
struct Called<'a> {
    name: &'a str,
    id: Option<&'a str>,
}

/// Puts a conversation into the form of the wire. The results of parallel calls stand together, as
/// the wire asks. Where the model `wants_signatures`, calls without one are marked.
///
/// # Errors
/// Where a picture cannot be read.
pub(super) async fn conversation(
    messages: &[Message],
    wants_signatures: bool,
    http: &HttpClient,
) -> Result<Conversation> {
    let (mut system, mut contents) = (Vec::new(), Vec::new());
    let mut called = HashMap::new();
    for message in messages {
        match message.role {
            Role::System => system.push(message.text.as_str()),
            Role::User => {
                let parts = shown(&message.text, &message.images, http).await?;
                add(&mut contents, "user", parts);
            }
            Role::Assistant => {
                let signed = signed(message);
                let ids = signed.into_iter().flatten().filter_map(|it| it.get("functionCall"));
                let ids: Vec<_> = ids.map(|it| it["id"].as_str()).collect();
                for (at, call) in message.tool_calls.iter().enumerate() {
                    let id = ids.get(at).copied().flatten();
                    called.insert(call.id.as_str(), Called { name: &call.name, id });
                }
                let parts = signed.cloned().unwrap_or_else(|| said(message, wants_signatures));
                add(&mut contents, "model", parts);
            }
            Role::Tool => {
                let call = message.tool_call_id.as_deref().and_then(|it| called.get(it));
                let mut parts = vec![result(message, call)];
                parts.extend(shown("", &message.images, http).await?);
                add(&mut contents, "user", parts);
            }
        }
    }
    // A conversation needs a turn: instructions alone are then the question.
    if contents.is_empty() && !system.is_empty() {
        add(&mut contents, "user", text(&system.join("\n\n")).into_iter().collect());
        system.clear();
    }
    Ok(Conversation { system: system.join("\n\n"), contents })
}

/// Adds a turn; one without parts says nothing and is left out. Turns of one speaker become one,
/// but results stay apart from words, because their number must be that of the calls.
fn add(contents: &mut Vec<Value>, role: &str, parts: Vec<Value>) {
    if parts.is_empty() {
        return;
    }
    let has_result = |parts: &[Value]| parts.iter().any(|it| it.get("functionResponse").is_some());
    if let Some(last) = contents.last_mut()
        && last["role"] == role
        && let Some(before) = last["parts"].as_array_mut()
        && has_result(before) == has_result(&parts)
    {
        before.extend(parts);
        return;
    }
    contents.push(json!({"role": role, "parts": parts}));
}

fn text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| json!({"text": text}))
}

/// The wire reads no addresses of the web, so pictures are sent with their content.
async fn shown(words: &str, images: &[Image], http: &HttpClient) -> Result<Vec<Value>> {
    let mut parts: Vec<_> = text(words).into_iter().collect();
    for image in images {
        let inline = image::inline(image, http).await?;
        let data = json!({"mimeType": inline.media_type, "data": inline.data});
        parts.push(json!({"inlineData": data}));
    }
    Ok(parts)
}

fn result(message: &Message, call: Option<&Called<'_>>) -> Value {
    // A result whose call is not part of the conversation has no name but its id.
    let unknown = message.tool_call_id.as_deref().unwrap_or("tool");
    let mut response = json!({
        "name": call.map_or(unknown, |it| it.name),
        "response": {"output": message.text},
    });
    if let Some(id) = call.and_then(|it| it.id) {
        response["id"] = id.into();
    }
    json!({"functionResponse": response})
}

/// The parts of an answer as they came, where they still say what the turn says.
fn signed(message: &Message) -> Option<&Vec<Value>> {
    let parts = message.signed.as_ref()?[SIGNED].as_array()?;
    let texts = parts.iter().filter_map(|it| it["text"].as_str());
    let calls = parts.iter().filter_map(|it| it["functionCall"]["name"].as_str());
    let same = texts.collect::<String>() == message.text
        && calls.eq(message.tool_calls.iter().map(|it| it.name.as_str()));
    same.then_some(parts)
}

fn said(message: &Message, wants_signatures: bool) -> Vec<Value> {
    let calls = message.tool_calls.iter().enumerate().map(|(at, call)| {
        let mut part = json!({
            "functionCall": {"name": call.name, "args": arguments(&call.arguments)},
        });
        if wants_signatures && at == 0 {
            part["thoughtSignature"] = UNSIGNED.into();
        }
        part
    });
    text(&message.text).into_iter().chain(calls).collect()
}

/// Arguments as the object that the wire takes, whatever the model wrote.
fn arguments(text: &str) -> Map<String, Value> {
    if text.trim().is_empty() {
        return Map::new();
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::from_iter([("malformed".to_owned(), text.into())]),
    }
}
