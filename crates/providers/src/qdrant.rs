//! Qdrant's REST interface: collections, and the points in them.

use std::sync::Arc;

use flowstone_core::{Error, Result};
use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    failure,
    http::{HttpClient, Request, Response, Retry},
};

/// Longest answer, in bytes: a few hundred points with their payloads.
const LONGEST: usize = 64 * 1024 * 1024;

/// A collection of a server.
#[derive(Clone)]
pub struct Collection {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// The server, such as `http://localhost:6333`.
    pub server: String,
    /// Its key, where it wants one.
    pub key: Option<String>,
    /// Name of the collection.
    pub name: String,
}

/// A point to write.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// A UUID.
    pub id: String,
    /// Where it lies.
    pub vector: Vec<f32>,
    /// What is kept with it.
    pub payload: Map<String, Value>,
}

/// A point that was found.
#[derive(Clone, Debug, Deserialize)]
pub struct Found {
    /// A UUID or a number.
    pub id: Value,
    /// How near it is; higher is nearer, but for `Euclid`.
    pub score: f32,
    /// What was kept with it.
    #[serde(default)]
    pub payload: Map<String, Value>,
}

#[derive(Deserialize)]
struct Answer<T> {
    result: T,
}

impl Collection {
    /// The length of its vectors; `None` where there is no such collection. Of one with several kinds
    /// of vectors it is not known: 0.
    ///
    /// # Errors
    /// `Provider` where the server refuses, `Transport` where it cannot be reached; as all calls.
    pub async fn dimension(&self) -> Result<Option<u64>> {
        let answer = self.request(Method::GET, "")?.send().await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let known: Answer<Value> = self.read(answer).await?;
        Ok(Some(known.result["config"]["params"]["vectors"]["size"].as_u64().unwrap_or_default()))
    }

    /// Makes the collection. What `settings` says besides of its vectors goes along. That another
    /// made it meanwhile is no error.
    pub async fn create(
        &self,
        size: u64,
        distance: &str,
        settings: &Map<String, Value>,
    ) -> Result<()> {
        let mut body = settings.clone();
        let mut vectors = match body.remove("vectors") {
            Some(Value::Object(vectors)) => vectors,
            _ => Map::new(),
        };
        vectors.insert("size".to_owned(), size.into());
        vectors.insert("distance".to_owned(), distance.into());
        body.insert("vectors".to_owned(), vectors.into());
        let answer = self.request(Method::PUT, "")?.json(&body).send().await?;
        if answer.status() == StatusCode::CONFLICT {
            return Ok(());
        }
        self.read::<Answer<Value>>(answer).await.map(drop)
    }

    /// Writes points and waits until they can be found; those with a known id are replaced.
    pub async fn upsert(&self, points: &[Point]) -> Result<()> {
        let request = self.request(Method::PUT, "/points")?.query("wait", true);
        let answer = request.json(&json!({ "points": points })).send().await?;
        self.read::<Answer<Value>>(answer).await.map(drop)
    }

    /// Removes points; unknown ids are no error.
    pub async fn delete(&self, ids: &[String]) -> Result<()> {
        let request = self.request(Method::POST, "/points/delete")?.query("wait", true);
        let answer = request.retry(Retry::Always).json(&json!({ "points": ids })).send().await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(());
        }
        self.read::<Answer<Value>>(answer).await.map(drop)
    }

    /// The points nearest to `vector` that the filter lets through, nearest first.
    pub async fn search(
        &self,
        vector: &[f32],
        limit: usize,
        filter: Option<&Value>,
    ) -> Result<Vec<Found>> {
        let mut body =
            json!({ "vector": vector, "limit": limit, "with_payload": true, "with_vector": false });
        if let Some(filter) = filter {
            body["filter"] = filter.clone();
        }
        let request = self.request(Method::POST, "/points/search")?.retry(Retry::Always);
        let answer = request.json(&body).send().await?;
        Ok(self.read::<Answer<Vec<Found>>>(answer).await?.result)
    }

    fn request(&self, method: Method, path: &str) -> Result<Request<'_>> {
        let name: String = url::form_urlencoded::byte_serialize(self.name.as_bytes()).collect();
        let server = self.server.trim().trim_end_matches('/');
        let address = format!("{server}/collections/{}{path}", name.replace('+', "%20"));
        let request = self.http.request(method, &address)?;
        Ok(match &self.key {
            Some(key) => request.header("api-key", key),
            None => request,
        })
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, answer: Response) -> Result<T> {
        if answer.status().is_success() {
            return answer.json(LONGEST).await;
        }
        let status = answer.status();
        let error = failure::of_response(answer, self.key.as_deref()).await;
        Err(match error {
            Error::Provider { message, .. } => Error::Provider {
                status: status.as_u16(),
                message: format!("Qdrant, collection \"{}\": {message}", self.name),
            },
            other => other,
        })
    }
}
