//! A double of Weaviate.

use flowstone_testkit::SiteCall;
use serde_json::{Map, Value, json};

use super::super::shelf::{Answer, Call, Shelf, refused};
use super::lets_in;

/// Weaviate: one collection called `Contract`.
pub(in super::super) fn weaviate() -> impl FnMut(&SiteCall) -> Answer {
    let mut shelf: Option<(Shelf, Map<String, Value>)> = None;
    move |call| {
        if !lets_in(call, "authorization", "Bearer key") {
            return refused(401, "no key");
        }
        let call = Call::of(call);
        if (call.method, call.path) == ("POST", "/v1/schema") {
            let mut properties = Map::new();
            for it in call.body["properties"].as_array().unwrap() {
                properties.insert(it["name"].as_str().unwrap().to_owned(), it["dataType"].clone());
            }
            shelf = Some((Shelf::default(), properties));
            return (200, json!({}));
        }
        let Some((shelf, properties)) = &mut shelf else {
            return refused(404, "no such collection");
        };
        match (call.method, call.path) {
            ("GET", "/v1/schema/Contract") => {
                let one = |(name, kind)| json!({ "name": name, "dataType": kind });
                let all: Vec<Value> = properties.iter().map(one).collect();
                (200, json!({ "properties": all }))
            }
            ("POST", "/v1/batch/objects") => {
                let put = |it: &Value| {
                    for (name, value) in it["properties"].as_object().unwrap() {
                        // What it meets for the first time becomes a property.
                        let kind = if value.is_number() { "number" } else { "text" };
                        properties.entry(name.clone()).or_insert_with(|| json!([kind]));
                    }
                    match shelf.put(&it["id"], &it["vector"], it["properties"].clone()) {
                        Ok(()) => json!({ "result": {} }),
                        Err(said) => {
                            json!({ "result": { "errors": { "error": [{ "message": said }] } } })
                        }
                    }
                };
                (200, call.body["objects"].as_array().unwrap().iter().map(put).collect())
            }
            ("DELETE", path) => {
                let id = path.strip_prefix("/v1/objects/Contract/").unwrap();
                let is_there = shelf.has(id);
                shelf.remove(&json!([id]));
                if is_there { (204, Value::Null) } else { refused(404, "no such object") }
            }
            ("POST", "/v1/graphql") => weaviate_query(shelf, call.body["query"].as_str().unwrap()),
            other => panic!("{other:?}"),
        }
    }
}

fn weaviate_query(shelf: &Shelf, query: &str) -> Answer {
    let after = |mark: &str| query.split_once(mark).map(|it| it.1);
    let json = |text: &str| {
        // Up to what GraphQL has there and JSON has not.
        let end = text.find([')', '}']).unwrap_or(text.len());
        let mut values = serde_json::Deserializer::from_str(&text[..end]).into_iter::<Value>();
        values.next().unwrap().unwrap()
    };
    let filter = after("operator: Equal, path: [").map(|it| {
        let value = it.split_once("valueNumber: ").unwrap().1;
        (json(it).as_str().unwrap().to_owned(), json(value))
    });
    let vector = json(after("nearVector: {vector: ").unwrap());
    let found = shelf.nearest(&vector, &json(after("limit: ").unwrap()), |row| {
        filter.as_ref().is_none_or(|(name, value)| {
            row[name].as_f64().is_some_and(|it| Some(it) == value.as_f64())
        })
    });
    let one = |(id, mut row, vector, score): (String, Value, Vec<f32>, f32)| {
        row["_additional"] = json!({ "id": id, "distance": 1.0 - score, "vector": vector });
        row
    };
    let found: Vec<Value> = found.into_iter().map(one).collect();
    (200, json!({ "data": { "Get": { "Contract": found } } }))
}
