//! Neo4j over HTTP: its Query API (<https://neo4j.com/docs/query-api/current/>).

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use flowstone_core::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::http::{HttpClient, Retry};

/// Longest answer, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;

/// A database of a server.
#[derive(Clone)]
pub struct Database {
    http: Arc<HttpClient>,
    address: String,
    login: String,
    timeout: Option<Duration>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Option<Table>,
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Table {
    fields: Vec<String>,
    values: Vec<Vec<Value>>,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(default)]
    message: String,
}

impl Database {
    /// The database `name` of the server at `url`, which may be written for drivers, such as
    /// `neo4j+s://HOST`: it is called by HTTP then, at the usual port.
    ///
    /// # Errors
    /// `Credential` where the address cannot be understood.
    pub fn new(
        http: Arc<HttpClient>,
        url: &str,
        (user, password): (&str, &str),
        name: &str,
        timeout: Option<Duration>,
    ) -> Result<Self> {
        let base = by_http(url).ok_or_else(|| {
            Error::Credential(
                "the credential's Neo4j URL is no address of a server, such as \
                 neo4j+s://HOST or http://HOST:7474"
                    .to_owned(),
            )
        })?;
        let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        Ok(Self {
            http,
            address: format!("{base}/db/{}/query/v2", name.replace('+', "%20")),
            login: STANDARD.encode(format!("{user}:{password}")),
            timeout,
        })
    }

    /// Runs a statement that reads; one that writes is refused by the server. Each row is an object
    /// of its columns.
    ///
    /// # Errors
    /// `Provider` with the server's words, `Transport` where it cannot be reached.
    pub async fn read(&self, statement: &str) -> Result<Vec<Map<String, Value>>> {
        let body = json!({"statement": statement, "accessMode": "READ"});
        let request = self.http.post(&self.address)?.retry(Retry::Always).timeout(self.timeout);
        let request = request.header("authorization", &format!("Basic {}", self.login));
        let answer = request.header("accept", "application/json").json(&body).send().await?;
        let status = answer.status();
        let answer: Answer = answer.json(LONGEST).await.map_err(|error| {
            Error::Transport(format!("Neo4j gave an answer that is none of its Query API: {error}"))
        })?;
        if let Some(fault) = answer.errors.into_iter().next() {
            let status = if status.is_success() { 400 } else { status.as_u16() };
            return Err(Error::Provider { status, message: format!("Neo4j: {}", fault.message) });
        }
        let Some(table) = answer.data else {
            let message = "Neo4j gave no reason".to_owned();
            return Err(Error::Provider { status: status.as_u16(), message });
        };
        let rows = table.values.into_iter();
        Ok(rows.map(|row| table.fields.iter().cloned().zip(row).collect()).collect())
    }
}

/// The address of a server's HTTP interface; `None` for what is no address.
fn by_http(url: &str) -> Option<String> {
    let url = Url::parse(url.trim()).ok()?;
    let host = url.host_str().filter(|it| !it.is_empty())?;
    let scheme = match url.scheme() {
        "http" | "bolt" | "neo4j" => "http",
        "https" | "bolt+s" | "neo4j+s" | "bolt+ssc" | "neo4j+ssc" => "https",
        _ => return None,
    };
    // Neo4j's cloud serves HTTP at its usual port; a server of one's own at Neo4j's.
    let cloud = host.ends_with(".neo4j.io");
    let port = match (url.scheme(), url.port()) {
        ("http" | "https", Some(port)) => format!(":{port}"),
        ("http" | "https", None) => String::new(),
        _ if cloud => String::new(),
        _ if scheme == "https" => ":7473".to_owned(),
        _ => ":7474".to_owned(),
    };
    Some(format!("{scheme}://{host}{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_drivers_are_called_by_http() {
        for (written, expected) in [
            ("neo4j+s://abc.databases.neo4j.io", Some("https://abc.databases.neo4j.io")),
            ("bolt://graph:7687", Some("http://graph:7474")),
            ("neo4j+ssc://graph", Some("https://graph:7473")),
            ("http://graph:8080/", Some("http://graph:8080")),
            ("https://graph", Some("https://graph")),
            ("ftp://graph", None),
            ("graph", None),
        ] {
            assert_eq!(by_http(written).as_deref(), expected, "{written}");
        }
    }
}
