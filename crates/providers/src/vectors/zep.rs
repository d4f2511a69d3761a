//! Zep's document collections: of the open-source server, and of its cloud, which embeds by itself.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::Result;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Ask, Entry, Hit, VectorServer, as_score, id_in, object_in,
    rest::{Rest, part},
    text_in, vector_in,
};
use crate::HttpClient;

/// Where the cloud is.
pub const CLOUD: &str = "https://api.getzep.com";

/// A collection of a server.
pub struct Collection {
    rest: Rest,
    name: String,
    /// Up to and with the collection's name.
    path: String,
    documents: &'static str,
    batch_get: &'static str,
    /// Length of its vectors, where it is made; none in the cloud.
    dimension: Option<u64>,
    /// A condition in Zep's own form.
    filter: Option<Value>,
}

impl Collection {
    /// The collection `name` of the open-source server at `origin`.
    pub fn of_server(
        http: Arc<HttpClient>,
        origin: &str,
        key: Option<&str>,
        name: &str,
        dimension: u64,
        filter: Option<Value>,
    ) -> Self {
        let rest = Rest::new(http, origin, format!("Zep, collection \"{name}\""));
        Self {
            rest: match key {
                Some(key) => rest.secret("authorization", "Bearer ", key),
                None => rest,
            },
            name: name.to_owned(),
            path: format!("/api/v1/collection/{}", part(name)),
            documents: "document",
            batch_get: "list/get",
            dimension: Some(dimension),
            filter,
        }
    }

    /// The collection `name` of the cloud at `origin`.
    pub fn of_cloud(
        http: Arc<HttpClient>,
        origin: &str,
        key: &str,
        name: &str,
        filter: Option<Value>,
    ) -> Self {
        let rest = Rest::new(http, origin, format!("Zep Cloud, collection \"{name}\""));
        Self {
            rest: rest.secret("authorization", "Api-Key ", key),
            name: name.to_owned(),
            path: format!("/api/v2/collections/{}", part(name)),
            documents: "documents",
            batch_get: "batchGet",
            dimension: None,
            filter,
        }
    }

    async fn known(&self) -> Result<Option<Value>> {
        self.rest.unless(&[404], Method::GET, &self.path, None).await
    }

    /// Zep's own ids of the documents that we know by ours.
    async fn own_ids(&self, ids: &[String]) -> Result<Vec<Value>> {
        let path = format!("{}/{}/{}", self.path, self.documents, self.batch_get);
        let body = json!({ "document_ids": ids });
        let found = self.rest.unless(&[404], Method::POST, &path, Some(&body)).await?;
        let list = found.unwrap_or_default();
        let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(list.iter().map(|it| it["uuid"].clone()).filter(|it| !it.is_null()).collect())
    }
}

#[async_trait]
impl VectorServer for Collection {
    fn collection(&self) -> &str {
        &self.name
    }

    async fn make_ready(&self, length: usize) -> Result<Option<u64>> {
        if let Some(known) = self.known().await? {
            return Ok(known["embedding_dimensions"].as_u64().filter(|it| *it > 0));
        }
        let body = match self.dimension {
            Some(dimension) if dimension != length as u64 => return Ok(Some(dimension)),
            Some(dimension) => json!({
                "name": self.name, "embedding_dimensions": dimension, "is_auto_embedded": false,
            }),
            None => json!({ "name": self.name }),
        };
        self.rest.call(Method::POST, &self.path, Some(&body)).await?;
        Ok(self.dimension)
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        // Zep adds a document beside one of the same id, so that goes first.
        let ids: Vec<String> = entries.iter().map(|it| it.id.clone()).collect();
        self.delete(&ids).await?;
        let document = |it: &Entry| {
            let mut document =
                json!({ "document_id": it.id, "content": it.text, "metadata": it.metadata });
            if self.dimension.is_some() {
                document["embedding"] = json!(it.vector);
            }
            document
        };
        let documents: Vec<Value> = entries.iter().map(document).collect();
        let path = format!("{}/{}", self.path, self.documents);
        self.rest.post(&path, &documents.into()).await.map(drop)
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let mut body = match self.dimension {
            Some(_) => json!({ "embedding": ask.vector }),
            None => json!({ "text": ask.text }),
        };
        if let Some(lambda) = ask.diverse {
            body["search_type"] = "mmr".into();
            body["mmr_lambda"] = lambda.into();
        }
        if let Some(filter) = &self.filter {
            body["metadata"] = filter.clone();
        }
        let path = format!("{}/search?limit={}", self.path, ask.k);
        let found = self.rest.unless(&[404], Method::POST, &path, Some(&body)).await?;
        let Some(Value::Array(found)) = found.map(|mut it| it["results"].take()) else {
            return Ok(Vec::new());
        };
        let hit = |mut it: Value| Hit {
            id: id_in(it["document_id"].as_str().map_or(&it["uuid"], |_| &it["document_id"])),
            text: text_in(it["content"].take()),
            metadata: object_in(it["metadata"].take()),
            score: as_score(it["score"].as_f64().unwrap_or_default()),
            vector: vector_in(&it["embedding"]),
        };
        Ok(found.into_iter().map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        let own = self.own_ids(ids).await?;
        if own.is_empty() {
            return Ok(());
        }
        let path = format!("{}/{}/batchDelete", self.path, self.documents);
        self.rest.post(&path, &own.into()).await.map(drop)
    }
}
