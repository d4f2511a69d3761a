//! Gemini's generated content.

use std::sync::Arc;

use flowstone_core::{ChatRequest, Message, Role};
use flowstone_providers::{
    HttpClient,
    gemini::{Chat, Server},
};
use flowstone_testkit::{Recording, recordings};
use serde_json::{Value, json};

use crate::{Case, Expected, list_at, replay, text_at};

#[tokio::test]
async fn generated_content_comes_back_as_it_was_recorded() {
    replay(recordings(|it| it.uri.contains(":generateContent")), 1, case, said).await;
}

fn case(recording: &Recording, http: Arc<HttpClient>, address: &str) -> Option<Case> {
    let asked = recording.request();
    let model = Chat::new(Server::new(http, address, "recorded"), "gemini-2.5-flash");
    let answer = recording.answer();
    let mut expected = Expected::default();
    for part in list_at(&answer["candidates"][0]["content"], "parts") {
        if part["thought"] == true {
            expected.reasoning += &text_at(part, "text");
        } else {
            expected.text += &text_at(part, "text");
        }
    }
    let usage = &answer["usageMetadata"];
    let thoughts = usage["thoughtsTokenCount"].as_u64().unwrap_or(0);
    let written = usage["candidatesTokenCount"].as_u64().map(|it| it + thoughts);
    expected.usage = usage["promptTokenCount"].as_u64().zip(written);
    Some(Case { model: Box::new(model), request: ChatRequest::new(turns(&asked)?), expected })
}

fn turns(asked: &Value) -> Option<Vec<Message>> {
    let mut turns = Vec::new();
    let instructions = list_at(&asked["systemInstruction"], "parts");
    turns.extend(instructions.iter().map(|it| Message::system(text_at(it, "text"))));
    for recorded in list_at(asked, "contents") {
        let role = if recorded["role"] == "model" { Role::Assistant } else { Role::User };
        let texts = list_at(recorded, "parts").iter().map(|it| it["text"].as_str());
        turns.push(Message::new(role, texts.collect::<Option<String>>()?));
    }
    Some(turns)
}

fn said(body: &Value) -> Value {
    json!(turns(body))
}
