//! Remembers conversations in Redis, where other programs may keep them too.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Memory, Message, Node, Result, Role, Run, Spec,
};
use flowstone_providers::redis::RedisClient;
use serde_json::{Value, json};

use super::{MEMORY_KEY, SESSION_ID, session};
use crate::redis_form;

pub(super) const SESSION_TTL: Input<Option<f64>> = Input::number("Session Timeouts", "sessionTTL")
    .describe(
        "How many seconds after its last exchange a conversation is forgotten; never where it is \
         empty",
    )
    .additional()
    .optional();
const WINDOW: Input<Option<f64>> = Input::number("Window Size", "windowSize")
    .describe(
        "How many of the newest exchanges to remember: a question and its answer are one. All of \
         them where it is empty",
    )
    .additional()
    .optional();

static SPEC: Spec = Spec {
    label: "Redis-Backed Chat Memory",
    name: "RedisBackedChatMemory",
    version: 2.0,
    kind: "RedisBackedChatMemory",
    icon: "redis.svg",
    category: "Memory",
    description: "Remembers conversations in Redis, in the form that LangChain keeps them",
    base_classes: &["RedisBackedChatMemory", "BaseChatMemory", "BaseMemory"],
    credential: Some(redis_form::CREDENTIAL),
    inputs: &[SESSION_ID.field, SESSION_TTL.field, MEMORY_KEY.field, WINDOW.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct RedisBackedChatMemory;

#[async_trait]
impl Node for RedisBackedChatMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Memory(Arc::new(RedisMemory {
            client: redis_form::client(inputs)?,
            session: inputs.get(&SESSION_ID)?,
            key: inputs.get(&MEMORY_KEY)?,
            life: life(inputs)?,
            turns: turns(inputs)?,
        })))
    }
}

/// How long a conversation is kept after its last exchange.
pub(super) fn life(inputs: &Inputs) -> Result<Option<Duration>> {
    let Some(seconds) = inputs.get(&SESSION_TTL)?.filter(|it| *it > 0.0) else { return Ok(None) };
    let life = Duration::try_from_secs_f64(seconds);
    life.map(Some).map_err(|_| Error::invalid(&SESSION_TTL.field, "this is too long"))
}

/// How many turns are read. Flows of the reference leave the window open by a size of zero.
fn turns(inputs: &Inputs) -> Result<Option<u64>> {
    let size = inputs.get(&WINDOW)?.filter(|it| *it >= 1.0).map(|it| it.min(1e9));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "guarded by the range just set"
    )]
    Ok(size.map(|it| 2 * it as u64))
}

/// The turns of a conversation are a list under the conversation's own name, the newest first: so
/// LangChain's `RedisChatMessageHistory` keeps them, and with it the flows of the reference.
struct RedisMemory {
    client: Arc<RedisClient>,
    session: Option<String>,
    key: String,
    life: Option<Duration>,
    turns: Option<u64>,
}

impl RedisMemory {
    fn name<'a>(&'a self, run: &'a Run) -> &'a str {
        session(self.session.as_deref(), run)
    }
}

#[async_trait]
impl Memory for RedisMemory {
    fn session_id(&self) -> Option<&str> {
        self.session.as_deref()
    }

    fn key(&self) -> &str {
        &self.key
    }

    async fn messages(&self, run: &Run) -> Result<Vec<Message>> {
        let newest_first = self.client.newest(self.name(run), self.turns).await?;
        newest_first.iter().rev().map(|it| read(it)).collect()
    }

    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()> {
        let turns = [written(Role::User, question), written(Role::Assistant, answer)];
        self.client.push(self.name(run), &turns, self.life).await
    }

    async fn clear(&self, run: &Run) -> Result<()> {
        self.client.remove(self.name(run)).await
    }
}

/// A turn as LangChain writes it (`BaseMessage.toDict`), as text.
pub(super) fn written(role: Role, text: &str) -> String {
    turn(role, text).to_string()
}

/// A turn as LangChain writes it.
pub(super) fn turn(role: Role, text: &str) -> Value {
    let (kind, mut data) = match role {
        Role::Assistant => {
            ("ai", json!({"content": text, "tool_calls": [], "invalid_tool_calls": []}))
        }
        _ => ("human", json!({ "content": text })),
    };
    data["additional_kwargs"] = json!({});
    data["response_metadata"] = json!({});
    json!({"type": kind, "data": data})
}

/// A turn that LangChain, or we, wrote. Older versions had its text beside its kind.
pub(super) fn read(entry: &str) -> Result<Message> {
    let strange = || {
        Error::Unsupported(
            "the list of this conversation in Redis holds something that is no turn of one: \
             another program uses its name"
                .to_owned(),
        )
    };
    let entry: Value = serde_json::from_str(entry).map_err(|_| strange())?;
    read_turn(&entry).ok_or_else(strange)
}

/// The same of what is no text any more; `None` for what is no turn.
pub(super) fn read_turn(entry: &Value) -> Option<Message> {
    let kind = entry["type"].as_str()?;
    let spoken_by = entry["data"]["role"].as_str().or(entry["role"].as_str()).unwrap_or_default();
    let role = match kind {
        "ai" => Role::Assistant,
        "system" => Role::System,
        "generic" | "chat" if matches!(spoken_by, "assistant" | "ai") => Role::Assistant,
        // The call that a tool's result answers is not told, so a model could not be shown it as
        // one.
        "human" | "generic" | "chat" | "tool" | "function" => Role::User,
        _ => return None,
    };
    let content = entry["data"].get("content").or_else(|| entry.get("text"));
    Some(Message::new(role, content.and_then(text_of)?))
}

/// Plain text, or the texts of a list of parts.
fn text_of(content: &Value) -> Option<String> {
    match content {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => Some(
            parts
                .iter()
                .filter_map(|it| it.as_str().or_else(|| it["text"].as_str()))
                .collect::<Vec<_>>()
                .join("\n"),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_written_as_langchain_writes_it() {
        let expected = json!({
            "type": "human",
            "data": {"content": "Hi", "additional_kwargs": {}, "response_metadata": {}},
        });
        assert_eq!(serde_json::from_str::<Value>(&written(Role::User, "Hi")).unwrap(), expected);
        for role in [Role::User, Role::Assistant] {
            assert_eq!(
                read(&written(role, "Ein Bär 🐻")).unwrap(),
                Message::new(role, "Ein Bär 🐻")
            );
        }
    }

    #[test]
    fn turns_of_all_versions_are_read() {
        for (entry, expected) in [
            (json!({"type": "system", "data": {"content": "Be kind"}}), Message::system("Be kind")),
            (
                json!({"type": "ai", "data": {"content": [{"type": "text", "text": "a"}, "b"]}}),
                Message::assistant("a\nb"),
            ),
            (json!({"type": "human", "text": "old", "role": null}), Message::user("old")),
            (
                json!({"type": "generic", "data": {"content": "x", "role": "assistant"}}),
                Message::assistant("x"),
            ),
        ] {
            assert_eq!(read(&entry.to_string()).unwrap(), expected);
        }
        for entry in ["{", "\"text\"", r#"{"type": "human"}"#, r#"{"type": "job", "data": {}}"#] {
            let said = read(entry).unwrap_err().to_string();
            assert!(said.ends_with("another program uses its name"), "{entry}");
        }
    }
}
