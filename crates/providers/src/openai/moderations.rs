//! What OpenAI's moderation says of a text.

use flowstone_core::{Error, Result};
use serde::Deserialize;
use serde_json::json;

use super::Endpoint;

/// Longest verdict that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

#[derive(Deserialize)]
struct Reply {
    results: Vec<Judged>,
}

#[derive(Deserialize)]
struct Judged {
    flagged: bool,
}

impl Endpoint {
    /// Whether the server's moderation objects to `text`.
    ///
    /// # Errors
    /// `Provider` where it refuses, `Transport` where it cannot be reached, `ModelAnswer` where it
    /// answers without a verdict: a text that was not judged is not let through.
    pub async fn flags(&self, text: &str) -> Result<bool> {
        let answer = self.post("moderations", &json!({"input": text})).await?;
        let reply: Reply = answer.json(LONGEST).await?;
        if reply.results.is_empty() {
            let said = "the moderation answered without a verdict";
            return Err(Error::ModelAnswer(said.to_owned()));
        }
        Ok(reply.results.iter().any(|it| it.flagged))
    }
}
