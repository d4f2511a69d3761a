//! A double of Qdrant.

use flowstone_testkit::SiteCall;
use serde_json::{Value, json};

use super::super::shelf::{Answer, Call, Shelf, refused};
use super::lets_in;

/// Qdrant: one collection called `contract`.
pub(in super::super) fn qdrant() -> impl FnMut(&SiteCall) -> Answer {
    let mut shelf: Option<Shelf> = None;
    move |call| {
        if !lets_in(call, "api-key", "key") {
            return refused(401, "no key");
        }
        let call = Call::of(call);
        let path = call.path.strip_prefix("/collections/contract").unwrap();
        if call.method == "PUT" && path.is_empty() {
            assert_eq!(call.body["vectors"]["distance"], "Cosine");
            shelf = Some(Shelf::of(&call.body["vectors"]["size"]));
            return (200, json!({ "result": true }));
        }
        let Some(shelf) = &mut shelf else {
            return (404, json!({ "status": { "error": "Not found: Collection `contract`" } }));
        };
        let result = match (call.method, path) {
            ("GET", "") => json!({ "config": { "params": { "vectors": {
                "size": shelf.length, "distance": "Cosine",
            } } } }),
            ("PUT", "/points") => {
                for it in call.body["points"].as_array().unwrap() {
                    if let Err(said) = shelf.put(&it["id"], &it["vector"], it["payload"].clone()) {
                        return (400, json!({ "status": { "error": said } }));
                    }
                }
                json!({ "status": "completed" })
            }
            ("POST", "/points/delete") => {
                shelf.remove(&call.body["points"]);
                json!({ "status": "completed" })
            }
            ("POST", "/points/search") => {
                let filter = &call.body["filter"];
                let found = shelf.nearest(&call.body["vector"], &call.body["limit"], |row| {
                    qdrant_holds(filter, row)
                });
                let point = |(id, row, vector, score): (String, Value, Vec<f32>, f32)| {
                    let vector = (call.body["with_vector"] == true).then_some(vector);
                    json!({ "id": id, "score": score, "payload": row, "vector": vector })
                };
                found.into_iter().map(point).collect()
            }
            other => panic!("{other:?}"),
        };
        (200, json!({ "result": result }))
    }
}

fn qdrant_holds(filter: &Value, row: &Value) -> bool {
    let at = |key: &Value| {
        let path = format!("/{}", key.as_str().unwrap().replace('.', "/"));
        row.pointer(&path).cloned().unwrap_or_default()
    };
    if filter["is_empty"].is_object() {
        return at(&filter["is_empty"]["key"]).is_null();
    }
    if filter["key"].is_string() {
        return at(&filter["key"]) == filter["match"]["value"];
    }
    let all = filter["must"].as_array().is_none_or(|it| it.iter().all(|it| qdrant_holds(it, row)));
    let some = filter["should"].as_array();
    all && some.is_none_or(|it| it.iter().any(|it| qdrant_holds(it, row)))
}
