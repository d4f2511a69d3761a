//! Weaviate's REST and GraphQL interfaces: collections of objects.

mod filter;

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::Result;
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    Ask, Entry, Hit, VectorServer, as_score, id_in, object_in,
    rest::{Rest, part},
    text_in, vector_in,
};
use crate::HttpClient;

/// The property that holds the whole metadata as JSON, as properties hold one level of values whose
/// names are words.
const WHOLE: &str = "metadata_json";

/// A collection of a server.
pub struct Collection {
    rest: Rest,
    /// Its name, which begins with a capital letter.
    name: String,
    /// The property that holds the text.
    pub text_key: String,
    /// Properties that are read as metadata; all where this is empty.
    pub metadata_keys: Vec<String>,
    /// A condition, in the form of its client or of its GraphQL.
    pub filter: Option<Value>,
    /// How much vectors count beside words, from 0 to 1; vectors only where it is empty.
    pub alpha: Option<f64>,
}

impl Collection {
    /// The collection `name` of the server at `origin`.
    pub fn new(http: Arc<HttpClient>, origin: &str, key: Option<&str>, name: &str) -> Self {
        let mut letters = name.chars();
        let first = letters.next().map(|it| it.to_ascii_uppercase());
        let name: String = first.into_iter().chain(letters).collect();
        let rest = Rest::new(http, origin, format!("Weaviate, collection \"{name}\""));
        Self {
            rest: match key {
                Some(key) => rest.secret("authorization", "Bearer ", key),
                None => rest,
            },
            name,
            text_key: "text".to_owned(),
            metadata_keys: Vec::new(),
            filter: None,
            alpha: None,
        }
    }

    /// Its properties with their types; `None` where there is no such collection.
    async fn properties(&self) -> Result<Option<Vec<(String, String)>>> {
        let path = format!("/v1/schema/{}", part(&self.name));
        let Some(told) = self.rest.unless(&[404], Method::GET, &path, None).await? else {
            return Ok(None);
        };
        let listed = told["properties"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        let property = |it: &Value| (text(&it["name"]), text(&it["dataType"][0]));
        // Those of other types refer to other collections or hold further levels.
        let plain = |kind: &str| {
            let kind = kind.trim_end_matches("[]");
            ["text", "string", "int", "number", "boolean", "date", "uuid"].contains(&kind)
        };
        Ok(Some(listed.iter().map(property).filter(|it| plain(&it.1)).collect()))
    }

    fn object(&self, entry: &Entry) -> Value {
        let mut properties = Map::new();
        put(&mut properties, "", &entry.metadata);
        let whole = Value::Object(entry.metadata.clone()).to_string();
        properties.insert(WHOLE.to_owned(), whole.into());
        properties.insert(self.text_key.clone(), entry.text.clone().into());
        json!({
            "class": self.name, "id": entry.id, "vector": entry.vector, "properties": properties,
        })
    }

    fn query(&self, ask: &Ask<'_>, filter: Option<&str>, properties: &[&str]) -> String {
        let vector = json!(ask.vector);
        let near = match self.alpha {
            Some(alpha) => {
                let text = Value::from(ask.text);
                format!("hybrid: {{query: {text}, vector: {vector}, alpha: {alpha}}}")
            }
            None => format!("nearVector: {{vector: {vector}}}"),
        };
        let filter = filter.map(|it| format!(", where: {it}")).unwrap_or_default();
        let vector = if ask.with_vectors { " vector" } else { "" };
        format!(
            "{{ Get {{ {name}({near}, limit: {k}{filter}) {{ {properties} _additional {{ id score \
             distance{vector} }} }} }} }}",
            name = self.name,
            k = ask.k,
            properties = properties.join(" "),
        )
    }

    fn hit(&self, it: Value) -> Hit {
        let mut properties = object_in(it);
        let extra = properties.remove("_additional").unwrap_or_default();
        let text = text_in(properties.remove(&self.text_key).unwrap_or_default());
        let whole = properties.remove(WHOLE).unwrap_or_default();
        let whole = whole.as_str().and_then(|it| serde_json::from_str(it).ok());
        properties.retain(|_, value| !value.is_null());
        let score = match (self.alpha, extra["distance"].as_f64()) {
            (None, Some(distance)) => 1.0 - distance,
            // The scores of both ways together, told as text.
            _ => id_in(&extra["score"]).parse().unwrap_or_default(),
        };
        Hit {
            id: id_in(&extra["id"]),
            text,
            metadata: whole.unwrap_or(properties),
            score: as_score(score),
            vector: vector_in(&extra["vector"]),
        }
    }
}

/// One level of properties: nested keys are joined by `_`, and other marks become `_` too. What no
/// property can hold is only in the whole.
fn put(properties: &mut Map<String, Value>, before: &str, level: &Map<String, Value>) {
    for (key, value) in level {
        let key: String =
            key.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '_' }).collect();
        let key = if before.is_empty() { key } else { format!("{before}_{key}") };
        let is_word = key.starts_with(|it: char| it.is_ascii_alphabetic());
        match value {
            Value::Object(inner) => put(properties, &key, inner),
            // Weaviate keeps these names for itself.
            _ if !is_word || key == "id" || key == "vector" => {}
            Value::Array(list) if list.is_empty() || !list.iter().all(Value::is_string) => {}
            Value::Null => {}
            plain => {
                properties.insert(key, plain.clone());
            }
        }
    }
}

#[async_trait]
impl VectorServer for Collection {
    fn collection(&self) -> &str {
        &self.name
    }

    /// The server does not tell how long its vectors are; it refuses those of another length.
    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        if self.properties().await?.is_some() {
            return Ok(None);
        }
        let body = json!({
            "class": self.name,
            "vectorizer": "none",
            "vectorIndexConfig": { "distance": "cosine" },
            "properties": [
                { "name": self.text_key, "dataType": ["text"] },
                {
                    "name": WHOLE, "dataType": ["text"],
                    "indexFilterable": false, "indexSearchable": false,
                },
            ],
        });
        // Another may make it meanwhile.
        self.rest.unless(&[409, 422], Method::POST, "/v1/schema", Some(&body)).await?;
        Ok(None)
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let objects: Vec<Value> = entries.iter().map(|it| self.object(it)).collect();
        let told = self.rest.post("/v1/batch/objects", &json!({ "objects": objects })).await?;
        let results = told.as_array().map(Vec::as_slice).unwrap_or_default();
        let failed =
            results.iter().find_map(|it| it["result"]["errors"]["error"][0]["message"].as_str());
        match failed {
            Some(said) => Err(self.rest.refused(422, said)),
            None => Ok(()),
        }
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let Some(known) = self.properties().await? else { return Ok(Vec::new()) };
        let filter = match &self.filter {
            None => None,
            Some(filter) if filter::names_unknown(filter, &known) => return Ok(Vec::new()),
            Some(filter) => Some(filter::written(filter, &known)?),
        };
        let names = known.iter().map(|it| it.0.as_str());
        let wanted = |name: &&str| {
            self.metadata_keys.is_empty()
                || *name == self.text_key
                || self.metadata_keys.iter().any(|it| it == name)
        };
        let properties: Vec<&str> = names.filter(wanted).collect();
        let query = self.query(ask, filter.as_deref(), &properties);
        let mut told = self.rest.post("/v1/graphql", &json!({ "query": query })).await?;
        if let Some(said) = told["errors"][0]["message"].as_str() {
            return Err(self.rest.refused(422, said));
        }
        let Value::Array(found) = told["data"]["Get"][&self.name].take() else {
            return Ok(Vec::new());
        };
        Ok(found.into_iter().map(|it| self.hit(it)).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        for id in ids {
            let path = format!("/v1/objects/{}/{}", part(&self.name), part(id));
            // 422 is its answer to what is no UUID, which nothing here has.
            self.rest.unless(&[404, 422], Method::DELETE, &path, None).await?;
        }
        Ok(())
    }
}
