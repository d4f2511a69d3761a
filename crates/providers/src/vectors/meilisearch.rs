//! Meilisearch's REST interface: indices whose documents bring their vectors along.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flowstone_core::{Error, MetadataFilter, Result};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Ask, CHAT, Entry, Hit, VectorServer, as_score, id_in, object_in,
    rest::{Rest, part},
    text_in, vector_in,
};
use crate::HttpClient;

/// What Flowise calls the vectors that we bring along.
const EMBEDDER: &str = "ollama";
/// How often a task is looked after, and how long to wait between.
const LOOKS: u32 = 600;
const PAUSE: Duration = Duration::from_millis(100);

/// An index of a server.
pub struct Index {
    /// With the key that may only search.
    searching: Rest,
    /// With the key that may write, where there is one.
    writing: Rest,
    name: String,
    path: String,
    /// Everything in the index goes before the documents of a form are written.
    pub replaces: bool,
    /// How much vectors count beside words, from 0 to 1.
    pub semantic_ratio: f64,
    /// A condition in Meilisearch's own form, such as `metadata.page = 3`.
    pub filter: Option<String>,
}

impl Index {
    /// The index `name` of the server at `origin`.
    pub fn new(
        http: Arc<HttpClient>,
        origin: &str,
        search_key: Option<&str>,
        admin_key: Option<&str>,
        name: &str,
    ) -> Self {
        let with = |key: Option<&str>| {
            let rest = Rest::new(http.clone(), origin, format!("Meilisearch, index \"{name}\""));
            match key {
                Some(key) => rest.secret("authorization", "Bearer ", key),
                None => rest,
            }
        };
        Self {
            searching: with(search_key),
            writing: with(admin_key.or(search_key)),
            name: name.to_owned(),
            path: format!("/indexes/{}", part(name)),
            replaces: false,
            semantic_ratio: 0.75,
            filter: None,
        }
    }

    /// Waits until a task is done that the server only took note of.
    async fn done(&self, task: &Value) -> Result<()> {
        let Some(number) = task["taskUid"].as_u64() else {
            return Err(self.writing.refused(500, "it did not take note of the task"));
        };
        for _ in 0..LOOKS {
            let told = self.writing.call(Method::GET, &format!("/tasks/{number}"), None).await?;
            match told["status"].as_str() {
                Some("succeeded") => return Ok(()),
                Some("failed" | "canceled") => {
                    let said = told["error"]["message"].as_str().unwrap_or("the task failed");
                    return Err(self.writing.refused(400, said));
                }
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
        Err(Error::Transport(format!(
            "Meilisearch, index \"{}\": a task takes longer than a minute",
            self.name
        )))
    }

    async fn order(&self, method: Method, path: &str, body: &Value) -> Result<()> {
        let task = self.writing.call(method, path, Some(body)).await?;
        self.done(&task).await
    }

    async fn is_there(&self) -> Result<bool> {
        let found = self.writing.unless(&[404], Method::GET, &self.path, None).await?;
        Ok(found.is_some())
    }
}

#[async_trait]
impl VectorServer for Index {
    fn collection(&self) -> &str {
        &self.name
    }

    async fn begin(&self) -> Result<()> {
        if !self.replaces || !self.is_there().await? {
            return Ok(());
        }
        let task = self.writing.call(Method::DELETE, &self.path, None).await?;
        self.done(&task).await
    }

    async fn make_ready(&self, length: usize) -> Result<Option<u64>> {
        if !self.is_there().await? {
            let body = json!({ "uid": self.name, "primaryKey": "objectID" });
            self.order(Method::POST, "/indexes", &body).await?;
        }
        let path = format!("{}/settings/embedders", self.path);
        let told = self.writing.call(Method::GET, &path, None).await?;
        if let Some(length) = told[EMBEDDER]["dimensions"].as_u64() {
            return Ok(Some(length));
        }
        let settings = json!({
            "embedders": { EMBEDDER: { "source": "userProvided", "dimensions": length } },
            "filterableAttributes": ["metadata", CHAT],
        });
        self.order(Method::PATCH, &format!("{}/settings", self.path), &settings).await?;
        Ok(Some(length as u64))
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let document = |it: &Entry| {
            json!({
                "objectID": it.id,
                "pageContent": it.text,
                "metadata": it.metadata,
                "_vectors": { EMBEDDER: { "embeddings": it.vector, "regenerate": false } },
            })
        };
        let documents: Vec<Value> = entries.iter().map(document).collect();
        let path = format!("{}/documents?primaryKey=objectID", self.path);
        self.order(Method::POST, &path, &documents.into()).await
    }

    fn filters(&self, filter: &MetadataFilter) -> bool {
        super::has_values(filter) && super::has_plain_keys(filter)
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let mut body = json!({
            "q": ask.text,
            "vector": ask.vector,
            "hybrid": { "semanticRatio": self.semantic_ratio, "embedder": EMBEDDER },
            "limit": ask.k,
            "showRankingScore": true,
            "retrieveVectors": ask.with_vectors,
        });
        let own = self.filter.clone().into_iter().collect();
        let one = |key: &str, value: &Value| format!("metadata.{key} = {value}");
        if let Some(filter) = super::in_words(own, ask.filter, (" OR ", " AND "), one) {
            body["filter"] = filter.into();
        }
        let path = format!("{}/search", self.path);
        let found = self.searching.unless(&[404], Method::POST, &path, Some(&body)).await?;
        let Some(Value::Array(hits)) = found.map(|mut it| it["hits"].take()) else {
            return Ok(Vec::new());
        };
        let hit = |mut it: Value| Hit {
            id: id_in(&it["objectID"]),
            text: text_in(it["pageContent"].take()),
            metadata: object_in(it["metadata"].take()),
            score: as_score(it["_rankingScore"].as_f64().unwrap_or_default()),
            vector: vector_in(&it["_vectors"][EMBEDDER]["embeddings"][0]),
        };
        Ok(hits.into_iter().map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        if !self.is_there().await? {
            return Ok(());
        }
        let path = format!("{}/documents/delete-batch", self.path);
        self.order(Method::POST, &path, &json!(ids)).await
    }
}
