//! A double of Upstash Vector.

use flowstone_testkit::SiteCall;
use serde_json::json;

use super::super::shelf::{Answer, Call, Shelf, holds, refused};
use super::lets_in;

/// Upstash Vector: an index for vectors of 64 numbers.
pub(in super::super) fn upstash() -> impl FnMut(&SiteCall) -> Answer {
    let mut shelf = Shelf::of(&64.into());
    move |call| {
        if !lets_in(call, "authorization", "Bearer key") {
            return refused(401, "no key");
        }
        let call = Call::of(call);
        let result = match (call.method, call.path) {
            ("GET", "/info") => json!({ "dimension": shelf.length }),
            ("POST", "/upsert") => {
                for it in call.body.as_array().unwrap() {
                    shelf.put(&it["id"], &it["vector"], it["metadata"].clone()).unwrap();
                }
                json!("Success")
            }
            ("DELETE", "/delete") => {
                shelf.remove(&call.body["ids"]);
                json!({ "deleted": 0 })
            }
            ("POST", "/query") => {
                let filter = call.body["filter"].as_str().unwrap_or_default().to_owned();
                let found = shelf
                    .nearest(&call.body["vector"], &call.body["topK"], |row| holds(&filter, row));
                let one = |(id, row, vector, score)| json!({ "id": id, "score": score, "metadata": row, "vector": vector });
                found.into_iter().map(one).collect()
            }
            other => panic!("{other:?}"),
        };
        (200, json!({ "result": result }))
    }
}
