//! A double of Astra.

use flowstone_testkit::SiteCall;
use serde_json::{Value, json};

use super::super::shelf::{Answer, Call, Shelf, refused};
use super::{lets_in, operators_hold};

/// The Data API of Astra.
pub(in super::super) fn astra() -> impl FnMut(&SiteCall) -> Answer {
    let mut shelf: Option<Shelf> = None;
    move |call| {
        if !lets_in(call, "token", "key") {
            return refused(401, "no key");
        }
        let call = Call::of(call);
        let (command, said) = call.body.as_object().unwrap().iter().next().unwrap();
        match (call.path, command.as_str(), &mut shelf) {
            ("/api/json/v1/default_keyspace", "findCollections", shelf) => {
                let one = |it: &Shelf| {
                    let vector = json!({ "dimension": it.length });
                    json!({ "name": "contract", "options": { "vector": vector } })
                };
                let all: Vec<Value> = shelf.as_ref().map(one).into_iter().collect();
                (200, json!({ "status": { "collections": all } }))
            }
            ("/api/json/v1/default_keyspace", "createCollection", shelf) => {
                *shelf = Some(Shelf::of(&said["options"]["vector"]["dimension"]));
                (200, json!({ "status": { "ok": 1 } }))
            }
            ("/api/json/v1/default_keyspace/contract", command, Some(shelf)) => {
                (200, astra_command(shelf, command, said))
            }
            other => panic!("{:?}", (other.0, other.1)),
        }
    }
}

fn astra_command(shelf: &mut Shelf, command: &str, said: &Value) -> Value {
    match command {
        "insertMany" => {
            let documents = said["documents"].as_array().unwrap();
            assert!(documents.len() <= 20);
            for it in documents {
                if shelf.has(it["_id"].as_str().unwrap()) {
                    return json!({ "errors": [{ "message": "the _id already exists" }] });
                }
                shelf.put(&it["_id"], &it["$vector"], it.clone()).unwrap();
            }
            json!({ "status": { "insertedIds": [] } })
        }
        "deleteMany" => {
            shelf.remove(&said["filter"]["_id"]["$in"]);
            json!({ "status": { "deletedCount": -1 } })
        }
        "find" => {
            let (vector, limit) = (&said["sort"]["$vector"], &said["options"]["limit"]);
            let wanted = |row: &Value| operators_hold(&said["filter"], row);
            let one = |(_, mut row, _, score): (String, Value, Vec<f32>, f32)| {
                row["$similarity"] = score.into();
                row
            };
            let found: Vec<Value> =
                shelf.nearest(vector, limit, wanted).into_iter().map(one).collect();
            json!({ "data": { "documents": found } })
        }
        other => panic!("{other}"),
    }
}
