//! Pinecone's REST interface: an index is asked for once, then spoken to at its own address.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Error, MetadataFilter, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::{
    Ask, CHAT, Entry, Hit, VectorServer, as_score, flat, id_in, object_in,
    rest::{Rest, part},
    text_in, vector_in,
};
use crate::HttpClient;

/// Where the service is.
pub const ORIGIN: &str = "https://api.pinecone.io";
/// The version of the interface that is spoken.
const VERSION: &str = "2025-04";

/// A namespace of an index.
pub struct Index {
    rest: Rest,
    name: String,
    namespace: String,
    /// The key of the metadata that holds the text.
    text_key: String,
    /// A condition in Pinecone's own form.
    filter: Option<Value>,
    known: OnceCell<Known>,
}

/// What the service tells of an index.
struct Known {
    host: String,
    length: Option<u64>,
    metric: String,
}

impl Index {
    /// The index `name` of the owner of `key`; the service is at `origin`.
    pub fn new(
        http: Arc<HttpClient>,
        origin: &str,
        key: &str,
        name: &str,
        namespace: &str,
        text_key: &str,
        filter: Option<Value>,
    ) -> Self {
        let rest = Rest::new(http, origin, format!("Pinecone, index \"{name}\""))
            .header("x-pinecone-api-version", VERSION)
            .secret("api-key", "", key);
        Self {
            rest,
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            text_key: text_key.to_owned(),
            filter,
            known: OnceCell::new(),
        }
    }

    async fn known(&self) -> Result<&Known> {
        let look = async {
            let path = format!("/indexes/{}", part(&self.name));
            let found = self.rest.unless(&[404], Method::GET, &path, None).await?;
            let found = found.ok_or_else(|| {
                Error::Unsupported(format!(
                    "Pinecone has no index \"{}\": make it there, with the length of the embedding \
                     model's vectors",
                    self.name
                ))
            })?;
            let host = found["host"].as_str().unwrap_or_default();
            if host.is_empty() {
                let said = format!("the index \"{}\" is not ready yet", self.name);
                return Err(Error::Transport(format!("Pinecone: {said}")));
            }
            let host =
                if host.contains("://") { host.to_owned() } else { format!("https://{host}") };
            Ok(Known {
                host,
                length: found["dimension"].as_u64(),
                metric: found["metric"].as_str().unwrap_or_default().to_owned(),
            })
        };
        self.known.get_or_try_init(|| look).await
    }

    /// The form's filter and the question's; for a chat also that an entry is of this chat or of
    /// none.
    fn filter_for(&self, ask: &Ask<'_>) -> Option<Value> {
        let mut own: Vec<Value> = self.filter.iter().cloned().collect();
        own.extend(ask.chat.map(
            |chat| json!({ "$or": [{ CHAT: { "$eq": chat } }, { CHAT: { "$exists": false } }] }),
        ));
        super::by_operators(own, ask.filter)
    }
}

#[async_trait]
impl VectorServer for Index {
    fn collection(&self) -> &str {
        // A record manager's records are those of a namespace.
        if self.namespace.is_empty() { &self.name } else { &self.namespace }
    }

    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        Ok(self.known().await?.length)
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let vectors: Vec<Value> = entries
            .iter()
            .map(|it| {
                let mut metadata = flat::flattened(&it.metadata, true);
                metadata.insert(self.text_key.clone(), it.text.clone().into());
                json!({ "id": it.id, "values": it.vector, "metadata": metadata })
            })
            .collect();
        let body = json!({ "vectors": vectors, "namespace": self.namespace });
        self.rest.at(&self.known().await?.host).post("/vectors/upsert", &body).await.map(drop)
    }

    fn filters(&self, filter: &MetadataFilter) -> bool {
        super::has_values(filter)
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let known = self.known().await?;
        let mut body = json!({
            "vector": ask.vector,
            "topK": ask.k,
            "namespace": self.namespace,
            "includeMetadata": true,
            "includeValues": ask.with_vectors,
        });
        if let Some(filter) = self.filter_for(ask) {
            body["filter"] = filter;
        }
        let mut found = self.rest.at(&known.host).post("/query", &body).await?;
        let Value::Array(found) = found["matches"].take() else { return Ok(Vec::new()) };
        let hit = |mut it: Value| {
            let mut metadata = object_in(it["metadata"].take());
            let text = metadata.remove(&self.text_key).unwrap_or_default();
            let score = it["score"].as_f64().unwrap_or_default();
            Hit {
                id: id_in(&it["id"]),
                text: text_in(text),
                metadata: flat::restored(metadata),
                // The one that counts distances.
                score: match known.metric.as_str() {
                    "euclidean" => super::nearness(score),
                    _ => as_score(score),
                },
                vector: vector_in(&it["values"]).filter(|it| !it.is_empty()),
            }
        };
        Ok(found.into_iter().map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        let body = json!({ "ids": ids, "namespace": self.namespace });
        let rest = self.rest.at(&self.known().await?.host);
        // A namespace that nothing was written to is not there.
        rest.unless(&[404], Method::POST, "/vectors/delete", Some(&body)).await.map(drop)
    }
}
