//! Milvus' REST interface, version 2: collections whose rows hold one level of fields.
//!
//! A Milvus of version 2.4 or newer, and Zilliz Cloud, answers it at the port that its other clients use.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Error, MetadataFilter, Result};
use serde_json::{Map, Value, json};

use super::{
    Ask, CHAT, Entry, Hit, VectorServer, as_score, flat, id_in, nearness, object_in, rest::Rest,
    text_in, vector_in,
};
use crate::HttpClient;

/// The fields of a collection, as `LangChain` calls them.
const ID: &str = "langchain_primaryid";
const VECTOR: &str = "langchain_vector";
/// The same for the text, where the form names no other.
pub const TEXT: &str = "langchain_text";
/// What a collection tells that is not there.
const NO_COLLECTION: i64 = 100;

/// A partition of a collection.
pub struct Collection {
    rest: Rest,
    /// Its name.
    pub name: String,
    /// The partition; the usual one where this is empty.
    pub partition: Option<String>,
    /// The field that holds the text.
    pub text_field: String,
    /// A condition in Milvus' own form, such as `page == 3`.
    pub filter: Option<String>,
    /// Every row says which chat it came with, if any: rows of Milvus have all fields.
    pub of_chats: bool,
}

/// What the server knows of a collection.
struct Known {
    length: Option<u64>,
    metric: String,
    id_field: String,
    vector_field: String,
}

impl Collection {
    /// The collection `name` of the server at `origin`, which may want a name and a password.
    pub fn new(
        http: Arc<HttpClient>,
        origin: &str,
        login: Option<(&str, &str)>,
        name: &str,
    ) -> Self {
        let rest = Rest::new(http, origin, format!("Milvus, collection \"{name}\""));
        let rest = match login {
            Some((user, password)) => {
                rest.secret("authorization", "Bearer ", &format!("{user}:{password}"))
            }
            None => rest,
        };
        Self {
            rest,
            name: name.to_owned(),
            partition: None,
            text_field: TEXT.to_owned(),
            filter: None,
            of_chats: false,
        }
    }

    /// Makes a call. What it refuses is told with status 200; `None` for a collection that is not
    /// there.
    async fn ask(&self, what: &str, mut body: Value) -> Result<Option<Value>> {
        body["collectionName"] = self.name.clone().into();
        let mut told = self.rest.post(&format!("/v2/vectordb/{what}"), &body).await?;
        match told["code"].as_i64() {
            Some(0 | 200) => Ok(Some(told["data"].take())),
            Some(NO_COLLECTION) => Ok(None),
            _ => {
                let said = told["message"].as_str().unwrap_or("this is no Milvus of version 2.4");
                Err(self.rest.refused(400, said))
            }
        }
    }

    async fn known(&self) -> Result<Option<Known>> {
        let Some(told) = self.ask("collections/describe", json!({})).await? else {
            return Ok(None);
        };
        let fields = told["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
        let name = |it: Option<&Value>, usual: &str| {
            it.and_then(|it| it["name"].as_str()).unwrap_or(usual).to_owned()
        };
        let vector = fields.iter().find(|it| it["type"] == "FloatVector");
        let params = vector.and_then(|it| it["params"].as_array());
        let length = params.and_then(|it| it.iter().find(|it| it["key"] == "dim"));
        let length = length.map(|it| id_in(&it["value"])).and_then(|it| it.parse().ok());
        Ok(Some(Known {
            length,
            metric: told["indexes"][0]["metricType"].as_str().unwrap_or("L2").to_owned(),
            id_field: name(fields.iter().find(|it| it["primaryKey"] == true), ID),
            vector_field: name(vector, VECTOR),
        }))
    }

    async fn create(&self, length: usize) -> Result<()> {
        let text = json!({ "max_length": "65535" });
        let body = json!({
            "schema": {
                "autoId": false,
                // Metadata becomes fields of its own, whatever it holds.
                "enableDynamicField": true,
                "fields": [
                    {
                        "fieldName": ID, "dataType": "VarChar", "isPrimary": true,
                        "elementTypeParams": { "max_length": "256" },
                    },
                    {
                        "fieldName": self.text_field, "dataType": "VarChar",
                        "elementTypeParams": text,
                    },
                    {
                        "fieldName": VECTOR, "dataType": "FloatVector",
                        "elementTypeParams": { "dim": length.to_string() },
                    },
                ],
            },
            "indexParams": [{
                "fieldName": VECTOR, "indexName": VECTOR, "metricType": "COSINE",
                "params": { "index_type": "HNSW", "M": 16, "efConstruction": 200 },
            }],
        });
        self.ask("collections/create", body).await.map(drop)
    }

    /// A body that names the partition, where it is not the usual one.
    fn placed(&self, key: &str, mut body: Value) -> Value {
        if let Some(partition) = &self.partition {
            body[key] = match key {
                "partitionNames" => json!([partition]),
                _ => json!(partition),
            };
        }
        body
    }

    fn filter_for(&self, ask: &Ask<'_>) -> String {
        let mut own: Vec<String> = self.filter.clone().into_iter().collect();
        own.retain(|it| !it.is_empty());
        let chat = ask.chat.map(Value::from);
        own.extend(chat.map(|it| format!("{CHAT} == \"\" || {CHAT} == {it}")));
        let one = |key: &str, value: &Value| {
            // What is nested is a field of its own, whose name holds the dots.
            if key.contains('.') {
                format!("$meta[\"{key}\"] == {value}")
            } else {
                format!("{key} == {value}")
            }
        };
        super::in_words(own, ask.filter, (" || ", " && "), one).unwrap_or_default()
    }
}

#[async_trait]
impl VectorServer for Collection {
    fn collection(&self) -> &str {
        &self.name
    }

    async fn make_ready(&self, length: usize) -> Result<Option<u64>> {
        if let Some(known) = self.known().await? {
            return Ok(known.length);
        }
        self.create(length).await?;
        if let Some(partition) = &self.partition {
            self.ask("partitions/create", json!({ "partitionName": partition })).await?;
        }
        Ok(Some(length as u64))
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let known = self.known().await?.ok_or_else(|| self.gone())?;
        let rows: Vec<Value> = entries
            .iter()
            .map(|it| {
                let mut row = flat::flattened(&it.metadata, false);
                if self.of_chats && !row.contains_key(CHAT) {
                    row.insert(CHAT.to_owned(), "".into());
                }
                row.insert(known.id_field.clone(), it.id.clone().into());
                row.insert(self.text_field.clone(), it.text.clone().into());
                row.insert(known.vector_field.clone(), json!(it.vector));
                row.into()
            })
            .collect();
        let body = self.placed("partitionName", json!({ "data": rows }));
        self.ask("entities/upsert", body).await.map(drop)
    }

    fn filters(&self, filter: &MetadataFilter) -> bool {
        super::has_values(filter) && super::has_plain_keys(filter)
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let Some(known) = self.known().await? else { return Ok(Vec::new()) };
        let body = json!({
            "data": [ask.vector],
            "annsField": known.vector_field,
            "limit": ask.k,
            "filter": self.filter_for(ask),
            "outputFields": ["*"],
            // What was written a moment ago is found.
            "consistencyLevel": "Strong",
        });
        let body = self.placed("partitionNames", body);
        let Some(Value::Array(found)) = self.ask("entities/search", body).await? else {
            return Ok(Vec::new());
        };
        let hit = |it: Value| {
            let mut fields: Map<String, Value> = object_in(it);
            let mut taken = |key: &str| fields.remove(key).unwrap_or_default();
            let (id, text) = (taken(&known.id_field), taken(&self.text_field));
            let (vector, distance) = (taken(&known.vector_field), taken("distance"));
            let id = if id.is_null() { taken("id") } else { id };
            if fields.get(CHAT).is_some_and(|it| it == "") {
                fields.remove(CHAT);
            }
            let distance = distance.as_f64().unwrap_or_default();
            Hit {
                id: id_in(&id),
                text: text_in(text),
                metadata: flat::restored(fields),
                score: match known.metric.as_str() {
                    "L2" => nearness(distance),
                    _ => as_score(distance),
                },
                vector: vector_in(&vector).filter(|_| ask.with_vectors),
            }
        };
        Ok(found.into_iter().map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        let Some(known) = self.known().await? else { return Ok(()) };
        let filter = format!("{} in {}", known.id_field, json!(ids));
        let body = self.placed("partitionName", json!({ "filter": filter }));
        self.ask("entities/delete", body).await.map(drop)
    }
}

impl Collection {
    fn gone(&self) -> Error {
        self.rest.refused(404, "the collection is gone")
    }
}
