//! MongoDB Atlas: documents of a collection that an index of vectors searches.

use async_trait::async_trait;
use flowstone_core::Result;
use serde_json::{Map, Value, json};

use super::{Ask, Entry, Hit, VectorServer, as_score, id_in, text_in, vector_in};
use crate::mongo::MongoClient;

/// A collection of a database.
pub struct Collection {
    /// The server.
    pub client: MongoClient,
    /// The database.
    pub database: String,
    /// The collection's name.
    pub name: String,
    /// The index of vectors that searches it.
    pub index: String,
    /// The field that holds the text.
    pub text_key: String,
    /// The field that holds the vector.
    pub embedding_key: String,
    /// A condition in MongoDB's own form, over fields that the index lists as filters.
    pub filter: Option<Map<String, Value>>,
}

impl Collection {
    async fn run(&self, command: Value) -> Result<Map<String, Value>> {
        self.client.run(&self.database, command).await
    }

    /// The documents that a pipeline gives, which are no more than a search asks for.
    async fn rows(&self, pipeline: Value, most: usize) -> Result<Vec<Value>> {
        let told = self.run(json!({
            "aggregate": self.name, "pipeline": pipeline, "cursor": { "batchSize": most },
        }));
        let mut told = told.await?;
        let mut rows = Vec::new();
        let mut batch = told.get_mut("cursor").map(|it| (it["firstBatch"].take(), it["id"].take()));
        while let Some((list, cursor)) = batch.take() {
            if let Value::Array(list) = list {
                rows.extend(list);
            }
            if cursor.as_i64().is_none_or(|it| it == 0) {
                break;
            }
            // A batch ends at 16 megabytes, however many it should hold.
            let mut told = self.run(json!({ "getMore": cursor, "collection": self.name })).await?;
            batch = told.get_mut("cursor").map(|it| (it["nextBatch"].take(), it["id"].take()));
        }
        Ok(rows)
    }
}

#[async_trait]
impl VectorServer for Collection {
    fn collection(&self) -> &str {
        &self.name
    }

    /// Collection and index are made by their owner. The length is that of a vector that is there.
    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        let pipeline = json!([
            { "$match": { &self.embedding_key: { "$exists": true } } },
            { "$limit": 1 },
            { "$project": { &self.embedding_key: 1 } },
        ]);
        let rows = self.rows(pipeline, 1).await?;
        let vector = rows.first().and_then(|it| it[&self.embedding_key].as_array());
        Ok(vector.map(|it| it.len() as u64))
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let update = |it: &Entry| {
            let mut document = it.metadata.clone();
            document.insert("_id".to_owned(), it.id.clone().into());
            document.insert(self.text_key.clone(), it.text.clone().into());
            document.insert(self.embedding_key.clone(), json!(it.vector));
            json!({ "q": { "_id": it.id }, "u": document, "upsert": true })
        };
        let updates: Vec<Value> = entries.iter().map(update).collect();
        self.run(json!({ "update": self.name, "updates": updates })).await.map(drop)
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let mut search = json!({
            "index": self.index,
            "path": self.embedding_key,
            "queryVector": ask.vector,
            "limit": ask.k,
            // As many as its reference recommends, up to its bound.
            "numCandidates": (ask.k * 20).clamp(ask.k, 10_000),
        });
        if let Some(filter) = &self.filter {
            search["filter"] = filter.clone().into();
        }
        let mut pipeline = vec![
            json!({ "$vectorSearch": search }),
            json!({ "$addFields": { "__score": { "$meta": "vectorSearchScore" } } }),
        ];
        if !ask.with_vectors {
            pipeline.push(json!({ "$unset": self.embedding_key }));
        }
        let hit = |row: Value| {
            let mut metadata = super::object_in(row);
            let mut taken = |key: &str| metadata.remove(key).unwrap_or_default();
            let (id, text) = (taken("_id"), taken(&self.text_key));
            let (vector, score) = (taken(&self.embedding_key), taken("__score"));
            Hit {
                id: id_in(id.get("$oid").unwrap_or(&id)),
                text: text_in(text),
                metadata,
                score: as_score(score.as_f64().unwrap_or_default()),
                vector: vector_in(&vector),
            }
        };
        Ok(self.rows(pipeline.into(), ask.k).await?.into_iter().map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        // What others wrote has ids of MongoDB's own.
        let is_own = |it: &&String| it.len() == 24 && it.bytes().all(|it| it.is_ascii_hexdigit());
        let mut all: Vec<Value> = ids.iter().map(|it| it.clone().into()).collect();
        all.extend(ids.iter().filter(is_own).map(|it| json!({ "$oid": it })));
        let deletes = json!([{ "q": { "_id": { "$in": all } }, "limit": 0 }]);
        self.run(json!({ "delete": self.name, "deletes": deletes })).await.map(drop)
    }
}
