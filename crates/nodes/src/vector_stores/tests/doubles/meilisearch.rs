//! A double of Meilisearch.

use flowstone_testkit::SiteCall;
use serde_json::{Value, json};

use super::super::shelf::{Answer, Call, Shelf, holds, refused};
use super::lets_in;

/// Meilisearch: one index called `contract`. It only takes note of what is to be written, and says
/// under the number of the task what became of it.
pub(in super::super) fn meilisearch() -> impl FnMut(&SiteCall) -> Answer {
    let mut shelf: Option<Shelf> = None;
    let mut failed: Option<String> = None;
    move |call| {
        let searches = call.path.ends_with("/search");
        let key = if searches { "Bearer search" } else { "Bearer admin" };
        if !lets_in(call, "authorization", key) {
            return refused(401, "no key");
        }
        let call = Call::of(call);
        if call.path == "/tasks/7" {
            return match failed.take() {
                Some(said) => (200, json!({ "status": "failed", "error": { "message": said } })),
                None => (200, json!({ "status": "succeeded" })),
            };
        }
        let noted = (202, json!({ "taskUid": 7 }));
        if (call.method, call.path) == ("POST", "/indexes") {
            shelf = Some(Shelf::default());
            return noted;
        }
        let Some(known) = &mut shelf else { return refused(404, "no such index") };
        match (call.method, call.path.strip_prefix("/indexes/contract").unwrap()) {
            ("GET", "") => (200, json!({ "uid": "contract" })),
            ("DELETE", "") => {
                shelf = None;
                noted
            }
            ("GET", "/settings/embedders") => match known.length {
                Some(length) => (200, json!({ "ollama": { "dimensions": length } })),
                None => (200, json!({})),
            },
            ("PATCH", "/settings") => {
                *known = Shelf::of(&call.body["embedders"]["ollama"]["dimensions"]);
                noted
            }
            ("POST", "/documents") => {
                for it in call.body.as_array().unwrap() {
                    let vector = &it["_vectors"]["ollama"]["embeddings"];
                    failed = known.put(&it["objectID"], vector, it.clone()).err().or(failed.take());
                }
                noted
            }
            ("POST", "/documents/delete-batch") => {
                known.remove(&call.body);
                noted
            }
            ("POST", "/search") => {
                let filter = call.body["filter"].as_str().unwrap_or_default().to_owned();
                let (vector, limit) = (&call.body["vector"], &call.body["limit"]);
                let found = known.nearest(vector, limit, |row| holds(&filter, row));
                let one = |(_, mut row, _, score): (String, Value, Vec<f32>, f32)| {
                    row["_rankingScore"] = score.into();
                    row
                };
                (200, json!({ "hits": found.into_iter().map(one).collect::<Vec<_>>() }))
            }
            other => panic!("{other:?}"),
        }
    }
}
