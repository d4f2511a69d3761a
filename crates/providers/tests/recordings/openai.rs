//! Chat completions of OpenAI, Azure, Groq, Mistral, Together and DeepSeek.

use std::sync::Arc;

use flowstone_core::{ChatRequest, Image, Message, Role, ToolCall, ToolSpec};
use flowstone_providers::{
    HttpClient,
    openai::{Chat, Dialect, Endpoint},
};
use flowstone_testkit::{Recording, recordings};
use serde_json::{Value, json};

use crate::{Case, Expected, Refusal, arguments, content, list_at, replay, text_at};

#[tokio::test]
async fn chats_come_back_as_they_were_recorded() {
    let wanted = |it: &Recording| {
        let is_blanked = it.uri.contains("REDACTED") && it.source.starts_with("langchain_openai");
        it.uri.contains("/chat/completions") || is_blanked && it.request()["messages"].is_array()
    };
    replay(recordings(wanted), 350, case, said).await;
}

fn case(recording: &Recording, http: Arc<HttpClient>, address: &str) -> Option<Case> {
    let asked = recording.request();
    let mut request = ChatRequest::new(turns(&asked)?);
    request.tools = tools(&asked)?;
    let format = &asked["response_format"];
    request.schema = format["json_schema"].get("schema").cloned();
    let is_plain = format.is_null() || request.schema.is_some();
    if !is_plain || asked.get("functions").is_some() || asked.get("audio").is_some() {
        return None;
    }
    let mut model = Chat::new(
        Endpoint::new(http, address, Some("sk-recorded".to_owned())),
        text_at(&asked, "model"),
    );
    model.dialect = Dialect::of(&recording.uri);
    model.takes_images = true;
    let expected = if recording.streams() { streamed(recording) } else { whole(recording) };
    Some(Case { model: Box::new(model), request, expected })
}

fn turns(asked: &Value) -> Option<Vec<Message>> {
    list_at(asked, "messages").iter().map(turn).collect()
}

fn turn(recorded: &Value) -> Option<Message> {
    let role = match recorded["role"].as_str()? {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" => Role::Tool,
        _ => return None,
    };
    let (text, others) = content(&recorded["content"]);
    let mut message = Message::new(role, text);
    for part in others {
        let picture = &part["image_url"];
        let url = picture.as_str().or_else(|| picture["url"].as_str())?.to_owned();
        message.images.push(Image { url, detail: picture["detail"].as_str().map(str::to_owned) });
    }
    for call in list_at(recorded, "tool_calls") {
        message.tool_calls.push(ToolCall {
            id: text_at(call, "id"),
            name: text_at(&call["function"], "name"),
            arguments: text_at(&call["function"], "arguments"),
        });
    }
    message.tool_call_id = recorded["tool_call_id"].as_str().map(str::to_owned);
    Some(message)
}

fn tools(asked: &Value) -> Option<Vec<ToolSpec>> {
    let each = list_at(asked, "tools").iter().map(|tool| {
        let function = tool.get("function")?;
        Some(ToolSpec {
            name: text_at(function, "name"),
            description: text_at(function, "description"),
            parameters: function["parameters"].clone(),
        })
    });
    each.collect()
}

fn whole(recording: &Recording) -> Expected {
    let answer = recording.answer();
    // Azure refuses with a good status.
    if let Some(status) = answer["error"]["status"].as_u64() {
        return Expected::refused(Refusal::Status(status.try_into().unwrap()));
    }
    let message = &answer["choices"][0]["message"];
    let is_filtered = answer["choices"][0]["finish_reason"] == "content_filter";
    if is_filtered && text_at(message, "content").is_empty() {
        return Expected::refused(Refusal::Filtered);
    }
    Expected {
        refusal: None,
        text: text_at(message, "content") + &text_at(message, "refusal"),
        reasoning: text_at(message, "reasoning_content"),
        calls: calls(list_at(message, "tool_calls")),
        usage: usage(&answer["usage"]),
    }
}

fn calls(recorded: &[Value]) -> Vec<(String, Value)> {
    let each = recorded.iter().map(|it| &it["function"]);
    each.map(|it| (text_at(it, "name"), arguments(&it["arguments"]))).collect()
}

fn usage(recorded: &Value) -> Option<(u64, u64)> {
    Some((recorded["prompt_tokens"].as_u64()?, recorded["completion_tokens"].as_u64()?))
}

fn streamed(recording: &Recording) -> Expected {
    let mut expected = Expected::default();
    let mut pieces: Vec<(String, String)> = Vec::new();
    for event in recording.events() {
        expected.usage =
            usage(&event["usage"]).or_else(|| usage(&event["x_groq"]["usage"])).or(expected.usage);
        let first = list_at(&event, "choices").iter().find(|it| it["index"] == 0);
        let Some(delta) = first.map(|it| &it["delta"]) else { continue };
        expected.text += &text_at(delta, "content");
        expected.text += &text_at(delta, "refusal");
        expected.reasoning += &text_at(delta, "reasoning_content");
        for call in list_at(delta, "tool_calls") {
            let index = call["index"].as_u64().unwrap_or(0).try_into().unwrap_or(0);
            if pieces.len() <= index {
                pieces.resize(index + 1, Default::default());
            }
            pieces[index].0 += &text_at(&call["function"], "name");
            pieces[index].1 += &text_at(&call["function"], "arguments");
        }
    }
    expected.calls = pieces.into_iter().map(|(name, it)| (name, arguments(&it.into()))).collect();
    expected
}

/// The conversation and the tools of a body, whatever form their parts have.
fn said(body: &Value) -> Value {
    let turns = list_at(body, "messages").iter().filter_map(turn).map(|it| {
        json!({
            "role": it.role, "text": it.text, "images": it.images, "answers": it.tool_call_id,
            "calls": it.tool_calls,
        })
    });
    json!({"model": body["model"], "turns": turns.collect::<Vec<_>>(), "tools": tools(body)})
}
