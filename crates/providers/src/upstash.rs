//! Redis as Upstash serves it over HTTP (<https://upstash.com/docs/redis/features/restapi>).

use std::sync::Arc;

use flowstone_core::Result;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    failure,
    http::{HttpClient, Retry},
};

/// Longest answer, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// A database.
pub struct Database {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// Its REST address.
    pub address: String,
    /// Its token.
    pub token: String,
}

#[derive(Deserialize)]
struct Answer {
    result: Value,
}

impl Database {
    /// Runs one command; `parts` are its name and its arguments.
    ///
    /// # Errors
    /// `Provider` with what the database says, `Transport` where it cannot be reached.
    pub async fn run(&self, parts: &[&str]) -> Result<Value> {
        let reads = matches!(parts.first(), Some(&("GET" | "LRANGE")));
        let retry = if reads { Retry::Always } else { Retry::ByMethod };
        let request = self.http.post(self.address.trim())?.bearer(&self.token).retry(retry);
        let answer = request.json(&parts).send().await?;
        let answer = failure::checked(answer, Some(&self.token)).await?;
        Ok(answer.json::<Answer>(LONGEST).await?.result)
    }

    /// Runs several commands as one: all of them, or none.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_all(&self, commands: &[Vec<&str>]) -> Result<()> {
        let address = format!("{}/multi-exec", self.address.trim().trim_end_matches('/'));
        let request = self.http.post(&address)?.bearer(&self.token);
        let answer = request.json(&commands).send().await?;
        let answer = failure::checked(answer, Some(&self.token)).await?;
        answer.json::<Vec<Answer>>(LONGEST).await.map(drop)
    }
}
