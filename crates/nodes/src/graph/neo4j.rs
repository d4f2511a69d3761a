//! A graph in Neo4j.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use async_trait::async_trait;
use flowstone_core::{Capability, Graph, Input, Inputs, Node, Result, Spec, spec::CredentialSlot};
use flowstone_providers::{HttpClient, neo4j::Database};
use serde_json::{Map, Value};

const DATABASE: Input<Option<String>> = Input::text("Database", "database")
    .describe("Name of the database; the usual one where it is empty")
    .placeholder("neo4j")
    .optional();
const TIMEOUT: Input<Option<f64>> = Input::number("Timeout (ms)", "timeoutMs")
    .default(5000.0)
    .describe("How long to wait for an answer, in milliseconds")
    .optional();
const ENHANCED: Input<bool> = Input::flag("Enhanced Schema", "enhancedSchema")
    .default(false)
    .describe("Tells the model some values of each property as well, which takes longer")
    .may_be_empty();

/// How many relationships are looked at to learn what is related to what.
const PATTERNS: &str = "MATCH (a)-[r]->(b) WITH a, r, b LIMIT 100000 \
    RETURN DISTINCT labels(a) AS one, type(r) AS kind, labels(b) AS other LIMIT 300";
const NODES: &str = "CALL db.schema.nodeTypeProperties() \
    YIELD nodeType, propertyName, propertyTypes RETURN nodeType AS kind, propertyName AS name, \
    propertyTypes AS types";
const RELATIONSHIPS: &str = "CALL db.schema.relTypeProperties() \
    YIELD relType, propertyName, propertyTypes RETURN relType AS kind, propertyName AS name, \
    propertyTypes AS types";
const EXAMPLES: &str = "MATCH (n) WITH n LIMIT 1000 UNWIND keys(n) AS name \
    WITH labels(n) AS kinds, name, toStringOrNull(n[name]) AS value WHERE value IS NOT NULL \
    RETURN kinds, name, collect(DISTINCT left(value, 60))[..3] AS examples LIMIT 300";

static SPEC: Spec = Spec {
    label: "Neo4j",
    name: "Neo4j",
    version: 1.0,
    kind: "Neo4j",
    icon: "graph-store.svg",
    category: "Graph",
    description: "A graph in Neo4j, over its HTTP interface; it is only read",
    base_classes: &["Neo4j"],
    credential: Some(CredentialSlot::required(&["neo4jApi"])),
    inputs: &[DATABASE.field, TIMEOUT.field, ENHANCED.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Neo4j;

#[async_trait]
impl Node for Neo4j {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let credential = inputs.credential()?;
        let login = (
            credential.require("username", "Username")?,
            credential.require("password", "Password")?,
        );
        let timeout = inputs.get(&TIMEOUT)?.filter(|it| *it > 0.0);
        let database = Database::new(
            inputs.services.get::<HttpClient>()?,
            credential.require("url", "Neo4j URL")?,
            login,
            &inputs.get(&DATABASE)?.unwrap_or_else(|| "neo4j".to_owned()),
            timeout.and_then(|it| Duration::try_from_secs_f64(it / 1000.0).ok()),
        )?;
        Ok(Capability::Graph(Arc::new(Read { database, enhanced: inputs.get(&ENHANCED)? })))
    }
}

struct Read {
    database: Database,
    enhanced: bool,
}

#[async_trait]
impl Graph for Read {
    async fn schema(&self) -> Result<String> {
        let mut text = String::new();
        for (title, statement) in [("Nodes", NODES), ("Properties of relationships", RELATIONSHIPS)]
        {
            let _ = writeln!(text, "{title}:");
            for row in self.database.read(statement).await? {
                properties(&mut text, &row);
            }
        }
        text.push_str("Relationships:\n");
        for row in self.database.read(PATTERNS).await? {
            let (one, kind, other) =
                (labels(&row, "one"), text_of(&row, "kind"), labels(&row, "other"));
            let _ = writeln!(text, "({one})-[:{kind}]->({other})");
        }
        if self.enhanced {
            text.push_str("Some values:\n");
            for row in self.database.read(EXAMPLES).await? {
                let (kinds, name) = (labels(&row, "kinds"), text_of(&row, "name"));
                let _ = writeln!(text, "({kinds}) {name}: {}", row["examples"]);
            }
        }
        Ok(text)
    }

    async fn read(&self, statement: &str) -> Result<Vec<Map<String, Value>>> {
        self.database.read(statement).await
    }
}

/// A kind with one of its properties; a kind without any has none.
fn properties(text: &mut String, row: &Map<String, Value>) {
    let kind = text_of(row, "kind");
    let _ = match row.get("name").and_then(Value::as_str) {
        None => writeln!(text, "{kind}"),
        Some(name) => {
            let types = row.get("types").and_then(Value::as_array).into_iter().flatten();
            let types: Vec<&str> = types.filter_map(Value::as_str).collect();
            writeln!(text, "{kind} {name}: {}", types.join(" or "))
        }
    };
}

fn labels(row: &Map<String, Value>, name: &str) -> String {
    let list = row.get(name).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).fold(String::new(), |text, label| text + ":" + label)
}

fn text_of<'a>(row: &'a Map<String, Value>, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}
