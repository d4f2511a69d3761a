//! A double of Pinecone.

use std::collections::HashMap;

use flowstone_testkit::SiteCall;
use serde_json::{Value, json};

use super::super::shelf::{Answer, Call, Shelf, refused};
use super::{lets_in, operators_hold};

/// Pinecone: the index `contract` for vectors of 64 numbers, itself at `host`.
pub(in super::super) fn pinecone() -> impl FnMut(&SiteCall) -> Answer {
    let mut spaces: HashMap<String, Shelf> = HashMap::new();
    move |call| {
        if !lets_in(call, "api-key", "key") || !call.headers.contains_key("x-pinecone-api-version")
        {
            return refused(401, "no key");
        }
        let host = format!("http://{}", call.headers["host"]);
        let call = Call::of(call);
        if call.method == "GET" {
            let known = json!({ "host": host, "dimension": 64, "metric": "cosine" });
            let is_there = call.path == "/indexes/contract";
            return if is_there { (200, known) } else { refused(404, "no such index") };
        }
        let space = call.body["namespace"].as_str().unwrap().to_owned();
        let is_new = !spaces.contains_key(&space);
        let shelf = spaces.entry(space).or_insert_with(|| Shelf::of(&64.into()));
        match call.path {
            "/vectors/upsert" => {
                for it in call.body["vectors"].as_array().unwrap() {
                    let metadata = it["metadata"].as_object().unwrap();
                    let plain = |it: &Value| !it.is_object() && !it.is_null();
                    assert!(metadata.values().all(plain), "one level of values: {metadata:?}");
                    if let Err(said) = shelf.put(&it["id"], &it["values"], it["metadata"].clone()) {
                        return refused(400, &said);
                    }
                }
                (200, json!({}))
            }
            "/vectors/delete" if is_new => refused(404, "no such namespace"),
            "/vectors/delete" => {
                shelf.remove(&call.body["ids"]);
                (200, json!({}))
            }
            "/query" => {
                let filter = &call.body["filter"];
                let found = shelf.nearest(&call.body["vector"], &call.body["topK"], |row| {
                    operators_hold(filter, row)
                });
                let one = |(id, row, vector, score)| json!({ "id": id, "score": score, "metadata": row, "values": vector });
                (200, json!({ "matches": found.into_iter().map(one).collect::<Vec<_>>() }))
            }
            other => panic!("{other}"),
        }
    }
}
