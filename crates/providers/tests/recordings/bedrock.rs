//! Amazon Bedrock's Converse, whole and as its binary event stream.

use std::sync::Arc;

use flowstone_core::{ChatRequest, Message, Role, ToolSpec};
use flowstone_providers::{
    HttpClient,
    aws::{
        Keys, Service,
        bedrock::{Chat, RUNTIME},
    },
};
use flowstone_testkit::{Recording, recordings};
use serde_json::{Map, Value, json};

use crate::{Case, Expected, list_at, replay, text_at};

#[tokio::test]
async fn conversations_come_back_as_they_were_recorded() {
    replay(recordings(|it| it.uri.contains("/converse")), 12, case, said).await;
}

fn case(recording: &Recording, http: Arc<HttpClient>, address: &str) -> Option<Case> {
    let asked = recording.request();
    let mut request = ChatRequest::new(turns(&asked)?);
    request.tools = tools(&asked);
    let keys = Keys { id: "id".to_owned(), secret: "secret".to_owned(), session: None };
    let model = Chat {
        service: Service::with_keys(http, keys, "us-east-1", RUNTIME).at(address),
        model: "recorded".to_owned(),
        inference: asked["inferenceConfig"].as_object().cloned().unwrap_or_default(),
        fast: false,
        takes_images: false,
        stream: true,
    };
    let expected = if recording.streams() { streamed(recording) } else { whole(recording) };
    Some(Case { model: Box::new(model), request, expected })
}

fn turns(asked: &Value) -> Option<Vec<Message>> {
    let mut turns: Vec<_> =
        list_at(asked, "system").iter().map(|it| Message::system(text_at(it, "text"))).collect();
    for recorded in list_at(asked, "messages") {
        let role = if recorded["role"] == "assistant" { Role::Assistant } else { Role::User };
        let parts = list_at(recorded, "content").iter();
        let texts = parts.map(|it| it["text"].as_str().map(str::to_owned));
        let text = texts.collect::<Option<String>>()?;
        // The service wants speakers by turns: two turns of one are sent as one.
        match turns.last_mut().filter(|it: &&mut Message| it.role == role) {
            Some(last) => last.text += &text,
            None => turns.push(Message::new(role, text)),
        }
    }
    Some(turns)
}

fn tools(asked: &Value) -> Vec<ToolSpec> {
    let each = list_at(&asked["toolConfig"], "tools").iter().map(|it| &it["toolSpec"]);
    let each = each.map(|tool| ToolSpec {
        name: text_at(tool, "name"),
        description: text_at(tool, "description"),
        parameters: tool["inputSchema"]["json"].clone(),
    });
    each.collect()
}

fn whole(recording: &Recording) -> Expected {
    let answer = recording.answer();
    let mut expected = Expected { usage: usage(&answer), ..Expected::default() };
    for part in list_at(&answer["output"]["message"], "content") {
        expected.text += &text_at(part, "text");
        if let Some(call) = part.get("toolUse") {
            expected.calls.push((text_at(call, "name"), call["input"].clone()));
        }
    }
    expected
}

fn usage(told: &Value) -> Option<(u64, u64)> {
    let usage = &told["usage"];
    usage["inputTokens"].as_u64().zip(usage["outputTokens"].as_u64())
}

/// The bodies of the frames: each begins with its length, the length of its headers and a checksum,
/// and ends with another.
fn frames(mut bytes: &[u8]) -> Vec<Value> {
    let number = |bytes: &[u8], at: usize| {
        usize::try_from(u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())).unwrap()
    };
    let mut frames = Vec::new();
    while bytes.len() >= 16 {
        let (length, headers) = (number(bytes, 0), number(bytes, 4));
        frames.push(serde_json::from_slice(&bytes[12 + headers..length - 4]).unwrap_or_default());
        bytes = &bytes[length..];
    }
    frames
}

fn streamed(recording: &Recording) -> Expected {
    let mut expected = Expected::default();
    let mut input: Option<(String, String)> = None;
    for frame in frames(&recording.bytes()) {
        if let Some(call) = frame["start"].get("toolUse") {
            input = Some((text_at(call, "name"), String::new()));
        }
        let delta = &frame["delta"];
        expected.text += &text_at(delta, "text");
        if let Some((_, arguments)) = &mut input {
            *arguments += &text_at(&delta["toolUse"], "input");
        }
        expected.usage = usage(&frame).or(expected.usage);
    }
    expected.calls =
        input.map(|(name, it)| (name, crate::arguments(&it.into()))).into_iter().collect();
    expected
}

fn said(body: &Value) -> Value {
    let turns = turns(body).unwrap_or_default();
    let inference = body["inferenceConfig"].as_object().cloned().unwrap_or_else(Map::new);
    json!({"turns": turns, "tools": tools(body), "inference": inference})
}
