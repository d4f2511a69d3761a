//! A double of Elasticsearch and of OpenSearch.

use std::collections::HashMap;

use flowstone_testkit::SiteCall;
use serde_json::{Value, json};

use super::super::shelf::{Answer, Call, Shelf, refused};
use super::lets_in;

/// Elasticsearch, or OpenSearch: indices by name.
pub(in super::super) fn search_engine(is_elastic: bool) -> impl FnMut(&SiteCall) -> Answer {
    let mut indices: HashMap<String, Shelf> = HashMap::new();
    let header = if is_elastic { "ApiKey key" } else { "Basic dXNlcjpwYXNz" };
    move |call| {
        if !lets_in(call, "authorization", header) {
            return refused(401, "no key");
        }
        let call = Call::of(call);
        let (name, rest) = call.path[1..].split_once('/').unwrap_or((&call.path[1..], ""));
        if call.method == "PUT" {
            let field = &call.body["mappings"]["properties"]["embedding"];
            let length = if is_elastic {
                assert_eq!(field["similarity"], "l2_norm");
                &field["dims"]
            } else {
                assert_eq!(field["method"]["space_type"], "l2");
                &field["dimension"]
            };
            indices.insert(name.to_owned(), Shelf::of(length));
            return (200, json!({ "acknowledged": true }));
        }
        let Some(shelf) = indices.get_mut(name) else {
            return (404, json!({ "error": { "reason": "no such index" }, "status": 404 }));
        };
        match rest {
            "_mapping" => {
                let key = if is_elastic { "dims" } else { "dimension" };
                let field = json!({ key: shelf.length });
                let properties = json!({ "embedding": field });
                (200, json!({ name: { "mappings": { "properties": properties } } }))
            }
            "_bulk" => (200, bulk(shelf, call.text)),
            "_search" => {
                let (vector, k, filter) = if is_elastic {
                    let near = &call.body["knn"];
                    assert!(near["num_candidates"].as_u64() >= near["k"].as_u64());
                    (&near["query_vector"], &near["k"], &near["filter"])
                } else {
                    let near = &call.body["query"]["knn"]["embedding"];
                    (&near["vector"], &near["k"], &near["filter"])
                };
                let hit =
                    |(id, row, _, score)| json!({ "_id": id, "_score": score, "_source": row });
                let found = shelf.nearest(vector, k, |row| holds(filter, row)).into_iter();
                let hits: Vec<Value> = found.map(hit).collect();
                (200, json!({ "hits": { "hits": hits } }))
            }
            other => panic!("{other}"),
        }
    }
}

/// Whether a query of the conditions that are known here holds for a row.
fn holds(query: &Value, row: &Value) -> bool {
    if query.is_null() {
        return true;
    }
    if let Some((field, values)) = query["terms"].as_object().and_then(|it| it.iter().next()) {
        let held = row.pointer(&format!("/{}", field.replace('.', "/")));
        return held.is_some_and(|it| values.as_array().unwrap().contains(it));
    }
    let list = |name: &str| query["bool"][name].as_array();
    let all = list("must").is_none_or(|it| it.iter().all(|it| holds(it, row)));
    all && list("should").is_none_or(|it| it.iter().any(|it| holds(it, row)))
}

fn bulk(shelf: &mut Shelf, text: &str) -> Value {
    let mut lines = text.lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
    let mut items = Vec::new();
    while let Some(order) = lines.next() {
        let (what, meta) = order.as_object().unwrap().iter().next().unwrap();
        let mut result = json!({ "_id": meta["_id"], "status": 200 });
        if what == "delete" {
            if !shelf.has(meta["_id"].as_str().unwrap()) {
                result["status"] = 404.into();
            }
            shelf.remove(&json!([meta["_id"]]));
        } else {
            let source = lines.next().unwrap();
            if let Err(said) = shelf.put(&meta["_id"], &source["embedding"], source.clone()) {
                result = json!({ "status": 400, "error": { "reason": said } });
            }
        }
        items.push(json!({ what: result }));
    }
    let failed = items.iter().any(|it| !it.to_string().contains("\"status\":200"));
    json!({ "errors": failed, "items": items })
}
