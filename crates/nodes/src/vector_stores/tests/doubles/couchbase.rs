//! A double of Couchbase.

use flowstone_testkit::SiteCall;
use serde_json::{Value, json};

use super::super::shelf::{Answer, Call, Shelf, refused};
use super::lets_in;

/// Couchbase's query and search services, at one address.
pub(in super::super) fn couchbase() -> impl FnMut(&SiteCall) -> Answer {
    let mut shelf = Shelf::of(&64.into());
    move |call| {
        if !lets_in(call, "authorization", "Basic dXNlcjpwYXNz") {
            return refused(401, "no key");
        }
        let call = Call::of(call);
        let index = "/api/bucket/b/scope/s/index/i";
        if (call.method, call.path) == ("GET", index) {
            let field = json!({ "name": "embedding", "dims": shelf.length, "type": "vector" });
            return (200, json!({ "indexDef": { "params": { "fields": [field] } } }));
        }
        if call.path.strip_prefix(index) == Some("/query") {
            let near = &call.body["knn"][0];
            let filter = near["filter"].clone();
            let found = shelf.nearest(&near["vector"], &near["k"], |row| {
                let Some(field) = filter["field"].as_str() else { return true };
                let path = format!("/{}", field.replace('.', "/"));
                row.pointer(&path) == Some(&filter["min"])
            });
            let one = |(id, _, _, score)| json!({ "id": id, "score": score });
            return (200, json!({ "hits": found.into_iter().map(one).collect::<Vec<_>>() }));
        }
        assert_eq!(call.path, "/query/service");
        let statement = call.body["statement"].as_str().unwrap();
        assert!(statement.contains("`b`.`s`.`c`"), "{statement}");
        let results = match statement.split_once(' ').unwrap().0 {
            "UPSERT" => {
                for it in call.body["$entries"].as_array().unwrap() {
                    let document = &it["document"];
                    shelf.put(&it["id"], &document["embedding"], document.clone()).unwrap();
                }
                json!([])
            }
            "DELETE" => {
                shelf.remove(&call.body["$ids"]);
                json!([])
            }
            "SELECT" => {
                let one = |id: &Value| {
                    let document = shelf.get(id.as_str().unwrap()).unwrap();
                    json!({ "id": id, "document": document })
                };
                call.body["$ids"].as_array().unwrap().iter().map(one).collect()
            }
            other => panic!("{other}"),
        };
        (200, json!({ "results": results, "status": "success" }))
    }
}
