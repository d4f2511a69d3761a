//! Elasticsearch and OpenSearch: indices of documents with a field of vectors, laid out as
//! `LangChain` does.

use std::{fmt::Write as _, sync::Arc};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowstone_core::{Error, MetadataFilter, Result};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Ask, Entry, Hit, VectorServer, as_score, id_in, object_in,
    rest::{Rest, part},
    text_in, vector_in,
};
use crate::HttpClient;

/// An index of a server.
pub struct Index {
    rest: Rest,
    name: String,
    kind: Kind,
}

/// Which of the two it is, and what an index is like that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Elasticsearch.
    Elastic {
        /// `l2_norm`, `dot_product` or `cosine`.
        similarity: String,
    },
    /// OpenSearch.
    Open {
        /// `lucene`, `faiss` or `nmslib`.
        engine: String,
        /// `l2`, `cosinesimil` or `innerproduct`.
        space: String,
    },
}

/// How the server knows who asks.
#[derive(Clone, Copy, Debug, Default)]
pub enum Login<'a> {
    /// It does not ask.
    #[default]
    None,
    /// A key of its API.
    Key(&'a str),
    /// A name and a password.
    Basic(&'a str, &'a str),
}

impl Index {
    /// The index `name` of the server at `origin`.
    pub fn new(
        http: Arc<HttpClient>,
        origin: &str,
        login: Login<'_>,
        name: &str,
        kind: Kind,
    ) -> Self {
        let product = match kind {
            Kind::Elastic { .. } => "Elasticsearch",
            Kind::Open { .. } => "OpenSearch",
        };
        let rest = Rest::new(http, origin, format!("{product}, index \"{name}\""));
        let rest = match login {
            Login::None => rest,
            Login::Key(key) => rest.secret("authorization", "ApiKey ", key),
            Login::Basic(user, password) => {
                let both = STANDARD.encode(format!("{user}:{password}"));
                rest.secret("authorization", "Basic ", &both)
            }
        };
        Self { rest, name: name.to_owned(), kind }
    }

    /// The length of its vectors; `None` where there is no such index, and 0 where it has no such
    /// field.
    async fn length(&self) -> Result<Option<u64>> {
        let path = format!("/{}/_mapping", part(&self.name));
        let known = self.rest.unless(&[404], Method::GET, &path, None).await?;
        Ok(known.map(|it| {
            // An alias leads to an index of another name.
            let index = it.as_object().and_then(|it| it.values().next());
            let field = index.map(|it| &it["mappings"]["properties"]["embedding"]);
            let length = field.map(|it| &it["dims"]).filter(|it| it.is_u64());
            let length = length.or(field.map(|it| &it["dimension"]));
            length.and_then(Value::as_u64).unwrap_or_default()
        }))
    }

    fn settings(&self, length: usize) -> Value {
        let texts = json!([{ "texts": {
            "path_match": "metadata.*",
            "match_mapping_type": "string",
            "mapping": { "type": "keyword", "ignore_above": 8191 },
        }}]);
        let (settings, field) = match &self.kind {
            Kind::Elastic { similarity } => (
                json!({}),
                json!({
                    "type": "dense_vector",
                    "dims": length,
                    "index": true,
                    "similarity": similarity,
                }),
            ),
            Kind::Open { engine, space } => (
                json!({ "index": { "knn": true } }),
                json!({
                    "type": "knn_vector",
                    "dimension": length,
                    "method": { "name": "hnsw", "engine": engine, "space_type": space },
                }),
            ),
        };
        json!({
            "settings": settings,
            "mappings": {
                "dynamic_templates": texts,
                "properties": {
                    "text": { "type": "text" },
                    "metadata": { "type": "object" },
                    "embedding": field,
                },
            },
        })
    }

    /// Sends lines of JSON to `_bulk` and waits until searches see what they do.
    async fn bulk(&self, lines: &[Value], nothing: u64) -> Result<()> {
        let body: String = lines.iter().fold(String::new(), |mut body, line| {
            let _ = writeln!(body, "{line}");
            body
        });
        let path = format!("/{}/_bulk?refresh=wait_for", part(&self.name));
        let done = self.rest.post_bytes(&path, "application/x-ndjson", body).await?;
        if done["errors"] != true {
            return Ok(());
        }
        let items = done["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        let results = items.iter().filter_map(|it| it.as_object()?.values().next());
        for result in results {
            let status = result["status"].as_u64().unwrap_or_default();
            if status >= 300 && status != nothing {
                let said = result["error"]["reason"].as_str().unwrap_or("it was not written");
                let status = u16::try_from(status).unwrap_or(500);
                return Err(self.rest.refused(status, said));
            }
        }
        Ok(())
    }
}

#[async_trait]
impl VectorServer for Index {
    fn collection(&self) -> &str {
        &self.name
    }

    async fn make_ready(&self, length: usize) -> Result<Option<u64>> {
        if let Some(known) = self.length().await? {
            return Ok(Some(known).filter(|it| *it > 0));
        }
        let path = format!("/{}", part(&self.name));
        let body = self.settings(length);
        let made = self.rest.call(Method::PUT, &path, Some(&body)).await;
        match made {
            // Another made it meanwhile.
            Err(Error::Provider { status: 400, message }) if message.contains("already exists") => {
                self.length().await
            }
            made => made.map(|_| Some(length as u64)),
        }
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let lines: Vec<Value> = entries
            .iter()
            .flat_map(|it| {
                let source =
                    json!({ "text": it.text, "metadata": it.metadata, "embedding": it.vector });
                [json!({ "index": { "_id": it.id } }), source]
            })
            .collect();
        self.bulk(&lines, 0).await
    }

    fn filters(&self, filter: &MetadataFilter) -> bool {
        // This engine of OpenSearch judges nothing while it searches.
        let cannot = matches!(&self.kind, Kind::Open { engine, .. } if engine == "nmslib");
        super::has_values(filter) && !cannot
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let path = format!("/{}/_search", part(&self.name));
        let filter = filter_for(ask.filter);
        let body = match &self.kind {
            Kind::Elastic { .. } => {
                let mut near = json!({
                    "field": "embedding",
                    "query_vector": ask.vector,
                    "k": ask.k,
                    // Its bound; fewer candidates than results are refused.
                    "num_candidates": (ask.k * 10).clamp(200, 10_000).max(ask.k),
                });
                if let Some(filter) = filter {
                    near["filter"] = filter;
                }
                json!({ "size": ask.k, "knn": near })
            }
            Kind::Open { .. } => {
                let mut near = json!({ "vector": ask.vector, "k": ask.k });
                if let Some(filter) = filter {
                    near["filter"] = filter;
                }
                json!({ "size": ask.k, "query": { "knn": { "embedding": near } } })
            }
        };
        let found = self.rest.unless(&[404], Method::POST, &path, Some(&body)).await?;
        let Some(Value::Array(hits)) = found.map(|mut it| it["hits"]["hits"].take()) else {
            return Ok(Vec::new());
        };
        let hit = |mut it: Value| Hit {
            id: id_in(&it["_id"]),
            text: text_in(it["_source"]["text"].take()),
            metadata: object_in(it["_source"]["metadata"].take()),
            score: as_score(it["_score"].as_f64().unwrap_or_default()),
            vector: vector_in(&it["_source"]["embedding"]),
        };
        Ok(hits.into_iter().map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        if self.length().await?.is_none() {
            return Ok(());
        }
        let lines: Vec<Value> = ids.iter().map(|id| json!({ "delete": { "_id": id } })).collect();
        self.bulk(&lines, 404).await
    }
}

/// The conditions as a query. Texts are whole words of the index, by themselves where it was made
/// here, else beside the text in a field `keyword`.
fn filter_for(filter: &MetadataFilter) -> Option<Value> {
    let conditions = filter.conditions().map(|(key, values)| {
        let field = format!("metadata.{key}");
        let mut either = vec![json!({ "terms": { field.as_str(): values } })];
        if values.iter().any(Value::is_string) {
            either.push(json!({ "terms": { format!("{field}.keyword"): values } }));
        }
        json!({ "bool": { "should": either } })
    });
    let conditions: Vec<Value> = conditions.collect();
    (!conditions.is_empty()).then(|| json!({ "bool": { "must": conditions } }))
}

/// The address of a deployment of Elastic's cloud, from its Cloud ID.
///
/// # Errors
/// `Credential` where it is none.
pub fn address_of(cloud_id: &str) -> Result<String> {
    let wrong = || {
        Error::Credential(
            "the Cloud ID is none: it looks like name:c29tZSBsZXR0ZXJz and stands on the page of \
             the deployment"
                .to_owned(),
        )
    };
    let (_, encoded) = cloud_id.trim().rsplit_once(':').ok_or_else(wrong)?;
    let text = STANDARD.decode(encoded).ok().and_then(|it| String::from_utf8(it).ok());
    let text = text.ok_or_else(wrong)?;
    let mut parts = text.split('$');
    let (host, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let plain = |it: &str| it.chars().all(|it| it.is_ascii_alphanumeric() || "-.:".contains(it));
    if host.is_empty() || id.is_empty() || !plain(host) || !plain(id) {
        return Err(wrong());
    }
    Ok(format!("https://{id}.{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_id_leads_to_its_deployment() {
        let id = format!("mine:{}", STANDARD.encode("eu.example.com:9243$abc123$kibana"));
        assert_eq!(address_of(&id).unwrap(), "https://abc123.eu.example.com:9243");
        for odd in ["", "mine", "mine:???", "mine:YWJj", "x:JA=="] {
            assert!(matches!(address_of(odd), Err(Error::Credential(_))), "{odd}");
        }
    }
}
