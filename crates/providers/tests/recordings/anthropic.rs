//! Anthropic's messages.

use std::sync::Arc;

use flowstone_core::{ChatRequest, Message, Role, ToolCall, ToolSpec};
use flowstone_providers::{
    HttpClient,
    anthropic::{Chat, Server},
};
use flowstone_testkit::{Recording, recordings};
use serde_json::{Value, json};

use crate::{Case, Expected, content, list_at, replay, text_at};

#[tokio::test]
async fn messages_come_back_as_they_were_recorded() {
    replay(recordings(|it| it.uri.contains("/v1/messages")), 80, case, said).await;
}

fn case(recording: &Recording, http: Arc<HttpClient>, address: &str) -> Option<Case> {
    let asked = recording.request();
    let mut request = ChatRequest::new(turns(&asked)?);
    request.tools = tools(&asked)?;
    if asked.get("output_config").is_some() || asked.get("output_format").is_some() {
        return None;
    }
    let server = Server::new(http, address, "sk-recorded");
    let mut model = Chat::new(server, text_at(&asked, "model"));
    model.max_tokens = asked["max_tokens"].as_u64();
    let expected = if recording.streams() { streamed(recording) } else { whole(recording) };
    Some(Case { model: Box::new(model), request, expected })
}

fn turns(asked: &Value) -> Option<Vec<Message>> {
    let (instructions, _) = content(&asked["system"]);
    let mut turns = Vec::new();
    if !instructions.is_empty() {
        turns.push(Message::system(instructions));
    }
    for recorded in list_at(asked, "messages") {
        let role = if recorded["role"] == "assistant" { Role::Assistant } else { Role::User };
        let (text, others) = content(&recorded["content"]);
        let mut message = Message::new(role, text);
        for part in others {
            match part["type"].as_str()? {
                "tool_use" => message.tool_calls.push(ToolCall {
                    id: text_at(part, "id"),
                    name: text_at(part, "name"),
                    arguments: part["input"].to_string(),
                }),
                "tool_result" => {
                    let (text, others) = content(&part["content"]);
                    if !others.is_empty() {
                        return None;
                    }
                    turns.push(Message::tool(text_at(part, "tool_use_id"), text));
                }
                _ => return None,
            }
        }
        if !message.text.is_empty() || !message.tool_calls.is_empty() {
            turns.push(message);
        }
    }
    Some(turns)
}

fn tools(asked: &Value) -> Option<Vec<ToolSpec>> {
    let each = list_at(asked, "tools").iter().map(|tool| {
        tool.get("input_schema").map(|schema| ToolSpec {
            name: text_at(tool, "name"),
            description: text_at(tool, "description"),
            parameters: schema.clone(),
        })
    });
    each.collect()
}

fn whole(recording: &Recording) -> Expected {
    let answer = recording.answer();
    let mut expected = Expected::default();
    for part in list_at(&answer, "content") {
        match part["type"].as_str() {
            Some("text") => expected.text += &text_at(part, "text"),
            Some("thinking") => expected.reasoning += &text_at(part, "thinking"),
            Some("tool_use") => {
                expected.calls.push((text_at(part, "name"), part["input"].clone()));
            }
            _ => {}
        }
    }
    expected.usage = usage(&answer["usage"], &Value::Null);
    expected
}

/// Tokens read, those of the cache among them, and tokens written.
fn usage(first: &Value, last: &Value) -> Option<(u64, u64)> {
    let number = |key: &str| last[key].as_u64().or_else(|| first[key].as_u64());
    let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"];
    let cached: u64 = cached.iter().filter_map(|it| number(it)).sum();
    Some((number("input_tokens")? + cached, number("output_tokens")?))
}

fn streamed(recording: &Recording) -> Expected {
    let mut expected = Expected::default();
    let (mut first, mut last) = (Value::Null, Value::Null);
    let mut input: Option<(String, String)> = None;
    for event in recording.events() {
        match event["type"].as_str() {
            Some("message_start") => first = event["message"]["usage"].clone(),
            Some("message_delta") => last = event["usage"].clone(),
            Some("content_block_start") if event["content_block"]["type"] == "tool_use" => {
                input = Some((text_at(&event["content_block"], "name"), String::new()));
            }
            Some("content_block_delta") => {
                let delta = &event["delta"];
                expected.text += &text_at(delta, "text");
                expected.reasoning += &text_at(delta, "thinking");
                if let Some((_, arguments)) = &mut input {
                    *arguments += &text_at(delta, "partial_json");
                }
            }
            Some("content_block_stop") => {
                if let Some((name, text)) = input.take() {
                    expected.calls.push((name, crate::arguments(&text.into())));
                }
            }
            _ => {}
        }
    }
    expected.usage = usage(&first, &last);
    expected
}

fn said(body: &Value) -> Value {
    let turns = turns(body).unwrap_or_default().into_iter().map(|it| {
        let calls = it.tool_calls.iter().map(|call| {
            json!([call.id, call.name, crate::arguments(&call.arguments.clone().into())])
        });
        let calls: Vec<_> = calls.collect();
        json!({"role": it.role, "text": it.text, "answers": it.tool_call_id, "calls": calls})
    });
    json!({
        "model": body["model"], "turns": turns.collect::<Vec<_>>(), "tools": tools(body),
        "max_tokens": body["max_tokens"],
    })
}
