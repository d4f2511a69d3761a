//! A chat model served by Ollama.

use std::collections::HashMap;

use async_trait::async_trait;
use flowstone_core::{
    ChatModel, ChatReply, ChatRequest, Error, Event, Events, Message, Result, Role, ToolCall, Usage,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Server;
use crate::{failure, http::Response, image, lines::Lines, random};

/// Longest answer that is not streamed, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// A chat model of a [`Server`].
#[derive(Clone)]
pub struct Chat {
    /// Where to call.
    pub server: Server,
    /// Name of the model.
    pub model: String,
    /// Sampling and loading options: `temperature`, `num_ctx`, `stop` and so on.
    pub options: Map<String, Value>,
    /// How long the model stays loaded after the call, such as `5m` or `-1`.
    pub keep_alive: Option<String>,
    /// Whether it thinks first: on, off, or `low`, `medium`, `high`. Models that cannot think
    /// refuse the field, so it is only sent where said.
    pub think: Option<Value>,
    /// Binds answers to be JSON.
    pub json_mode: bool,
    /// Whether users may show it pictures.
    pub takes_images: bool,
    /// Whether answers are streamed to those who listen.
    pub stream: bool,
}

impl Chat {
    /// A streaming model with no settings.
    pub fn new(server: Server, model: impl Into<String>) -> Self {
        Self {
            server,
            model: model.into(),
            options: Map::new(),
            keep_alive: None,
            think: None,
            json_mode: false,
            takes_images: false,
            stream: true,
        }
    }

    async fn body(&self, request: &ChatRequest, stream: bool) -> Result<Value> {
        let mut names = HashMap::new();
        let mut messages = Vec::new();
        for message in &request.messages {
            names.extend(message.tool_calls.iter().map(|it| (it.id.as_str(), it.name.as_str())));
            messages.push(self.message(message, &names).await?);
        }
        let mut body = json!({"model": self.model, "messages": messages, "stream": stream});
        if !request.tools.is_empty() {
            let tools = request.tools.iter().map(|tool| {
                json!({
                    "type": "function",
                    "function": {
                        "name": tool.name,
                        "description": tool.description,
                        "parameters": tool.parameters,
                    },
                })
            });
            body["tools"] = tools.collect();
        }
        if let Some(schema) = &request.schema {
            body["format"] = schema.clone();
        } else if self.json_mode {
            body["format"] = "json".into();
        }
        let options = with_stops(self.options.clone(), &request.stop);
        if !options.is_empty() {
            body["options"] = options.into();
        }
        if let Some(keep_alive) = self.keep_alive.as_deref().filter(|it| !it.is_empty()) {
            // A bare number means seconds and must be sent as one.
            let number = keep_alive.parse::<i64>().map(Value::from);
            body["keep_alive"] = number.unwrap_or_else(|_| keep_alive.into());
        }
        if let Some(think) = &self.think {
            body["think"] = think.clone();
        }
        Ok(body)
    }

    async fn message(&self, message: &Message, names: &HashMap<&str, &str>) -> Result<Value> {
        let mut turn = json!({"role": message.role, "content": message.text});
        if !message.images.is_empty() {
            let mut images = Vec::new();
            for image in &message.images {
                images.push(Value::from(image::base64_of(image, &self.server.http).await?));
            }
            turn["images"] = images.into();
        }
        if !message.tool_calls.is_empty() {
            let calls = message.tool_calls.iter().map(|call| {
                let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or(json!({}));
                json!({"function": {"name": call.name, "arguments": arguments}})
            });
            turn["tool_calls"] = calls.collect();
        }
        // Ollama ties a result to its call by the name of the tool.
        if message.role == Role::Tool
            && let Some(name) = message.tool_call_id.as_deref().and_then(|it| names.get(it))
        {
            turn["tool_name"] = (*name).into();
        }
        Ok(turn)
    }
}

#[async_trait]
impl ChatModel for Chat {
    fn provider(&self) -> &'static str {
        "ollama"
    }

    fn model(&self) -> &str {
        &self.model
    }

    fn takes_images(&self) -> bool {
        self.takes_images
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let stream = self.stream && !events.is_silent();
        let body = self.body(request, stream).await?;
        let response = self.server.post("api/chat", &body).await?;
        read(response, stream, events).await
    }
}

/// Reads an answer: JSON lines where it was to be streamed, else one object.
pub(super) async fn read(
    mut response: Response,
    stream: bool,
    events: &Events,
) -> Result<ChatReply> {
    let mut reply = ChatReply::default();
    if !stream {
        take(&mut reply, &response.bytes(LONGEST).await?, events).await?;
        return Ok(reply);
    }
    let mut lines = Lines::default();
    let mut done = false;
    while let Some(bytes) = response.chunk().await? {
        lines.feed(&bytes)?;
        while let Some(line) = lines.next_line() {
            done |= take(&mut reply, line, events).await?;
        }
    }
    done |= take(&mut reply, lines.rest(), events).await?;
    if !done {
        let place = response.place();
        return Err(Error::Transport(format!(
            "the answer of {place} ended before it was complete"
        )));
    }
    Ok(reply)
}

/// One line of a stream, or the whole answer.
#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    message: Said,
    /// A piece of a text that is continued.
    #[serde(default)]
    response: String,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    done_reason: Option<String>,
    #[serde(default)]
    prompt_eval_count: Option<u64>,
    #[serde(default)]
    eval_count: Option<u64>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    thinking: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<Call>>,
}

#[derive(Deserialize)]
struct Call {
    #[serde(default)]
    id: Option<String>,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Value,
}

/// Takes a piece and tells of it; whether it was the last.
async fn take(reply: &mut ChatReply, line: &[u8], events: &Events) -> Result<bool> {
    if line.trim_ascii().is_empty() {
        return Ok(false);
    }
    let piece: Piece = serde_json::from_slice(line).map_err(|error| {
        Error::Transport(format!("Ollama's answer holds a line that is no JSON object: {error}"))
    })?;
    if let Some(error) = piece.error {
        return Err(failure::of_value(&error, None));
    }
    if let Some(thought) = piece.message.thinking.filter(|it| !it.is_empty()) {
        reply.reasoning.push_str(&thought);
        events.emit(Event::Thinking(thought)).await;
    }
    let content = piece.message.content.unwrap_or(piece.response);
    reply.text.push_str(&content);
    events.token(&content).await;
    for call in piece.message.tool_calls.into_iter().flatten() {
        let arguments = match call.function.arguments {
            Value::Null => "{}".to_owned(),
            Value::String(text) => text,
            other => other.to_string(),
        };
        let id = call.id.filter(|it| !it.is_empty()).unwrap_or_else(random::call_id);
        reply.tool_calls.push(ToolCall { id, name: call.function.name, arguments });
    }
    if !piece.done {
        return Ok(false);
    }
    if piece.prompt_eval_count.is_some() || piece.eval_count.is_some() {
        reply.usage = Some(Usage {
            input_tokens: piece.prompt_eval_count.unwrap_or_default(),
            output_tokens: piece.eval_count.unwrap_or_default(),
            ..Usage::default()
        });
    }
    // Ollama ends with `stop` also when it calls tools.
    let reason = piece.done_reason.unwrap_or_else(|| "stop".to_owned());
    let calls = reason == "stop" && !reply.tool_calls.is_empty();
    reply.finish_reason = Some(if calls { "tool_calls".to_owned() } else { reason });
    Ok(true)
}

pub(super) fn with_stops(mut options: Map<String, Value>, more: &[String]) -> Map<String, Value> {
    if more.is_empty() {
        return options;
    }
    let mut stops = match options.remove("stop") {
        Some(Value::Array(list)) => list,
        Some(Value::String(text)) => vec![text.into()],
        _ => Vec::new(),
    };
    stops.extend(more.iter().map(|it| Value::from(it.clone())));
    options.insert("stop".to_owned(), stops.into());
    options
}

#[cfg(test)]
mod tests;
