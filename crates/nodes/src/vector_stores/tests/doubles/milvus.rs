//! A double of Milvus.

use flowstone_testkit::SiteCall;
use serde_json::{Value, json};

use super::super::shelf::{Answer, Call, Shelf, holds, refused};
use super::lets_in;

/// Milvus' REST interface.
pub(in super::super) fn milvus() -> impl FnMut(&SiteCall) -> Answer {
    let mut shelf: Option<Shelf> = None;
    move |call| {
        if !lets_in(call, "authorization", "Bearer root:key") {
            return refused(401, "no key");
        }
        let call = Call::of(call);
        assert_eq!(call.body["collectionName"], "contract");
        let what = call.path.strip_prefix("/v2/vectordb/").unwrap();
        if what == "collections/create" {
            let schema = &call.body["schema"];
            assert_eq!(schema["enableDynamicField"], true);
            shelf = Some(Shelf::of(&schema["fields"][2]["elementTypeParams"]["dim"]));
            return (200, json!({ "code": 0, "data": {} }));
        }
        let Some(shelf) = &mut shelf else {
            return (200, json!({ "code": 100, "message": "can't find collection" }));
        };
        let data = match what {
            "collections/describe" => {
                let dim = json!([{ "key": "dim", "value": shelf.length.unwrap().to_string() }]);
                json!({
                    "fields": [
                        { "name": "langchain_primaryid", "type": "VarChar", "primaryKey": true },
                        { "name": "langchain_vector", "type": "FloatVector", "params": dim },
                    ],
                    "indexes": [{ "fieldName": "langchain_vector", "metricType": "COSINE" }],
                })
            }
            "entities/upsert" => {
                for it in call.body["data"].as_array().unwrap() {
                    let vector = &it["langchain_vector"];
                    if let Err(said) = shelf.put(&it["langchain_primaryid"], vector, it.clone()) {
                        return (200, json!({ "code": 1804, "message": said }));
                    }
                }
                json!({})
            }
            "entities/delete" => {
                let filter = call.body["filter"].as_str().unwrap();
                let ids = filter.strip_prefix("langchain_primaryid in ").unwrap();
                shelf.remove(&serde_json::from_str(ids).unwrap());
                json!({})
            }
            "entities/search" => {
                let filter = call.body["filter"].as_str().unwrap().to_owned();
                let found = shelf
                    .nearest(&call.body["data"][0], &call.body["limit"], |row| holds(&filter, row));
                let one = |(_, mut row, _, score): (String, Value, Vec<f32>, f32)| {
                    row["distance"] = score.into();
                    row
                };
                found.into_iter().map(one).collect()
            }
            other => panic!("{other}"),
        };
        (200, json!({ "code": 0, "data": data }))
    }
}
