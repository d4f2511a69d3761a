//! Keeps documents in Supabase.

use std::sync::Arc;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{VectorServer, supabase::Table},
};
use serde_json::Value;

use super::{
    stored::{self, FETCH_K, FINDS, LAMBDA, SEARCH, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, RECORD_MANAGER, TOP_K},
};

const PROJECT: Input<String> = Input::text("Supabase Project URL", "supabaseProjUrl")
    .placeholder("https://PROJECT.supabase.co");
const TABLE: Input<String> = Input::text("Table Name", "tableName")
    .describe("A table with the columns id (a UUID), content, metadata and embedding");
const QUERY: Input<String> = Input::text("Query Name", "queryName")
    .describe("The function of the database that searches the table, such as match_documents");
const FILTER: Input<Option<Value>> =
    Input::json("Supabase Metadata Filter", "supabaseMetadataFilter")
        .describe("Handed to the function as filter, such as {\"source\": \"a.pdf\"}")
        .optional()
        .additional()
        .accepts_variables();
const CONDITIONS: Input<Option<String>> = Input::text("Supabase RPC Filter", "supabaseRPCFilter")
    .rows(4)
    .describe(
        "Further conditions on what the function finds, such as \
         filter(\"metadata->>page\", \"gt\", 3). With them the metadata filter is not used",
    )
    .placeholder("filter(\"metadata->a::int\", \"gt\", 5)")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Supabase",
    name: "supabase",
    version: 4.0,
    kind: "Supabase",
    icon: "supabase.svg",
    category: "Vector Stores",
    description: "Keeps documents in a table of Supabase and finds them by meaning",
    base_classes: &["Supabase", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["supabaseApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        RECORD_MANAGER.field,
        PROJECT.field,
        TABLE.field,
        QUERY.field,
        FILTER.field,
        CONDITIONS.field,
        TOP_K.field,
        SEARCH.field,
        FETCH_K.field,
        LAMBDA.field,
    ],
    outputs: &[
        Output {
            label: "Supabase Retriever",
            name: "retriever",
            base_classes: &["Supabase", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Supabase Vector Store",
            name: "vectorStore",
            base_classes: &["Supabase", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { opened(inputs) }));

fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let key = inputs.credential()?.require("supabaseApiKey", "Supabase API Key")?;
    let http = inputs.services.get::<HttpClient>()?;
    let (name, query) = (stored::name(inputs, &TABLE)?, stored::name(inputs, &QUERY)?);
    let mut table = Table::new(http, &inputs.get(&PROJECT)?, key, &name, &query);
    match stored::text(inputs, &CONDITIONS)? {
        Some(text) => {
            table.conditions = conditions(&text).ok_or_else(|| {
                Error::invalid(
                    &CONDITIONS.field,
                    "calls with a column and a value are expected, one after the other with dots, \
                     such as filter(\"metadata->>page\", \"gt\", 3).eq(\"content\", \"x\")",
                )
            })?;
        }
        None => table.filter = stored::object(inputs, &FILTER)?,
    }
    Ok(Arc::new(table))
}

/// Reads calls of Supabase's client, such as `filter("a", "gt", 5).eq("b", "x")`, as columns and what
/// holds for them.
fn conditions(text: &str) -> Option<Vec<(String, String)>> {
    let mut conditions = Vec::new();
    let mut rest = text.trim().trim_end_matches(';').trim_end();
    while !rest.is_empty() {
        let (name, inside) = rest.strip_prefix('.').unwrap_or(rest).split_once('(')?;
        let (arguments, after) = arguments(inside)?;
        let plain = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
        let said: Vec<String> = arguments.iter().map(plain).collect();
        let (column, operator, value) = match (name.trim(), said.as_slice()) {
            ("filter", [column, operator, value]) => (column, operator.as_str(), value),
            (operator, [column, value]) => (column, operator, value),
            _ => return None,
        };
        if !operator.chars().all(|it| it.is_ascii_alphanumeric() || it == '.') {
            return None;
        }
        conditions.push((column.clone(), format!("{operator}.{value}")));
        rest = after.trim_start();
    }
    Some(conditions)
}

/// What stands up to the closing bracket, and what comes after it.
fn arguments(inside: &str) -> Option<(Vec<Value>, &str)> {
    let (mut arguments, mut rest) = (Vec::new(), inside.trim_start());
    loop {
        // The client's examples have both kinds of quotes.
        let (value, after) = if let Some(quoted) = rest.strip_prefix('\'') {
            let (text, after) = quoted.split_once('\'')?;
            (Value::from(text), after)
        } else if rest.starts_with('"') {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            let value = values.next()?.ok()?;
            (value, rest.get(values.byte_offset()..)?)
        } else {
            let (word, after) = rest.split_at(rest.find([',', ')'])?);
            (serde_json::from_str(word.trim()).ok()?, after)
        };
        arguments.push(value);
        let after = after.trim_start();
        if let Some(after) = after.strip_prefix(')') {
            return Some((arguments, after));
        }
        rest = after.strip_prefix(',')?.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_the_client_become_conditions() {
        let read = conditions("filter(\"metadata->a::int\", 'gt', 5).eq('b', \"x)\");").unwrap();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(read, [pair("metadata->a::int", "gt.5"), pair("b", "eq.x)")]);
        for odd in ["x", "filter(", "filter(1)", "filter('a', 'b&', 1)", "eq('a', b)"] {
            assert_eq!(conditions(odd), None, "{odd}");
        }
    }
}
