//! A conversation as records show it, `{role, content, …}`, and as models are told of it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowstone_core::{
    ChatModel, Error, FilePlace, Image, Message, Result, Role, Run, ToolCall, Turn, Upload,
    attached_text, with_files,
};
use serde_json::{Value, json};

use super::{
    memory::Remembers,
    rows::{self, Row},
};

/// A turn of the conversation.
pub(super) fn turn_of(role: &str, content: impl Into<Value>) -> Value {
    json!({"role": role, "content": content.into()})
}

/// What a node says to its model before it asks it.
pub(super) struct Opening<'a> {
    /// The rows of its form.
    pub(super) messages: &'a [Row],
    /// What it is told of the conversation.
    pub(super) remembers: Remembers,
    /// A last message of the user.
    pub(super) says: Option<&'a str>,
}

impl Opening<'_> {
    /// The turns that `model` is asked with, as the record shows them.
    pub(super) async fn turns(&self, model: &dyn ChatModel, turn: &Turn<'_>) -> Result<Vec<Value>> {
        let is_first = turn.said.is_empty();
        let (system, others): (Vec<_>, Vec<_>) =
            self.written().partition(|it| it["role"] == "system");
        let mut turns = system;
        if is_first && let Some(history) = &turn.run.history {
            turns.extend(history.iter().map(|it| turn_of(role_name(it.role), it.text.clone())));
        }
        let user_is_written = others.iter().any(|it| it["role"] == "user");
        turns.extend(others);
        let question = question(model, turn);
        match &self.remembers {
            Remembers::Nothing if user_is_written => {
                // The question is among the messages, in words of the flow's author.
                turns.extend(question.into_iter().filter(|it| it["content"].is_array()));
            }
            Remembers::Nothing => turns.extend(question),
            remembers => {
                let sees = model.takes_images();
                let earlier = turn.past.iter().chain(turn.said);
                let before = earlier.filter(|it| sees || !is_of_pictures(it)).cloned().collect();
                turns.extend(remembers.recall(before, question, model, turn.run).await?);
                turns.extend(self.says.map(|it| turn_of("user", it)));
            }
        }
        Ok(turns)
    }

    /// What the node adds to the conversation of the run before its answer.
    pub(super) fn said(&self, model: &dyn ChatModel, turn: &Turn<'_>) -> Vec<Value> {
        let question = question(model, turn);
        let written: Vec<Value> = self.written().filter(|it| it["role"] == "user").collect();
        if turn.said.is_empty()
            && matches!(self.remembers, Remembers::Nothing)
            && !written.is_empty()
        {
            let images = question.into_iter().filter(|it| it["content"].is_array());
            return images.chain(written).collect();
        }
        question
    }

    fn written(&self) -> impl Iterator<Item = Value> {
        self.messages.iter().filter_map(|row| {
            let (role, content) = (rows::text(row, "role"), rows::text(row, "content"));
            (!role.is_empty() && !content.is_empty()).then(|| turn_of(&role, content))
        })
    }
}

/// The pictures of the call and its question with the text of files, each where nobody in the run has
/// said it yet.
pub(super) fn question(model: &dyn ChatModel, turn: &Turn<'_>) -> Vec<Value> {
    let mut turns = Vec::new();
    if !turn.said.iter().any(is_of_pictures) {
        turns.extend(pictures(model, turn.run));
    }
    let asked = with_files(&attached_text(&turn.run.uploads), &turn.run.question);
    if turn.said.is_empty() && !asked.is_empty() {
        turns.push(turn_of("user", asked));
    }
    turns
}

/// Whether a turn is made of pictures.
fn is_of_pictures(turn: &Value) -> bool {
    let mut parts = turn["content"].as_array().into_iter().flatten();
    parts.any(|it| it["type"] == "image_url" || it["type"] == "stored-file")
}

/// The pictures that came with the question, for models that are to see them. Records name them;
/// what is in them stays in the store of files.
fn pictures(model: &dyn ChatModel, run: &Run) -> Option<Value> {
    if !model.takes_images() {
        return None;
    }
    let pictures = run.uploads.iter().filter(|it| is_picture(it));
    let pictures: Vec<Value> = pictures
        .map(|it| {
            if it.kind == "url" {
                return json!({"type": "image_url", "image_url": {"url": it.data}});
            }
            json!({"type": "stored-file", "name": it.name, "mime": it.mime})
        })
        .collect();
    (!pictures.is_empty()).then(|| turn_of("user", pictures))
}

fn is_picture(upload: &Upload) -> bool {
    upload.mime.starts_with("image/")
}

/// The turns as a model is told of them; pictures are fetched where they lie.
pub(super) async fn told(turns: &[Value], run: &Run) -> Result<Vec<Message>> {
    let mut told = Vec::with_capacity(turns.len());
    for turn in turns {
        let message = message(turn, run).await?;
        // Vendors refuse turns that say nothing, and nothing is left of pictures that are gone.
        if is_of_pictures(turn) && message.images.is_empty() && message.text.is_empty() {
            continue;
        }
        told.push(message);
    }
    Ok(told)
}

async fn message(turn: &Value, run: &Run) -> Result<Message> {
    let role = match turn["role"].as_str().unwrap_or_default() {
        "system" | "developer" => Role::System,
        "assistant" => Role::Assistant,
        "tool" => Role::Tool,
        _ => Role::User,
    };
    let mut message = Message::new(role, "");
    match &turn["content"] {
        Value::Array(parts) => {
            for part in parts {
                if let Some(text) = part["text"].as_str() {
                    message.text.push_str(text);
                } else if let Some(url) = picture_address(part, run).await? {
                    message.images.push(Image { url, detail: None });
                }
            }
        }
        Value::Null => {}
        other => message.text = crate::prompt_format::as_text(other),
    }
    message.tool_call_id = turn["tool_call_id"].as_str().map(str::to_owned);
    for call in turn["tool_calls"].as_array().into_iter().flatten() {
        message.tool_calls.push(ToolCall {
            id: call["id"].as_str().unwrap_or_default().to_owned(),
            name: call["name"].as_str().unwrap_or_default().to_owned(),
            arguments: call["args"].to_string(),
        });
    }
    message.signed = turn.get("signed").cloned();
    Ok(message)
}

async fn picture_address(part: &Value, run: &Run) -> Result<Option<String>> {
    if let Some(url) = part["image_url"]["url"].as_str() {
        return Ok(Some(url.to_owned()));
    }
    let mime = part["mime"].as_str().unwrap_or_default();
    let (Some(name), true) = (part["name"].as_str(), mime.starts_with("image/")) else {
        return Ok(None);
    };
    let sent = run.uploads.iter().find(|it| it.name == name && it.data.starts_with("data:"));
    if let Some(upload) = sent {
        return Ok(Some(upload.data.clone()));
    }
    let place =
        FilePlace::Chat { workspace: &run.workspace, flow: &run.flow_id, chat: &run.chat_id };
    match run.services.files.read(place, name).await {
        Ok(content) => Ok(Some(format!("data:{mime};base64,{}", STANDARD.encode(content)))),
        // A picture of an earlier turn may have been removed since: the conversation goes on.
        Err(error) if matches!(error.root(), Error::Unsupported(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    }
}

/// What a node is called as the speaker of a turn: its label in lower snake case.
pub(super) fn speaker(turn: &Turn<'_>) -> String {
    let label = if turn.node_label.is_empty() { turn.node_id } else { turn.node_label };
    let snake: String =
        label.to_lowercase().chars().map(|it| if it.is_whitespace() { '_' } else { it }).collect();
    snake.trim().to_owned()
}
