//! OpenAI's responses.

use std::sync::Arc;

use flowstone_core::{ChatRequest, Message, Role, ToolCall, ToolSpec};
use flowstone_providers::{
    HttpClient,
    openai::{Chat, Endpoint, Responses},
};
use flowstone_testkit::{Recording, recordings};
use serde_json::{Map, Value, json};

use crate::{Case, Expected, arguments, content, list_at, replay, text_at};

#[tokio::test]
async fn responses_come_back_as_they_were_recorded() {
    let wanted = |it: &Recording| {
        let is_there = it.uri.contains("/responses") || it.uri.contains("REDACTED");
        is_there && it.request().get("input").is_some()
    };
    replay(recordings(wanted), 100, case, said).await;
}

fn case(recording: &Recording, http: Arc<HttpClient>, address: &str) -> Option<Case> {
    let asked = recording.request();
    let mut request = ChatRequest::new(turns(&asked)?);
    request.tools = tools(&asked)?;
    let format = &asked["text"]["format"];
    request.schema = format.get("schema").cloned();
    let goes_on = asked["previous_response_id"].is_string();
    if goes_on || (format.is_object() && request.schema.is_none() && format["type"] != "text") {
        return None;
    }
    let chat = Chat::new(
        Endpoint::new(http, address, Some("sk-recorded".to_owned())),
        text_at(&asked, "model"),
    );
    let answer = if recording.streams() {
        let last = recording.events().into_iter().rev().find(|it| it["response"].is_object());
        last?["response"].clone()
    } else {
        recording.answer()
    };
    let is_over = matches!(answer["status"].as_str(), Some("completed" | "incomplete"));
    if recording.status < 400 && !is_over {
        return None;
    }
    let model = Responses::new(chat, Map::new());
    Some(Case { model: Box::new(model), request, expected: expected(&answer) })
}

fn turns(asked: &Value) -> Option<Vec<Message>> {
    let instructions = asked["instructions"].as_str().map(Message::system);
    if let Some(text) = asked["input"].as_str() {
        return Some(instructions.into_iter().chain([Message::user(text)]).collect());
    }
    let mut turns: Vec<Message> = instructions.into_iter().collect();
    for item in list_at(asked, "input") {
        match item["type"].as_str().unwrap_or("message") {
            "message" => {
                let (text, others) = content(&item["content"]);
                if !others.is_empty() {
                    return None;
                }
                let role = match item["role"].as_str()? {
                    "system" | "developer" => Role::System,
                    "user" => Role::User,
                    _ => Role::Assistant,
                };
                turns.push(Message::new(role, text));
            }
            "function_call" => {
                let call = ToolCall {
                    id: text_at(item, "call_id"),
                    name: text_at(item, "name"),
                    arguments: text_at(item, "arguments"),
                };
                if turns.last().is_none_or(|it| it.role != Role::Assistant) {
                    turns.push(Message::assistant(""));
                }
                turns.last_mut()?.tool_calls.push(call);
            }
            "function_call_output" => {
                let text = item["output"].as_str()?;
                turns.push(Message::tool(text_at(item, "call_id"), text));
            }
            _ => return None,
        }
    }
    Some(turns)
}

fn tools(asked: &Value) -> Option<Vec<ToolSpec>> {
    let each = list_at(asked, "tools").iter().map(|tool| {
        (tool["type"] == "function").then(|| ToolSpec {
            name: text_at(tool, "name"),
            description: text_at(tool, "description"),
            parameters: tool["parameters"].clone(),
        })
    });
    each.collect()
}

fn expected(answer: &Value) -> Expected {
    let mut expected = Expected::default();
    for item in list_at(answer, "output") {
        match item["type"].as_str() {
            Some("message") => {
                for part in list_at(item, "content") {
                    expected.text += &text_at(part, "text");
                    expected.text += &text_at(part, "refusal");
                }
            }
            Some("reasoning") => {
                let parts = list_at(item, "summary").iter().map(|it| text_at(it, "text"));
                let parts: Vec<_> = parts.collect();
                expected.reasoning += &parts.join("\n\n");
            }
            Some("function_call") => {
                expected.calls.push((text_at(item, "name"), arguments(&item["arguments"])));
            }
            _ => {}
        }
    }
    let usage = &answer["usage"];
    expected.usage = usage["input_tokens"].as_u64().zip(usage["output_tokens"].as_u64());
    expected
}

fn said(body: &Value) -> Value {
    let turns = turns(body).unwrap_or_default().into_iter().map(|it| {
        json!({"role": it.role, "text": it.text, "answers": it.tool_call_id, "calls": it.tool_calls})
    });
    json!({"model": body["model"], "turns": turns.collect::<Vec<_>>(), "tools": tools(body)})
}
