//! Couchbase over HTTP: its query service writes and reads documents, its search service finds them.

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowstone_core::{Error, Result};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::{
    Ask, Entry, Hit, VectorServer, as_score, id_in, object_in,
    rest::{Rest, part},
    text_in, vector_in,
};
use crate::HttpClient;

/// A collection of a cluster and the index that searches it.
pub struct Collection {
    query: Rest,
    search: Rest,
    place: Place,
    name: String,
    /// The field that holds the text.
    pub text_key: String,
    /// The field that holds the vector.
    pub embedding_key: String,
    /// A condition: a query of the search service.
    pub filter: Option<Value>,
}

/// Where a collection is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// The scope in it.
    pub scope: String,
    /// The collection in that.
    pub collection: String,
    /// The index of the search service.
    pub index: String,
}

impl Collection {
    /// A collection of the cluster that a connection string names: `couchbase://HOST`,
    /// `couchbases://HOST` for TLS, or an `http` address that leads to both services.
    ///
    /// # Errors
    /// `Credential` where it is none.
    pub fn new(
        http: &Arc<HttpClient>,
        connection: &str,
        login: (&str, &str),
        place: Place,
    ) -> Result<Self> {
        let (query, search) = addresses(connection)?;
        let secret = STANDARD.encode(format!("{}:{}", login.0, login.1));
        let name = format!("{}.{}.{}", place.bucket, place.scope, place.collection);
        let rest = |origin: &str| {
            let rest = Rest::new(http.clone(), origin, format!("Couchbase, {name}"));
            rest.secret("authorization", "Basic ", &secret)
        };
        Ok(Self {
            query: rest(&query),
            search: rest(&search),
            place,
            name: name.clone(),
            text_key: "text".to_owned(),
            embedding_key: "embedding".to_owned(),
            filter: None,
        })
    }

    /// Runs a statement over the collection; `KEYSPACE` in it is its name.
    async fn run(&self, statement: &str, name: &str, value: Value) -> Result<Vec<Value>> {
        let quoted = |it: &str| format!("`{}`", it.replace('`', "``"));
        let Place { bucket, scope, collection, .. } = &self.place;
        let keyspace = [bucket, scope, collection].map(|it| quoted(it)).join(".");
        let mut body = json!({ "statement": statement.replace("KEYSPACE", &keyspace) });
        body[name] = value;
        let mut told = self.query.post("/query/service", &body).await?;
        if let Some(said) = told["errors"][0]["msg"].as_str() {
            return Err(self.query.refused(400, said));
        }
        match told["results"].take() {
            Value::Array(rows) => Ok(rows),
            _ => Ok(Vec::new()),
        }
    }

    fn index(&self) -> String {
        let Place { bucket, scope, index, .. } = &self.place;
        format!("/api/bucket/{}/scope/{}/index/{}", part(bucket), part(scope), part(index))
    }
}

/// Where the query service and the search service are.
fn addresses(connection: &str) -> Result<(String, String)> {
    let wrong = || {
        Error::Credential(
            "the connection string of Couchbase looks like couchbase://HOST, couchbases://HOST for \
             TLS, or https://HOST:PORT where one address leads to both services"
                .to_owned(),
        )
    };
    let url = Url::parse(connection.trim()).map_err(|_| wrong())?;
    let host = url.host_str().filter(|it| !it.is_empty()).ok_or_else(wrong)?;
    // A list of nodes: any of them answers.
    let host = host.split(',').next().unwrap_or(host);
    Ok(match url.scheme() {
        "couchbase" => (format!("http://{host}:8093"), format!("http://{host}:8094")),
        "couchbases" => (format!("https://{host}:18093"), format!("https://{host}:18094")),
        "http" | "https" => {
            let origin = url.origin().ascii_serialization();
            (origin.clone(), origin)
        }
        _ => return Err(wrong()),
    })
}

/// The length of the vectors that an index's definition gives the field called `name`.
fn length_in(value: &Value, name: &str) -> Option<u64> {
    match value {
        Value::Object(map) => {
            let own = map.get("dims").and_then(Value::as_u64);
            let own = own.filter(|_| map.get("name").is_some_and(|it| it == name));
            own.or_else(|| map.values().find_map(|it| length_in(it, name)))
        }
        Value::Array(list) => list.iter().find_map(|it| length_in(it, name)),
        _ => None,
    }
}

#[async_trait]
impl VectorServer for Collection {
    fn collection(&self) -> &str {
        &self.name
    }

    /// Bucket, collection and index are made by their owner.
    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        let told = self.search.call(Method::GET, &self.index(), None).await?;
        Ok(length_in(&told, &self.embedding_key))
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let entry = |it: &Entry| {
            let document = json!({
                &self.text_key: it.text,
                &self.embedding_key: it.vector,
                "metadata": it.metadata,
            });
            json!({ "id": it.id, "document": document })
        };
        let entries: Vec<Value> = entries.iter().map(entry).collect();
        let statement = "UPSERT INTO KEYSPACE (KEY k, VALUE v) SELECT e.id AS k, e.document AS v \
                         FROM $entries AS e";
        self.run(statement, "$entries", entries.into()).await.map(drop)
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let mut near = json!({ "field": self.embedding_key, "vector": ask.vector, "k": ask.k });
        if let Some(filter) = &self.filter {
            near["filter"] = filter.clone();
        }
        let body = json!({ "query": { "match_none": {} }, "knn": [near], "size": ask.k });
        let found = self.search.post(&format!("{}/query", self.index()), &body).await?;
        let hits = found["hits"].as_array().map(Vec::as_slice).unwrap_or_default();
        if hits.is_empty() {
            return Ok(Vec::new());
        }
        // The search service knows ids; what they hold, the query service.
        let ids: Vec<&Value> = hits.iter().map(|it| &it["id"]).collect();
        let statement = "SELECT META(d).id AS id, d AS document FROM KEYSPACE AS d USE KEYS $ids";
        let mut rows = self.run(statement, "$ids", json!(ids)).await?;
        let hit = |found: &Value| {
            // One may be gone that the index still knows.
            let row = rows.iter_mut().find(|it| it["id"] == found["id"])?;
            let document = &mut row["document"];
            Some(Hit {
                id: id_in(&found["id"]),
                text: text_in(document[&self.text_key].take()),
                metadata: object_in(document["metadata"].take()),
                score: as_score(found["score"].as_f64().unwrap_or_default()),
                vector: vector_in(&document[&self.embedding_key]),
            })
        };
        Ok(hits.iter().filter_map(hit).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        let statement = "DELETE FROM KEYSPACE USE KEYS $ids";
        self.run(statement, "$ids", json!(ids)).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_leads_to_both_services() {
        let query = |text: &str| addresses(text).map(|it| it.0);
        assert_eq!(query("couchbase://db.example,db2.example").unwrap(), "http://db.example:8093");
        assert_eq!(query("couchbases://db.example").unwrap(), "https://db.example:18093");
        assert_eq!(query("https://db.example:9000/x").unwrap(), "https://db.example:9000");
        for odd in ["", "db.example", "ftp://db.example", "couchbase:"] {
            assert!(matches!(addresses(odd), Err(Error::Credential(_))), "{odd}");
        }
    }
}
