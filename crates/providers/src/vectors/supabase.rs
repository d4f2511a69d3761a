//! Supabase's REST interface (PostgREST): a table, and a function of the database that searches it.

use std::{fmt::Write as _, sync::Arc};

use async_trait::async_trait;
use flowstone_core::{Error, MetadataFilter, Result};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    Ask, Entry, Hit, VectorServer, as_score, id_in, object_in,
    rest::{Rest, part},
    text_in, vector_in,
};
use crate::HttpClient;

/// A table of a project.
pub struct Table {
    rest: Rest,
    /// Its name.
    pub name: String,
    /// Name of the function that searches it.
    pub function: String,
    /// What the metadata must hold.
    pub filter: Option<Map<String, Value>>,
    /// Conditions on the function's rows: a column and what holds for it, as in the query of a URL.
    pub conditions: Vec<(String, String)>,
}

impl Table {
    /// The table `name` of the project at `origin`, searched by `function`.
    pub fn new(http: Arc<HttpClient>, origin: &str, key: &str, name: &str, function: &str) -> Self {
        let rest = Rest::new(http, origin, format!("Supabase, table \"{name}\""))
            .header("apikey", key)
            .header("prefer", "resolution=merge-duplicates,return=minimal")
            .secret("authorization", "Bearer ", key);
        let (name, function) = (name.to_owned(), function.to_owned());
        Self { rest, name, function, filter: None, conditions: Vec::new() }
    }

    async fn insert(&self, entries: &[Entry], with_ids: bool) -> Result<()> {
        let rows: Vec<Value> = entries
            .iter()
            .map(|it| {
                let mut row = json!({
                    "content": it.text, "embedding": it.vector, "metadata": it.metadata,
                });
                if with_ids {
                    row["id"] = it.id.clone().into();
                }
                row
            })
            .collect();
        let onto = if with_ids { "?on_conflict=id" } else { "" };
        let path = format!("/rest/v1/{}{onto}", part(&self.name));
        self.rest.post(&path, &rows.into()).await.map(drop)
    }
}

/// PostgREST repeats what the database says of an id that is no number.
fn wants_numbers(error: &Error) -> bool {
    matches!(error, Error::Provider { status: 400, message }
        if message.contains("invalid input syntax for type bigint")
            || message.contains("invalid input syntax for type integer"))
}

#[async_trait]
impl VectorServer for Table {
    fn collection(&self) -> &str {
        &self.name
    }

    /// The table and the function are made by their owner, who also says how long vectors are.
    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        let path =
            format!("/rest/v1/{}?select=embedding&embedding=not.is.null&limit=1", part(&self.name));
        let told = self.rest.call(Method::GET, &path, None).await?;
        let length = match &told[0]["embedding"] {
            // PostgREST writes what it has no type for as text.
            Value::String(text) => serde_json::from_str(text).ok().as_ref().and_then(vector_in),
            other => vector_in(other),
        };
        Ok(length.map(|it| it.len() as u64))
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        match self.insert(entries, true).await {
            // A table that numbers its rows itself: it takes no ids, so nothing can be replaced.
            Err(error) if wants_numbers(&error) => self.insert(entries, false).await,
            done => done,
        }
    }

    fn filters(&self, filter: &MetadataFilter) -> bool {
        self.filter.as_ref().is_none_or(|own| filter.conditions().all(|it| !own.contains_key(it.0)))
            && filter.conditions().all(|(key, values)| values.len() == 1 && !key.contains('.'))
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let mut path = format!("/rest/v1/rpc/{}?limit={}", part(&self.function), ask.k);
        for (column, condition) in &self.conditions {
            let _ = write!(path, "&{}={}", part(column), part(condition));
        }
        let mut body = json!({ "query_embedding": ask.vector });
        let mut filter = self.filter.clone().unwrap_or_default();
        // What the metadata must contain: one value for each key.
        let asked = ask.filter.conditions();
        filter.extend(asked.filter_map(|(key, it)| Some((key.to_owned(), it.first()?.clone()))));
        if self.filter.is_some() || !filter.is_empty() {
            body["filter"] = filter.into();
        }
        let Value::Array(found) = self.rest.post(&path, &body).await? else {
            return Ok(Vec::new());
        };
        let hit = |mut it: Value| Hit {
            id: id_in(&it["id"]),
            text: text_in(it["content"].take()),
            metadata: object_in(it["metadata"].take()),
            score: as_score(it["similarity"].as_f64().unwrap_or_default()),
            vector: match &it["embedding"] {
                Value::String(text) => serde_json::from_str(text).ok().as_ref().and_then(vector_in),
                other => vector_in(other),
            },
        };
        Ok(found.into_iter().map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        // Ids in a URL: not too many at once.
        for ids in ids.chunks(100) {
            let quoted =
                |id: &String| format!("\"{}\"", id.replace('\\', "\\\\").replace('"', "\\\""));
            let list: Vec<String> = ids.iter().map(quoted).collect();
            let list = part(&format!("in.({})", list.join(",")));
            let path = format!("/rest/v1/{}?id={list}", part(&self.name));
            // An id that is no UUID or no number is none of the table's.
            match self.rest.call(Method::DELETE, &path, None).await {
                Err(Error::Provider { status: 400, message })
                    if message.contains("invalid input syntax") => {}
                done => done.map(drop)?,
            }
        }
        Ok(())
    }
}
