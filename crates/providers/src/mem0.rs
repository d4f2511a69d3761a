//! What Mem0 learns from conversations (<https://docs.mem0.ai/api-reference>).

use std::sync::Arc;

use flowstone_core::Result;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    failure,
    http::{HttpClient, Request, Response, Retry},
};

/// Where the vendor is.
pub const BASE_URL: &str = "https://api.mem0.ai";

/// Longest answer, in bytes.
const LONGEST: usize = 8 * 1024 * 1024;

/// The memories of one person, agent, app or run.
pub struct Memories {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// [`BASE_URL`], or where a gateway takes the calls.
    pub base_url: String,
    /// The key.
    pub key: String,
    /// Whose they are: `user_id`, `agent_id`, `app_id`, `run_id`, and the `org_id` and `project_id`
    /// they belong to; what is empty is left out.
    pub of: Vec<(&'static str, String)>,
}

#[derive(Deserialize)]
struct Found {
    memory: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    List(Vec<Found>),
    Results { results: Vec<Found> },
}

impl Memories {
    /// What is remembered that has to do with `question`, best first.
    ///
    /// # Errors
    /// `Provider` where the vendor refuses, `Transport` where it cannot be reached; as all calls.
    pub async fn search(&self, question: &str) -> Result<Vec<String>> {
        let mut body = self.scope();
        body.insert("query".to_owned(), question.into());
        let request = self.request(Method::POST, "/v1/memories/search/")?.retry(Retry::Always);
        let answer = self.check(request.json(&body).send().await?).await?;
        let (Answer::List(found) | Answer::Results { results: found }) =
            answer.json(LONGEST).await?;
        Ok(found.into_iter().map(|it| it.memory).collect())
    }

    /// Learns from an exchange.
    pub async fn add(&self, question: &str, answer: &str) -> Result<()> {
        let mut body = self.scope();
        let turns = json!([
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer},
        ]);
        body.insert("messages".to_owned(), turns);
        let answer = self.request(Method::POST, "/v1/memories/")?.json(&body).send().await?;
        self.check(answer).await.map(drop)
    }

    /// Forgets all of them.
    pub async fn clear(&self) -> Result<()> {
        let mut request = self.request(Method::DELETE, "/v1/memories/")?;
        for (name, value) in self.named() {
            request = request.query(name, value);
        }
        self.check(request.send().await?).await.map(drop)
    }

    fn scope(&self) -> Map<String, Value> {
        self.named().map(|(name, value)| (name.to_owned(), value.into())).collect()
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let of = self.of.iter().map(|(name, value)| (*name, value.trim()));
        of.filter(|(_, value)| !value.is_empty())
    }

    fn request(&self, method: Method, path: &str) -> Result<Request<'_>> {
        let request = self.http.request(method, &format!("{}{path}", self.base_url))?;
        Ok(request.header("authorization", &format!("Token {}", self.key)))
    }

    async fn check(&self, answer: Response) -> Result<Response> {
        failure::checked(answer, Some(&self.key)).await
    }
}
