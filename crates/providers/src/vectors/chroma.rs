//! Chroma's REST interface, version 2: tenants, databases and collections of records.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Error, MetadataFilter, Result};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    Ask, Entry, Hit, VectorServer, as_score, flat, id_in, nearness, object_in,
    rest::{Rest, part},
    text_in, vector_in,
};
use crate::HttpClient;

/// A collection of a server.
pub struct Collection {
    rest: Rest,
    name: String,
    /// Up to and with `/collections`.
    path: String,
    /// A `where` of Chroma.
    filter: Option<Value>,
}

/// Who asks, where the server wants to know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Login<'a> {
    /// The key.
    pub key: Option<&'a str>,
    /// The tenant; Chroma's usual one where this is empty.
    pub tenant: Option<&'a str>,
    /// The database; Chroma's usual one where this is empty.
    pub database: Option<&'a str>,
}

/// What the server knows of a collection.
struct Known {
    id: String,
    /// Length of its vectors; none before the first.
    length: Option<u64>,
    /// `l2`, `cosine` or `ip`.
    space: String,
}

impl Collection {
    /// The collection `name` of the server at `origin`.
    pub fn new(
        http: Arc<HttpClient>,
        origin: &str,
        login: Login<'_>,
        name: &str,
        filter: Option<Value>,
    ) -> Self {
        let rest = Rest::new(http, origin, format!("Chroma, collection \"{name}\""));
        let rest = match login.key {
            Some(key) => rest.secret("x-chroma-token", "", key),
            None => rest,
        };
        let (tenant, database) = (
            part(login.tenant.unwrap_or("default_tenant")),
            part(login.database.unwrap_or("default_database")),
        );
        let path = format!("/api/v2/tenants/{tenant}/databases/{database}/collections");
        Self { rest, name: name.to_owned(), path, filter }
    }

    async fn known(&self) -> Result<Option<Known>> {
        let path = format!("{}/{}", self.path, part(&self.name));
        let found = self.rest.unless(&[404], Method::GET, &path, None).await?;
        found.as_ref().map(|it| self.read(it)).transpose()
    }

    async fn made(&self) -> Result<Known> {
        if let Some(known) = self.known().await? {
            return Ok(known);
        }
        let body = json!({
            "name": self.name,
            "get_or_create": true,
            "configuration": { "hnsw": { "space": "cosine" } },
        });
        self.read(&self.rest.post(&self.path, &body).await?)
    }

    fn read(&self, found: &Value) -> Result<Known> {
        let Some(id) = found["id"].as_str() else {
            let said = "no Chroma of version 2: its answer names no collection";
            return Err(Error::Transport(format!("\"{}\": {said}", self.name)));
        };
        let configured = &found["configuration_json"];
        let spaces = [&configured["hnsw"]["space"], &configured["spann"]["space"]];
        let space = spaces.iter().find_map(|it| it.as_str());
        let space = space.or_else(|| found["metadata"]["hnsw:space"].as_str()).unwrap_or("l2");
        Ok(Known {
            id: id.to_owned(),
            length: found["dimension"].as_u64(),
            space: space.to_owned(),
        })
    }

    async fn post(&self, known: &Known, what: &str, body: &Value) -> Result<Value> {
        self.rest.post(&format!("{}/{}/{what}", self.path, known.id), body).await
    }
}

#[async_trait]
impl VectorServer for Collection {
    fn collection(&self) -> &str {
        &self.name
    }

    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        Ok(self.made().await?.length)
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let known = self.made().await?;
        // Chroma takes no empty object.
        let metadata = |it: &Entry| {
            let flat = flat::flattened(&it.metadata, false);
            if flat.is_empty() { Value::Null } else { flat.into() }
        };
        let body = json!({
            "ids": entries.iter().map(|it| &it.id).collect::<Vec<_>>(),
            "embeddings": entries.iter().map(|it| &it.vector).collect::<Vec<_>>(),
            "documents": entries.iter().map(|it| &it.text).collect::<Vec<_>>(),
            "metadatas": entries.iter().map(metadata).collect::<Vec<_>>(),
        });
        self.post(&known, "upsert", &body).await.map(drop)
    }

    fn filters(&self, filter: &MetadataFilter) -> bool {
        super::has_values(filter)
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let Some(known) = self.known().await? else { return Ok(Vec::new()) };
        let mut wanted = vec!["documents", "metadatas", "distances"];
        if ask.with_vectors {
            wanted.push("embeddings");
        }
        let mut body =
            json!({ "query_embeddings": [ask.vector], "n_results": ask.k, "include": wanted });
        let own = self.filter.iter().cloned().collect();
        if let Some(filter) = super::by_operators(own, ask.filter) {
            body["where"] = filter;
        }
        let mut found = self.post(&known, "query", &body).await?;
        let mut first = |name: &str| match found[name].get_mut(0).map(Value::take) {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        };
        let (ids, distances) = (first("ids"), first("distances"));
        let (mut texts, mut metadata) = (first("documents"), first("metadatas"));
        let vectors = first("embeddings");
        let hits = ids.iter().enumerate().map(|(at, id)| {
            let taken = |list: &mut Vec<Value>| list.get_mut(at).map(Value::take);
            let distance = distances.get(at).and_then(Value::as_f64).unwrap_or_default();
            let flat: Map<String, Value> = object_in(taken(&mut metadata).unwrap_or_default());
            Hit {
                id: id_in(id),
                text: text_in(taken(&mut texts).unwrap_or_default()),
                metadata: flat::restored(flat),
                score: match known.space.as_str() {
                    "l2" => nearness(distance),
                    _ => as_score(1.0 - distance),
                },
                vector: vectors.get(at).and_then(vector_in),
            }
        });
        Ok(hits.collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        let Some(known) = self.known().await? else { return Ok(()) };
        self.post(&known, "delete", &json!({ "ids": ids })).await.map(drop)
    }
}
