//! Remembers conversations in a Redis of Upstash, over HTTP.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Memory, Message, Node, Result, Role, Run, Spec, spec::CredentialSlot,
};
use flowstone_providers::{HttpClient, upstash::Database};
use serde_json::Value;

use super::{
    MEMORY_KEY, SESSION_ID,
    redis_backed_chat_memory::{self, SESSION_TTL},
    session,
};

const ADDRESS: Input<String> = Input::text("Upstash Redis REST URL", "baseURL")
    .describe("The REST address of the database")
    .placeholder("https://eu1-example-12345.upstash.io");

static SPEC: Spec = Spec {
    label: "Upstash Redis-Backed Chat Memory",
    name: "upstashRedisBackedChatMemory",
    version: 2.0,
    kind: "UpstashRedisBackedChatMemory",
    icon: "redis.svg",
    category: "Memory",
    description: "Remembers conversations in a Redis of Upstash, in the form that LangChain keeps \
                  them",
    base_classes: &["UpstashRedisBackedChatMemory", "BaseChatMemory", "BaseMemory"],
    credential: Some(CredentialSlot::required(&["upstashRedisMemoryApi"])),
    inputs: &[ADDRESS.field, SESSION_ID.field, SESSION_TTL.field, MEMORY_KEY.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct UpstashRedisBackedChatMemory;

#[async_trait]
impl Node for UpstashRedisBackedChatMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let token = inputs.credential()?.require("upstashRestToken", "Upstash Redis REST Token")?;
        Ok(Capability::Memory(Arc::new(UpstashMemory {
            database: Database {
                http: inputs.services.get::<HttpClient>()?,
                address: inputs.get(&ADDRESS)?,
                token: token.to_owned(),
            },
            session: inputs.get(&SESSION_ID)?,
            key: inputs.get(&MEMORY_KEY)?,
            life: redis_backed_chat_memory::life(inputs)?,
        })))
    }
}

struct UpstashMemory {
    database: Database,
    session: Option<String>,
    key: String,
    life: Option<Duration>,
}

impl UpstashMemory {
    fn name<'a>(&'a self, run: &'a Run) -> &'a str {
        session(self.session.as_deref(), run)
    }
}

#[async_trait]
impl Memory for UpstashMemory {
    fn session_id(&self) -> Option<&str> {
        self.session.as_deref()
    }

    fn key(&self) -> &str {
        &self.key
    }

    async fn messages(&self, run: &Run) -> Result<Vec<Message>> {
        let kept = self.database.run(&["LRANGE", self.name(run), "0", "-1"]).await?;
        let newest_first = kept.as_array().map(Vec::as_slice).unwrap_or_default();
        let entries = newest_first.iter().rev().map(|entry| match entry {
            // The REST interface may give an entry that is JSON as such.
            Value::String(text) => redis_backed_chat_memory::read(text),
            other => redis_backed_chat_memory::read(&other.to_string()),
        });
        entries.collect()
    }

    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()> {
        let name = self.name(run);
        let question = redis_backed_chat_memory::written(Role::User, question);
        let answer = redis_backed_chat_memory::written(Role::Assistant, answer);
        let seconds = self.life.map(|it| it.as_secs().max(1).to_string());
        let mut commands = vec![vec!["LPUSH", name, &question, &answer]];
        if let Some(seconds) = &seconds {
            commands.push(vec!["EXPIRE", name, seconds]);
        }
        self.database.run_all(&commands).await
    }

    async fn clear(&self, run: &Run) -> Result<()> {
        self.database.run(&["DEL", self.name(run)]).await.map(drop)
    }
}
