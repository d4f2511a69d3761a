//! The conversations that Zep keeps: the open-source server (its interface of version 1) and Zep
//! Cloud (<https://help.getzep.com/v2/sdk-reference/memory>).

use std::sync::Arc;

use flowstone_core::{Message, Result, Role};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::{
    failure,
    http::{HttpClient, Request, Response},
};

/// Where Zep Cloud is.
pub const CLOUD: &str = "https://api.getzep.com";

/// Longest answer, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;

/// A server of Zep.
pub struct Server {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// Up to and without `/api`.
    pub base_url: String,
    /// Its key, where it asks for one.
    pub key: Option<String>,
    /// Whether it is Zep Cloud.
    pub cloud: bool,
    /// Names that turns of people and of models are kept under.
    pub names: Names,
}

/// Names that turns are kept under.
pub struct Names {
    /// Of people's turns.
    pub human: String,
    /// Of models' turns.
    pub ai: String,
}

/// What the server remembers of a conversation.
#[derive(Debug, Default, PartialEq)]
pub struct Remembered {
    /// What was said before the turns, in short, where it knows.
    pub summary: Option<String>,
    /// The newest turns, oldest first.
    pub turns: Vec<Message>,
}

#[derive(Default, Deserialize)]
struct Memory {
    #[serde(default)]
    messages: Option<Vec<Turn>>,
    #[serde(default)]
    summary: Option<Summary>,
    /// What Zep Cloud puts together for a prompt.
    #[serde(default)]
    context: Option<String>,
}

#[derive(Deserialize)]
struct Summary {
    #[serde(default)]
    content: String,
}

#[derive(Deserialize)]
struct Turn {
    #[serde(default)]
    role: String,
    #[serde(default)]
    role_type: Option<String>,
    #[serde(default)]
    content: String,
}

impl Server {
    /// The newest `last` turns of a conversation, and what went before them in short; nothing of one
    /// that the server does not know.
    ///
    /// # Errors
    /// `Provider` where it refuses, `Transport` where it cannot be reached; as all calls.
    pub async fn recall(&self, session: &str, last: Option<u64>) -> Result<Remembered> {
        let mut request = self.request(Method::GET, session)?;
        if let Some(last) = last {
            request = request.query("lastn", last);
        }
        let answer = request.send().await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(Remembered::default());
        }
        let memory: Memory = self.check(answer).await?.json(LONGEST).await?;
        let summary = memory.context.or(memory.summary.map(|it| it.content));
        let turns = memory.messages.unwrap_or_default();
        Ok(Remembered {
            summary: summary.filter(|it| !it.trim().is_empty()),
            turns: turns.into_iter().map(|turn| self.read(turn)).collect(),
        })
    }

    /// Adds an exchange to a conversation.
    pub async fn add(&self, session: &str, question: &str, answer: &str) -> Result<()> {
        let turn = |name: &str, kind: &str, text: &str| json!({"role": name, "role_type": kind, "content": text});
        let turns = json!({"messages": [
            turn(&self.names.human, "user", question),
            turn(&self.names.ai, "assistant", answer),
        ]});
        if self.cloud {
            self.begin(session).await?;
        }
        let answer = self.request(Method::POST, session)?.json(&turns).send().await?;
        self.check(answer).await.map(drop)
    }

    /// Forgets a conversation; an unknown one is no error.
    pub async fn forget(&self, session: &str) -> Result<()> {
        let answer = self.request(Method::DELETE, session)?.send().await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(());
        }
        self.check(answer).await.map(drop)
    }

    /// Makes the conversation at Zep Cloud, which takes no turns of unknown ones. That it is there
    /// is no error.
    async fn begin(&self, session: &str) -> Result<()> {
        let body = json!({ "session_id": session });
        let answer = self.at(Method::POST, "/sessions")?.json(&body).send().await?;
        if matches!(answer.status(), StatusCode::BAD_REQUEST | StatusCode::CONFLICT) {
            return Ok(());
        }
        self.check(answer).await.map(drop)
    }

    fn read(&self, turn: Turn) -> Message {
        let by_model = match turn.role_type.as_deref() {
            Some("assistant" | "ai") => true,
            Some("user" | "human") => false,
            _ => turn.role == self.names.ai,
        };
        let system = turn.role_type.as_deref() == Some("system") || turn.role == "system";
        let role = match (system, by_model) {
            (true, _) => Role::System,
            (_, true) => Role::Assistant,
            _ => Role::User,
        };
        Message::new(role, turn.content)
    }

    fn request(&self, method: Method, session: &str) -> Result<Request<'_>> {
        let session: String = url::form_urlencoded::byte_serialize(session.as_bytes()).collect();
        self.at(method, &format!("/sessions/{}/memory", session.replace('+', "%20")))
    }

    fn at(&self, method: Method, path: &str) -> Result<Request<'_>> {
        let version = if self.cloud { "v2" } else { "v1" };
        let base = self.base_url.trim().trim_end_matches('/');
        let request = self.http.request(method, &format!("{base}/api/{version}{path}"))?;
        Ok(match &self.key {
            Some(key) if self.cloud => request.header("authorization", &format!("Api-Key {key}")),
            Some(key) => request.bearer(key),
            None => request,
        })
    }

    async fn check(&self, answer: Response) -> Result<Response> {
        failure::checked(answer, self.key.as_deref()).await
    }
}
