//! Models on Amazon Bedrock: chats by its Converse interface, texts and vectors by the vendors' own
//! bodies, and knowledge bases (<https://docs.aws.amazon.com/bedrock/latest/APIReference/>).

use std::collections::BTreeMap;

use async_trait::async_trait;
use flowstone_core::{
    ChatModel, ChatReply, ChatRequest, Error, Event, Events, Image, Message, Result, Role,
    ToolCall, Usage,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Service, encoded, event_stream::Frames};
use crate::{embedding, flatten, http::Response, image};

/// The host and the name to sign by of the service that runs models.
pub const RUNTIME: (&str, &str) = ("bedrock-runtime", "bedrock");
/// The same of the service that searches knowledge bases.
pub const AGENTS: (&str, &str) = ("bedrock-agent-runtime", "bedrock");

/// Longest answer that is not streamed, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;
/// A tool that is not called but filled in, where an answer is bound to a schema.
const ANSWER: &str = "answer";

/// A chat model.
pub struct Chat {
    /// Where it runs.
    pub service: Service,
    /// Its id, or the name (ARN) of one of one's own.
    pub model: String,
    /// `inferenceConfig`: `maxTokens`, `temperature` and so on.
    pub inference: Map<String, Value>,
    /// Whether the faster and dearer way is asked for.
    pub fast: bool,
    /// Whether users may show it pictures.
    pub takes_images: bool,
    /// Whether answers are streamed to those who listen.
    pub stream: bool,
}

#[async_trait]
impl ChatModel for Chat {
    fn provider(&self) -> &'static str {
        "aws.bedrock"
    }

    fn model(&self) -> &str {
        &self.model
    }

    fn takes_images(&self) -> bool {
        self.takes_images
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        if self.model.contains(":imported-model/") {
            return self.imported(request, events).await;
        }
        let bound = request.schema.is_some() && request.tools.is_empty();
        // What fills a form in is told once it is whole.
        let streamed = self.stream && !events.is_silent() && !bound;
        let task = if streamed { "converse-stream" } else { "converse" };
        let body = self.body(request).await?;
        let answer = self.service.post(&path(&self.model, task), &body).await?;
        if streamed {
            return read_stream(answer, events).await;
        }
        let whole: Whole = answer.json(LONGEST).await?;
        let mut said = Said::default();
        for part in whole.output.message.content {
            said.part(part, events).await;
        }
        let mut reply = said.reply(whole.stop_reason, whole.usage);
        if bound && let Some(call) = reply.tool_calls.pop() {
            reply.text = call.arguments;
            reply.finish_reason = Some("stop".to_owned());
            events.token(&reply.text).await;
        }
        Ok(reply)
    }
}

fn path(model: &str, task: &str) -> String {
    format!("/model/{}/{task}", encoded(model))
}

impl Chat {
    async fn body(&self, request: &ChatRequest) -> Result<Value> {
        let (mut system, mut turns) = (Vec::new(), Vec::<Value>::new());
        for message in &request.messages {
            if message.role == Role::System {
                system.push(json!({"text": message.text}));
                continue;
            }
            let role = if message.role == Role::Assistant { "assistant" } else { "user" };
            let content = self.content(message).await?;
            // Two turns of one speaker are one.
            match turns.last_mut().filter(|it| it["role"] == role) {
                Some(last) => {
                    if let Some(parts) = last["content"].as_array_mut() {
                        parts.extend(content);
                    }
                }
                None => turns.push(json!({"role": role, "content": content})),
            }
        }
        let mut inference = self.inference.clone();
        if !request.stop.is_empty() {
            inference.insert("stopSequences".to_owned(), json!(request.stop));
        }
        let mut body = json!({"messages": turns, "inferenceConfig": inference});
        if !system.is_empty() {
            body["system"] = system.into();
        }
        if self.fast {
            body["performanceConfig"] = json!({"latency": "optimized"});
        }
        if let Some(tools) = tools(request) {
            body["toolConfig"] = tools;
        }
        Ok(body)
    }

    async fn content(&self, message: &Message) -> Result<Vec<Value>> {
        if let Some(id) = &message.tool_call_id {
            let result = json!({"toolUseId": id, "content": [{"text": message.text}]});
            return Ok(vec![json!({ "toolResult": result })]);
        }
        let mut parts = Vec::new();
        // Empty texts are refused.
        if !message.text.is_empty() {
            parts.push(json!({"text": message.text}));
        }
        for picture in &message.images {
            parts.push(self.picture(picture).await?);
        }
        for call in &message.tool_calls {
            let input: Value = serde_json::from_str(&call.arguments).unwrap_or(json!({}));
            let call = json!({"toolUseId": call.id, "name": call.name, "input": input});
            parts.push(json!({ "toolUse": call }));
        }
        Ok(parts)
    }

    async fn picture(&self, picture: &Image) -> Result<Value> {
        let inline = image::inline(picture, &self.service.http).await?;
        let format = inline.media_type.strip_prefix("image/").unwrap_or("png");
        Ok(json!({"image": {"format": format, "source": {"bytes": inline.data}}}))
    }

    /// Models of one's own know no Converse: they go on from a text.
    async fn imported(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let mut body = json!({"prompt": flatten::prompt(&self.model, request)?});
        for (name, own) in [("maxTokens", "max_gen_len"), ("temperature", "temperature")] {
            if let Some(value) = self.inference.get(name) {
                body[own] = value.clone();
            }
        }
        let answer = self.service.post(&path(&self.model, "invoke"), &body).await?;
        let answer: Value = answer.json(LONGEST).await?;
        let places = ["/generation", "/outputs/0/text", "/choices/0/text"];
        let text = places.iter().find_map(|it| answer.pointer(it)?.as_str());
        let text = text.ok_or_else(|| {
            Error::ModelAnswer("the imported model gave no text that is known".to_owned())
        })?;
        events.token(text).await;
        Ok(ChatReply { text: text.to_owned(), ..ChatReply::default() })
    }
}

fn tools(request: &ChatRequest) -> Option<Value> {
    let tool = |name: &str, description: &str, schema: &Value| {
        json!({"toolSpec": {
            "name": name, "description": description, "inputSchema": {"json": schema},
        }})
    };
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|it| tool(&it.name, &it.description, &it.parameters));
        return Some(json!({"tools": tools.collect::<Value>()}));
    }
    let schema = request.schema.as_ref()?;
    let tools = [tool(ANSWER, "Give the answer in this form", schema)];
    Some(json!({"tools": tools, "toolChoice": {"tool": {"name": ANSWER}}}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whole {
    output: WholeOutput,
    #[serde(default)]
    stop_reason: String,
    #[serde(default)]
    usage: Option<Spent>,
}

#[derive(Deserialize)]
struct WholeOutput {
    message: WholeMessage,
}

#[derive(Deserialize)]
struct WholeMessage {
    #[serde(default)]
    content: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spent {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    #[serde(default)]
    cache_read_input_tokens: u64,
}

/// What a model has said so far.
#[derive(Default)]
struct Said {
    text: String,
    reasoning: String,
    /// Calls by the block they are in, with their arguments as text.
    calls: BTreeMap<u64, ToolCall>,
}

impl Said {
    /// Takes a whole part.
    async fn part(&mut self, part: Value, events: &Events) {
        if let Some(text) = part["text"].as_str() {
            self.say(text, events).await;
        }
        if let Some(thought) = part["reasoningContent"]["reasoningText"]["text"].as_str() {
            self.think(thought, events).await;
        }
        if part["toolUse"].is_object() {
            let block = self.calls.len() as u64;
            let arguments = part["toolUse"]["input"].to_string();
            self.call(block, &part["toolUse"], arguments);
        }
    }

    async fn say(&mut self, text: &str, events: &Events) {
        self.text.push_str(text);
        events.token(text).await;
    }

    async fn think(&mut self, thought: &str, events: &Events) {
        self.reasoning.push_str(thought);
        events.emit(Event::Thinking(thought.to_owned())).await;
    }

    fn call(&mut self, block: u64, begun: &Value, arguments: String) {
        let text = |name: &str| begun[name].as_str().unwrap_or_default().to_owned();
        let call = ToolCall { id: text("toolUseId"), name: text("name"), arguments };
        self.calls.insert(block, call);
    }

    fn reply(self, stop: String, spent: Option<Spent>) -> ChatReply {
        let mut tool_calls: Vec<ToolCall> = self.calls.into_values().collect();
        for call in tool_calls.iter_mut().filter(|it| it.arguments.is_empty()) {
            "{}".clone_into(&mut call.arguments);
        }
        let reason = match stop.as_str() {
            "end_turn" | "stop_sequence" => "stop".to_owned(),
            "tool_use" => "tool_calls".to_owned(),
            "max_tokens" | "model_context_window_exceeded" => "length".to_owned(),
            "guardrail_intervened" | "content_filtered" => "content_filter".to_owned(),
            _ => stop,
        };
        ChatReply {
            text: self.text,
            reasoning: self.reasoning,
            tool_calls,
            finish_reason: Some(reason),
            usage: spent.map(|it| Usage {
                input_tokens: it.input_tokens + it.cache_read_input_tokens,
                output_tokens: it.output_tokens,
                cached_tokens: it.cache_read_input_tokens,
                ..Usage::default()
            }),
            ..ChatReply::default()
        }
    }
}

async fn read_stream(mut answer: Response, events: &Events) -> Result<ChatReply> {
    let (mut frames, mut said) = (Frames::default(), Said::default());
    let (mut stop, mut spent) = (None, None);
    events.token("").await;
    while let Some(bytes) = answer.chunk().await? {
        frames.feed(&bytes);
        while let Some(frame) = frames.next()? {
            let payload: Value = serde_json::from_slice(&frame.payload).unwrap_or_default();
            if frame.header(":message-type") != Some("event") {
                let message = payload["message"].as_str().unwrap_or("the stream failed").to_owned();
                return Err(Error::Provider { status: 500, message });
            }
            let block = payload["contentBlockIndex"].as_u64().unwrap_or_default();
            match frame.header(":event-type") {
                Some("contentBlockStart") if payload["start"]["toolUse"].is_object() => {
                    said.call(block, &payload["start"]["toolUse"], String::new());
                }
                Some("contentBlockDelta") => {
                    let delta = &payload["delta"];
                    if let Some(text) = delta["text"].as_str() {
                        said.say(text, events).await;
                    }
                    if let Some(thought) = delta["reasoningContent"]["text"].as_str() {
                        said.think(thought, events).await;
                    }
                    if let Some(piece) = delta["toolUse"]["input"].as_str()
                        && let Some(call) = said.calls.get_mut(&block)
                    {
                        call.arguments.push_str(piece);
                    }
                }
                Some("messageStop") => {
                    stop = Some(payload["stopReason"].as_str().unwrap_or_default().to_owned());
                }
                Some("metadata") => spent = serde_json::from_value(payload["usage"].clone()).ok(),
                _ => {}
            }
        }
    }
    match stop {
        Some(stop) if frames.is_empty() => Ok(said.reply(stop, spent)),
        _ => {
            let place = answer.place();
            Err(Error::Transport(format!("the answer of {place} ended before it was complete")))
        }
    }
}

/// An embedding model: Amazon's own, or one of Cohere's.
pub struct Embeddings {
    /// Where it runs.
    pub service: Service,
    /// Its id.
    pub model: String,
    /// What Cohere's models embed documents for; questions are `search_query` where that is
    /// `search_document`.
    pub input_type: Option<String>,
    /// How many texts go into one call of Cohere's models.
    pub batch: usize,
}

#[derive(Deserialize)]
struct One {
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Many {
    embeddings: Vectors,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Vectors {
    Plain(Vec<Vec<f32>>),
    Named { float: Vec<Vec<f32>> },
}

impl Embeddings {
    fn is_cohere(&self) -> bool {
        self.model.contains("cohere.")
    }

    async fn invoke(&self, body: &Value) -> Result<Response> {
        self.service.post(&path(&self.model, "invoke"), body).await
    }

    async fn one(&self, text: &str) -> Result<Vec<f32>> {
        // Titan gives worse vectors for texts with line breaks.
        let body = json!({"inputText": text.replace('\n', " ")});
        Ok(self.invoke(&body).await?.json::<One>(LONGEST).await?.embedding)
    }

    async fn many(&self, texts: &[String], input_type: &str) -> Result<Vec<Vec<f32>>> {
        let body = json!({"texts": texts, "input_type": input_type});
        let answer: Many = self.invoke(&body).await?.json(LONGEST).await?;
        let (Vectors::Plain(vectors) | Vectors::Named { float: vectors }) = answer.embeddings;
        embedding::one_each(vectors, texts)
    }
}

#[async_trait]
impl flowstone_core::Embeddings for Embeddings {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        if !self.is_cohere() {
            let call = async |batch: &[String]| Ok(vec![self.one(&batch[0]).await?]);
            return embedding::in_batches(texts, 1, call).await;
        }
        let input_type = self.input_type.as_deref().unwrap_or("search_document");
        embedding::in_batches(texts, self.batch.min(96), |it| self.many(it, input_type)).await
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        if !self.is_cohere() {
            return self.one(text).await;
        }
        let input_type = match self.input_type.as_deref() {
            None | Some("search_document") => "search_query",
            Some(other) => other,
        };
        embedding::only(self.many(&[text.to_owned()], input_type).await?)
    }
}

/// A passage of a knowledge base.
#[derive(Debug, Deserialize)]
pub struct Passage {
    /// What it says.
    pub content: PassageText,
    /// Where it comes from, as the base tells it.
    #[serde(default)]
    pub location: Value,
    /// How near it is; higher is nearer.
    #[serde(default)]
    pub score: Option<f64>,
    /// What is kept with it.
    #[serde(default)]
    pub metadata: Map<String, Value>,
}

/// The text of a [`Passage`].
#[derive(Debug, Deserialize)]
pub struct PassageText {
    /// The text; rows of tables have none.
    #[serde(default)]
    pub text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Retrieved {
    #[serde(default)]
    retrieval_results: Vec<Passage>,
}

/// Searches the knowledge base `id`; `search` is its `vectorSearchConfiguration`.
///
/// # Errors
/// Amazon's words where it refuses, `Transport` where it cannot be reached.
pub async fn retrieve(
    service: &Service,
    id: &str,
    query: &str,
    search: &Map<String, Value>,
) -> Result<Vec<Passage>> {
    let body = json!({
        "retrievalQuery": {"text": query},
        "retrievalConfiguration": {"vectorSearchConfiguration": search},
    });
    let path = format!("/knowledgebases/{}/retrieve", encoded(id));
    Ok(service.post(&path, &body).await?.json::<Retrieved>(LONGEST).await?.retrieval_results)
}

#[cfg(test)]
mod tests;
