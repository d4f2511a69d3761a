//! A double of Supabase.

use flowstone_testkit::SiteCall;
use serde_json::{Value, json};

use super::super::shelf::{Answer, Call, Shelf, refused};
use super::lets_in;

/// PostgREST over the table `contract` and the function `match_contract`.
pub(in super::super) fn supabase() -> impl FnMut(&SiteCall) -> Answer {
    let mut shelf = Shelf::default();
    move |call| {
        if !lets_in(call, "apikey", "key") || !lets_in(call, "authorization", "Bearer key") {
            return refused(401, "no key");
        }
        let replaces = call.headers["prefer"].contains("resolution=merge-duplicates");
        let call = Call::of(call);
        match (call.method, call.path) {
            ("GET", "/rest/v1/contract") => {
                // pgvector's type is text to PostgREST.
                let row = |it: &Vec<f32>| json!({ "embedding": json!(it).to_string() });
                (200, shelf.any_vector().map(row).into_iter().collect())
            }
            ("POST", "/rest/v1/contract") => {
                assert!(replaces && call.query == "on_conflict=id");
                for it in call.body.as_array().unwrap() {
                    if let Err(said) = shelf.put(&it["id"], &it["embedding"], it.clone()) {
                        return refused(400, &said);
                    }
                }
                (201, Value::Null)
            }
            ("DELETE", "/rest/v1/contract") => {
                let ids = call.query.strip_prefix("id=in.%28").unwrap().replace("%22", "");
                shelf.retain(|id, _| !ids.contains(id));
                (204, Value::Null)
            }
            ("POST", "/rest/v1/rpc/match_contract") => {
                let filter = call.body["filter"].as_object().cloned().unwrap_or_default();
                let vector = &call.body["query_embedding"];
                let found = shelf.nearest(vector, &call.number("limit"), |row| {
                    filter.iter().all(|(key, value)| row["metadata"].get(key) == Some(value))
                });
                let one = |(id, row, vector, score): (_, Value, Vec<f32>, f32)| {
                    json!({
                        "id": id, "content": row["content"], "metadata": row["metadata"],
                        "embedding": json!(vector).to_string(), "similarity": score,
                    })
                };
                (200, found.into_iter().map(one).collect())
            }
            other => panic!("{other:?}"),
        }
    }
}
