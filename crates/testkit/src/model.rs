//! Models without a wire, for tests of chains and agents.

use std::{
    collections::VecDeque,
    future,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use flowstone_core::{
    ChatModel, ChatReply, ChatRequest, Embeddings, Error, Event, Events, Result, Role, Usage,
};

use crate::script::{Asked, Content, Ending, Reply, answer, tokens};

/// A chat model that answers from a queue of replies, and by the script language of
/// [`FakeProvider`](crate::FakeProvider) when the queue is empty.
#[derive(Default)]
pub struct ScriptedModel {
    replies: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<ChatRequest>>,
}

impl ScriptedModel {
    /// A model that follows the script in the question.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// A model that gives these replies first, in order.
    pub fn with<I: IntoIterator<Item = Reply>>(replies: I) -> Arc<Self> {
        let it = Self::default();
        it.replies.lock().unwrap().extend(replies);
        Arc::new(it)
    }

    /// What it was asked, oldest first.
    pub fn requests(&self) -> Vec<ChatRequest> {
        self.requests.lock().unwrap().clone()
    }

    fn next(&self, request: &ChatRequest) -> Reply {
        self.requests.lock().unwrap().push(request.clone());
        let queued = self.replies.lock().unwrap().pop_front();
        queued.unwrap_or_else(|| answer(&asked(request)))
    }
}

fn asked(request: &ChatRequest) -> Asked {
    let last = request.messages.last();
    let user = request.messages.iter().rev().find(|it| it.role == Role::User);
    Asked {
        question: user.or(last).map(|it| it.text.clone()).unwrap_or_default(),
        tool_result: last.filter(|it| it.role == Role::Tool).map(|it| it.text.clone()),
        user_spoke_last: last.is_some_and(|it| it.role == Role::User),
        tools: request.tools.iter().map(|it| it.name.clone()).collect(),
        schema: request.schema.clone(),
        turns: request.messages.len(),
        ..Asked::default()
    }
}

#[async_trait]
impl ChatModel for ScriptedModel {
    fn provider(&self) -> &'static str {
        "scripted"
    }

    fn model(&self) -> &'static str {
        "mock"
    }

    fn takes_images(&self) -> bool {
        true
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let reply = self.next(request);
        let mut answer = ChatReply::default();
        for piece in &reply.thinking {
            events.emit(Event::Thinking(piece.clone())).await;
            answer.reasoning.push_str(piece);
        }
        match reply.content {
            Content::Error { status, message } => return Err(Error::Provider { status, message }),
            Content::Raw { .. } => panic!("a model without a wire has no raw bytes"),
            Content::ToolCalls(calls) => {
                events.token("").await;
                answer.tool_calls = calls;
                answer.finish_reason = Some("tool_calls".to_owned());
            }
            Content::Text(pieces) => {
                events.token("").await;
                for piece in pieces {
                    events.token(&piece).await;
                    answer.text.push_str(&piece);
                }
                answer.finish_reason = Some("stop".to_owned());
            }
        }
        match reply.ending {
            Ending::Complete => {}
            Ending::Hang => future::pending().await,
            Ending::BreakOff => {
                return Err(Error::Transport("the model broke off its answer".to_owned()));
            }
            Ending::Fails(message) => return Err(Error::Provider { status: 500, message }),
        }
        answer.usage = Some(Usage {
            input_tokens: request.messages.iter().map(|it| tokens(&it.text)).sum(),
            output_tokens: tokens(&answer.text),
            ..Usage::default()
        });
        Ok(answer)
    }
}

/// Length of the vectors of [`BagOfWords`] and of the fake provider.
pub(crate) const DIMENSIONS: usize = 64;

/// Embeddings that count words: texts that share words are near each other, and the same text
/// always has the same vector.
#[derive(Clone, Copy, Debug, Default)]
pub struct BagOfWords;

impl BagOfWords {
    /// The vector of a text, of length one.
    pub fn vector(text: &str) -> Vec<f32> {
        let mut vector = vec![0.0_f32; DIMENSIONS];
        let lower = text.to_lowercase();
        for word in lower.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()) {
            let hash = fnv(word.as_bytes());
            vector[hash % DIMENSIONS] += 1.0;
            vector[(hash / DIMENSIONS) % DIMENSIONS] += 0.5;
        }
        let length = vector.iter().map(|it| it * it).sum::<f32>().sqrt();
        if length == 0.0 {
            vector[0] = 1.0;
            return vector;
        }
        vector.iter().map(|it| it / length).collect()
    }
}

/// FNV-1a: the same number on every machine and in every build.
fn fnv(bytes: &[u8]) -> usize {
    let hash = bytes
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    hash as usize
}

#[async_trait]
impl Embeddings for BagOfWords {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        Ok(texts.iter().map(|text| Self::vector(text)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;

    #[tokio::test]
    async fn the_fakes_keep_the_contracts_too() {
        contract::chat_model::answers(&*ScriptedModel::new(), true).await;
        contract::embeddings::suite(&BagOfWords).await;
    }

    #[tokio::test]
    async fn queued_replies_come_before_the_script() {
        let model = ScriptedModel::with([Reply::text("first"), Reply::error(429, "slow down")]);
        let request = ChatRequest::new(vec![flowstone_core::Message::user("hi")]);
        let silent = Events::silent();
        let ask = || model.chat(&request, &silent);
        assert_eq!(ask().await.unwrap().text, "first");
        assert_eq!(ask().await.unwrap_err().to_string(), "429 slow down");
        assert_eq!(ask().await.unwrap().text, "Mock reply to: hi");
        assert_eq!(model.requests().len(), 3);
    }
}
