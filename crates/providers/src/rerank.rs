//! Services that put passages in order by how well they answer a question.
//!
//! Cohere (<https://docs.cohere.com/v1/reference/rerank>), Azure AI Foundry, which serves Cohere's
//! second version, Jina AI (<https://jina.ai/reranker>) and Voyage AI
//! (<https://docs.voyageai.com/reference/reranker-api>) take nearly the same body.

use std::sync::Arc;

use flowstone_core::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    failure,
    http::{HttpClient, Retry},
};

/// Longest answer, in bytes: a number for each of many thousand passages.
const LONGEST: usize = 8 * 1024 * 1024;

/// A service with a model of it.
pub struct Reranker {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// The whole address of the call.
    pub address: String,
    /// Sent as a bearer token.
    pub key: String,
    /// The model's name.
    pub model: String,
    /// What goes into the body besides the question and the passages.
    pub settings: Map<String, Value>,
}

/// How well a passage answers the question.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub struct Ranked {
    /// Which passage, counted from zero.
    pub index: usize,
    /// From 0 to 1; higher is better.
    pub relevance_score: f64,
}

#[derive(Deserialize)]
struct Answer {
    /// Voyage calls them `data`.
    #[serde(alias = "data")]
    results: Vec<Ranked>,
}

impl Reranker {
    /// The best `keep` of the passages in the service's order, best first, each at most once. The
    /// service calls that number `keep_name`.
    ///
    /// # Errors
    /// `Provider` where the service refuses, `Transport` where it cannot be reached, `ModelAnswer`
    /// where it names a passage that it was not given.
    pub async fn rank(
        &self,
        question: &str,
        passages: &[&str],
        keep_name: &str,
        keep: usize,
    ) -> Result<Vec<Ranked>> {
        let mut body = json!({"model": self.model, "query": question, "documents": passages});
        body[keep_name] = keep.into();
        for (name, value) in &self.settings {
            body[name] = value.clone();
        }
        let request = self.http.post(&self.address)?.bearer(&self.key).retry(Retry::Always);
        let answer = request.json(&body).send().await?;
        let answer = failure::checked(answer, Some(&self.key)).await?;
        let mut ranked = answer.json::<Answer>(LONGEST).await?.results;
        if ranked.iter().any(|it| it.index >= passages.len()) {
            let reason = "the rerank service put a passage in order that it was not given";
            return Err(Error::ModelAnswer(reason.to_owned()));
        }
        ranked.sort_by(|a, b| b.relevance_score.total_cmp(&a.relevance_score));
        let mut seen = vec![false; passages.len()];
        ranked.retain(|it| !std::mem::replace(&mut seen[it.index], true));
        Ok(ranked)
    }
}
