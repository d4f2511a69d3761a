//! Turns of a conversation as lists of blocks.

use flowstone_core::{Image, Message, Result, Role};
use serde_json::{Value, json};

use crate::{http::HttpClient, image};

/// Key of [`Message::signed`] under which this wire keeps the blocks of an answer.
pub(super) const SIGNED: &str = "anthropic";

/// Field under which arguments that are no JSON object travel: the wire takes only objects.
const MALFORMED: &str = "INVALID_JSON";

/// What a conversation becomes: the instructions apart, and turns of two speakers in turn.
pub(super) struct Conversation {
    pub(super) system: String,
    pub(super) turns: Vec<Value>,
}

/// Puts a conversation into the form of the wire. Turns of the same speaker that follow each other
/// become one, so that the results of parallel calls stand together as the wire asks.
///
/// # Errors
/// Where a picture cannot be read.
pub(super) async fn conversation(messages: &[Message], http: &HttpClient) -> Result<Conversation> {
    let (mut system, mut turns) = (Vec::new(), Vec::new());
    for message in messages {
        if message.role == Role::System {
            system.push(message.text.as_str());
            continue;
        }
        let (role, blocks) = match message.role {
            Role::Assistant => ("assistant", said(message)),
            Role::Tool => ("user", vec![result(message, http).await?]),
            Role::System | Role::User => {
                ("user", shown(&message.text, &message.images, http).await?)
            }
        };
        add(&mut turns, role, blocks);
    }
    // A conversation needs a turn: instructions alone are then the question.
    if turns.is_empty() && !system.is_empty() {
        add(&mut turns, "user", text(&system.join("\n\n")).into_iter().collect());
        system.clear();
    }
    Ok(Conversation { system: system.join("\n\n"), turns })
}

/// A turn without blocks says nothing and is refused, so it is left out.
fn add(turns: &mut Vec<Value>, role: &str, blocks: Vec<Value>) {
    if blocks.is_empty() {
        return;
    }
    if let Some(last) = turns.last_mut()
        && last["role"] == role
        && let Some(content) = last["content"].as_array_mut()
    {
        content.extend(blocks);
        return;
    }
    turns.push(json!({"role": role, "content": blocks}));
}

/// Blocks of text must hold more than white space.
fn text(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({"type": "text", "text": text}))
}

async fn shown(words: &str, images: &[Image], http: &HttpClient) -> Result<Vec<Value>> {
    let mut blocks = Vec::new();
    for image in images {
        let source = if image.url.starts_with("https://") {
            json!({"type": "url", "url": image.url})
        } else {
            let inline = image::inline(image, http).await?;
            json!({"type": "base64", "media_type": inline.media_type, "data": inline.data})
        };
        blocks.push(json!({"type": "image", "source": source}));
    }
    blocks.extend(text(words));
    Ok(blocks)
}

async fn result(message: &Message, http: &HttpClient) -> Result<Value> {
    let id = id(message.tool_call_id.as_deref().unwrap_or_default());
    let mut block = json!({"type": "tool_result", "tool_use_id": id});
    let content = shown(&message.text, &message.images, http).await?;
    if !content.is_empty() {
        block["content"] = content.into();
    }
    Ok(block)
}

/// The blocks of an answer: those that came, where they still say what the turn says, with their
/// signatures; else new ones.
fn said(message: &Message) -> Vec<Value> {
    let signed = message.signed.as_ref().and_then(|it| it[SIGNED].as_array());
    if let Some(blocks) = signed.filter(|blocks| says(blocks, message)) {
        let heard = blocks.iter().filter(|it| {
            it["type"] != "text" || it["text"].as_str().is_some_and(|it| !it.trim().is_empty())
        });
        return heard.cloned().collect();
    }
    let calls = message.tool_calls.iter().map(|call| {
        json!({
            "type": "tool_use",
            "id": id(&call.id),
            "name": call.name,
            "input": input(&call.arguments),
        })
    });
    text(&message.text).into_iter().chain(calls).collect()
}

fn says(blocks: &[Value], message: &Message) -> bool {
    let texts = blocks.iter().filter(|it| it["type"] == "text");
    let calls = blocks.iter().filter(|it| it["type"] == "tool_use");
    texts.filter_map(|it| it["text"].as_str()).collect::<String>() == message.text
        && calls.map(|it| it["id"].as_str()).eq(message.tool_calls.iter().map(|it| Some(&*it.id)))
}

/// Arguments as the object that the wire takes, whatever the model wrote.
pub(super) fn input(arguments: &str) -> Value {
    if arguments.trim().is_empty() {
        return json!({});
    }
    match serde_json::from_str(arguments) {
        Ok(Value::Object(fields)) => fields.into(),
        _ => json!({MALFORMED: arguments}),
    }
}

/// Ids as the wire takes them; another vendor's may hold more characters.
fn id(id: &str) -> String {
    let plain = |it: char| if it.is_ascii_alphanumeric() || it == '-' { it } else { '_' };
    id.chars().map(plain).collect()
}
