//! Ollama's chat, whole and as lines.

use std::sync::Arc;

use flowstone_core::{ChatRequest, Image, Message, Role, ToolSpec};
use flowstone_providers::{
    HttpClient,
    ollama::{Chat, Server},
};
use flowstone_testkit::{Recording, recordings};
use serde_json::{Value, json};

use crate::{Case, Expected, arguments, list_at, replay, text_at};

#[tokio::test]
async fn chats_come_back_as_they_were_recorded() {
    replay(recordings(|it| it.uri.ends_with("/api/chat")), 12, case, said).await;
}

fn case(recording: &Recording, http: Arc<HttpClient>, address: &str) -> Option<Case> {
    let asked = recording.request();
    let mut request = ChatRequest::new(turns(&asked)?);
    request.tools = tools(&asked);
    request.schema = asked.get("format").filter(|it| it.is_object()).cloned();
    let mut model = Chat::new(Server::new(http, address), text_at(&asked, "model"));
    model.takes_images = true;
    Some(Case { model: Box::new(model), request, expected: expected(recording) })
}

fn turns(asked: &Value) -> Option<Vec<Message>> {
    let each = list_at(asked, "messages").iter().map(|recorded| {
        let role = match recorded["role"].as_str()? {
            "system" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            _ => return None,
        };
        let mut message = Message::new(role, text_at(recorded, "content"));
        for picture in list_at(recorded, "images") {
            let url = format!("data:image/png;base64,{}", picture.as_str()?);
            message.images.push(Image { url, detail: None });
        }
        Some(message)
    });
    each.collect()
}

fn tools(asked: &Value) -> Vec<ToolSpec> {
    let each = list_at(asked, "tools").iter().map(|it| &it["function"]);
    let each = each.map(|tool| ToolSpec {
        name: text_at(tool, "name"),
        description: text_at(tool, "description"),
        parameters: tool["parameters"].clone(),
    });
    each.collect()
}

/// Lines say what one answer says, piece by piece.
fn expected(recording: &Recording) -> Expected {
    let text = String::from_utf8_lossy(&recording.bytes()).into_owned();
    let mut expected = Expected::default();
    for line in text.lines().filter_map(|it| serde_json::from_str::<Value>(it).ok()) {
        let message = &line["message"];
        expected.text += &text_at(message, "content");
        expected.reasoning += &text_at(message, "thinking");
        for call in list_at(message, "tool_calls").iter().map(|it| &it["function"]) {
            expected.calls.push((text_at(call, "name"), arguments(&call["arguments"])));
        }
        if line["done"] == true {
            // What was read before is not counted again.
            let read = line["prompt_eval_count"].as_u64().unwrap_or(0);
            expected.usage = line["eval_count"].as_u64().map(|written| (read, written));
        }
    }
    expected
}

fn said(body: &Value) -> Value {
    json!({"model": body["model"], "turns": turns(body), "tools": tools(body)})
}
