//! Documents of what a search engine answers, part by part.

use flowstone_core::Document;
use serde_json::{Map, Value, json};

use super::remote::document;

/// The parts of an answer that hold results, what answers outright first.
const PARTS: [&str; 5] =
    ["answer_box", "sports_results", "shopping_results", "knowledge_graph", "organic_results"];

/// Each result as JSON; `source` is the name of the service.
pub(super) fn documents(source: &str, found: &Map<String, Value>) -> Vec<Document> {
    let mut made = Vec::new();
    for part in PARTS {
        let metadata = json!({"source": source, "responseType": part});
        match found.get(part) {
            None | Some(Value::Null) => {}
            Some(Value::Array(results)) => {
                made.extend(results.iter().map(|it| document(it.to_string(), metadata.clone())));
            }
            Some(result) => made.push(document(result.to_string(), metadata)),
        }
    }
    made
}
