//! A double of Zep.

use flowstone_providers::vectors::Hit;
use flowstone_testkit::SiteCall;
use serde_json::{Map, Value, json};

use super::super::shelf::{Answer, Call, Shelf, holds, refused};
use super::lets_in;
use crate::vector_stores::diverse::chosen;

/// Zep's collection `contract`: of the open-source server, or of the cloud, which makes vectors of
/// texts by `embed`.
pub(in super::super) fn zep(
    embed: Option<fn(&str) -> Vec<f32>>,
) -> impl FnMut(&SiteCall) -> Answer {
    let mut shelf: Option<Shelf> = None;
    let mut number = 0;
    move |call| {
        let (key, root, documents, get) = match embed {
            None => {
                ("Bearer key", "/api/v1/collection/contract", "/document", "/document/list/get")
            }
            Some(_) => {
                let root = "/api/v2/collections/contract";
                ("Api-Key key", root, "/documents", "/documents/batchGet")
            }
        };
        if !lets_in(call, "authorization", key) {
            return refused(401, "no key");
        }
        let call = Call::of(call);
        let path = call.path.strip_prefix(root).unwrap();
        let vector_of = |given: &Value, text: &Value| match embed {
            Some(embed) => json!(embed(text.as_str().unwrap())),
            None => given.clone(),
        };
        if (call.method, path) == ("POST", "") {
            shelf = Some(match embed {
                None => Shelf::of(&call.body["embedding_dimensions"]),
                Some(_) => Shelf::default(),
            });
            return (200, json!("OK"));
        }
        let Some(shelf) = &mut shelf else { return refused(404, "no such collection") };
        if (call.method, path) == ("GET", "") {
            return (200, json!({ "name": "contract", "embedding_dimensions": shelf.length }));
        }
        if path == documents {
            for it in call.body.as_array().unwrap() {
                number += 1;
                let (mut row, uuid) = (it.clone(), json!(format!("zep {number}")));
                row["uuid"] = uuid.clone();
                shelf.put(&uuid, &vector_of(&it["embedding"], &it["content"]), row).unwrap();
            }
            return (200, json!([]));
        }
        if path == get {
            let wanted = call.body["document_ids"].as_array().unwrap();
            let any = json!(vec![1.0; 64]);
            let found =
                shelf.nearest(&any, &9999.into(), |row| wanted.contains(&row["document_id"]));
            return (200, found.into_iter().map(|it| it.1).collect());
        }
        if path.ends_with("/batchDelete") {
            shelf.remove(&call.body);
            return (200, json!("OK"));
        }
        assert_eq!(path, "/search");
        let filter = call.body["metadata"]["where"]["jsonpath"].as_str().map(|it| {
            let condition = it.strip_prefix("$[*] ? (@.").and_then(|it| it.strip_suffix(')'));
            condition.unwrap().to_owned()
        });
        let vector = vector_of(&call.body["embedding"], &call.body["text"]);
        let is_diverse = call.body["search_type"] == "mmr";
        let limit = if is_diverse { 999.into() } else { call.number("limit") };
        let mut found = shelf.nearest(&vector, &limit, |row| {
            filter.as_ref().is_none_or(|it| holds(it, &row["metadata"]))
        });
        if is_diverse {
            let ids = diverse(&vector, &found, &call);
            found.retain(|it| ids.contains(&it.0));
        }
        let one = |(_, mut row, vector, score): (String, Value, Vec<f32>, f32)| {
            (row["score"], row["embedding"]) = (score.into(), json!(vector));
            row
        };
        (200, json!({ "results": found.into_iter().map(one).collect::<Vec<_>>() }))
    }
}

/// Which of what is near does not repeat itself.
fn diverse(
    vector: &Value,
    found: &[(String, Value, Vec<f32>, f32)],
    call: &Call<'_>,
) -> Vec<String> {
    let hit = |it: &(String, Value, Vec<f32>, f32)| Hit {
        id: it.0.clone(),
        text: String::new(),
        metadata: Map::new(),
        score: it.3,
        vector: Some(it.2.clone()),
    };
    let vector: Vec<f32> = serde_json::from_value(vector.clone()).unwrap();
    let limit = usize::try_from(call.number("limit").as_u64().unwrap()).unwrap();
    let chosen = chosen(&vector, found.iter().map(hit).collect(), limit, 0.5);
    assert!((call.body["mmr_lambda"].as_f64().unwrap() - 0.5).abs() < 1e-6);
    chosen.into_iter().map(|it| it.id).collect()
}
