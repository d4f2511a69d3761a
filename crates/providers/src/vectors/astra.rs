//! The Data API of DataStax Astra: collections of documents with a vector each.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Error, MetadataFilter, Result};
use serde_json::{Value, json};

use super::{
    Ask, Entry, Hit, VectorServer, as_score, id_in, object_in,
    rest::{Rest, part},
    text_in, vector_in,
};
use crate::HttpClient;

/// The keyspace that every database has.
const KEYSPACE: &str = "/api/json/v1/default_keyspace";

/// A collection of a database.
pub struct Collection {
    rest: Rest,
    name: String,
    /// `cosine`, `euclidean` or `dot_product`, for a collection that is made.
    metric: String,
    /// Length of the vectors of a collection that is made; as long as the first where it is empty.
    pub dimension: Option<u64>,
}

impl Collection {
    /// The collection `name` of the database at `origin`.
    pub fn new(http: Arc<HttpClient>, origin: &str, token: &str, name: &str, metric: &str) -> Self {
        let rest = Rest::new(http, origin, format!("Astra, collection \"{name}\""));
        Self {
            rest: rest.secret("token", "", token),
            name: name.to_owned(),
            metric: metric.to_owned(),
            dimension: None,
        }
    }

    /// Runs a command. What it refuses is told with status 200.
    async fn run(&self, path: &str, command: Value) -> Result<Value> {
        let answer = self.rest.post(path, &command).await?;
        match answer["errors"][0]["message"].as_str() {
            Some(said) => Err(self.rest.refused(400, said)),
            None => Ok(answer),
        }
    }

    async fn of_collection(&self, command: Value) -> Result<Value> {
        self.run(&format!("{KEYSPACE}/{}", part(&self.name)), command).await
    }

    /// The length of its vectors; `None` where there is no such collection.
    async fn length(&self) -> Result<Option<u64>> {
        let command = json!({ "findCollections": { "options": { "explain": true } } });
        let told = self.run(KEYSPACE, command).await?;
        let all = told["status"]["collections"].as_array().map(Vec::as_slice).unwrap_or_default();
        let this = all.iter().find(|it| it["name"] == self.name.as_str());
        Ok(this.map(|it| it["options"]["vector"]["dimension"].as_u64().unwrap_or_default()))
    }
}

#[async_trait]
impl VectorServer for Collection {
    fn collection(&self) -> &str {
        &self.name
    }

    /// What one command takes.
    fn batch(&self) -> usize {
        20
    }

    async fn make_ready(&self, length: usize) -> Result<Option<u64>> {
        if let Some(known) = self.length().await? {
            return Ok(Some(known).filter(|it| *it > 0));
        }
        if let Some(dimension) = self.dimension.filter(|it| *it != length as u64) {
            return Ok(Some(dimension));
        }
        let vector = json!({ "dimension": length, "metric": self.metric });
        let made = json!({ "createCollection": {
            "name": self.name,
            "options": { "vector": vector, "indexing": { "deny": ["text"] } },
        }});
        self.run(KEYSPACE, made).await?;
        Ok(Some(length as u64))
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        // What is there under an id is not replaced by an insert, so it goes first.
        let ids: Vec<String> = entries.iter().map(|it| it.id.clone()).collect();
        self.delete(&ids).await?;
        let documents: Vec<Value> = entries
            .iter()
            .map(|it| {
                let mut document = it.metadata.clone();
                document.insert("_id".to_owned(), it.id.clone().into());
                document.insert("text".to_owned(), it.text.clone().into());
                document.insert("$vector".to_owned(), json!(it.vector));
                document.into()
            })
            .collect();
        let command = json!({ "insertMany": {
            "documents": documents, "options": { "ordered": false },
        }});
        match self.of_collection(command).await {
            // A first try that was lost on the way back had written it.
            Err(Error::Provider { message, .. }) if message.contains("already exists") => Ok(()),
            done => done.map(drop),
        }
    }

    fn filters(&self, filter: &MetadataFilter) -> bool {
        super::has_values(filter)
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        if self.length().await?.is_none() {
            return Ok(Vec::new());
        }
        let command = json!({ "find": {
            "filter": super::by_operators(Vec::new(), ask.filter).unwrap_or_else(|| json!({})),
            "sort": { "$vector": ask.vector },
            "projection": { "*": 1 },
            "options": { "limit": ask.k, "includeSimilarity": true },
        }});
        let mut told = self.of_collection(command).await?;
        let Value::Array(found) = told["data"]["documents"].take() else { return Ok(Vec::new()) };
        let hit = |document: Value| {
            let mut metadata = object_in(document);
            let mut taken = |key: &str| metadata.remove(key).unwrap_or_default();
            let (id, text, score) = (taken("_id"), taken("text"), taken("$similarity"));
            let vector = vector_in(&taken("$vector")).filter(|_| ask.with_vectors);
            taken("$vectorize");
            let score = as_score(score.as_f64().unwrap_or_default());
            Hit { id: id_in(&id), text: text_in(text), metadata, score, vector }
        };
        Ok(found.into_iter().map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        if self.length().await?.is_none() {
            return Ok(());
        }
        for ids in ids.chunks(self.batch()) {
            loop {
                let command = json!({ "deleteMany": { "filter": { "_id": { "$in": ids } } } });
                let told = self.of_collection(command).await?;
                // It removes twenty at a time and says whether there are more.
                if told["status"]["moreData"] != true {
                    break;
                }
            }
        }
        Ok(())
    }
}
