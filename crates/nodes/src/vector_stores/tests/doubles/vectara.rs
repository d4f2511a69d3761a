//! A double of Vectara.

use flowstone_testkit::SiteCall;
use serde_json::{Map, Value, json};

use super::super::shelf::{Answer, Call, Shelf, holds, refused};
use super::lets_in;

/// Vectara's corpus 7 of customer 3, which makes vectors of texts by `embed`.
pub(in super::super) fn vectara(embed: fn(&str) -> Vec<f32>) -> impl FnMut(&SiteCall) -> Answer {
    let mut shelf = Shelf::default();
    move |call| {
        if !lets_in(call, "x-api-key", "key") || !lets_in(call, "customer-id", "3") {
            return refused(401, "no key");
        }
        let call = Call::of(call);
        if call.path == "/v1/upload" {
            assert_eq!(call.query, "c=3&o=7&d=true");
            assert!(
                call.text.contains("filename=\"a.txt\"") && call.text.contains("\r\n\r\nHello\r\n")
            );
            return (200, json!({ "response": { "status": {} } }));
        }
        if call.path == "/v1/query" {
            let query = &call.body["query"][0];
            let filter =
                query["corpusKey"][0]["metadataFilter"].as_str().unwrap().replace("doc.", "");
            let vector = json!(embed(query["query"].as_str().unwrap()));
            let found = shelf.nearest(&vector, &query["numResults"], |row| {
                let metadata = row["metadataJson"].as_str().unwrap();
                holds(&filter, &serde_json::from_str(metadata).unwrap())
            });
            let (mut responses, mut documents) = (Vec::new(), Vec::new());
            for (at, (id, row, _, score)) in found.into_iter().enumerate() {
                let text = &row["section"][0]["text"];
                responses.push(json!({ "text": text, "score": score, "documentIndex": at }));
                let metadata = row["metadataJson"].as_str().unwrap();
                let metadata: Map<String, Value> = serde_json::from_str(metadata).unwrap();
                // Whatever a value was, it comes back as text.
                let text = |it: Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
                let pair = |(name, value)| json!({ "name": name, "value": text(value) });
                let metadata: Vec<Value> = metadata.into_iter().map(pair).collect();
                documents.push(json!({ "id": id, "metadata": metadata }));
            }
            let mut set = json!({ "response": responses, "document": documents });
            if let Some(wanted) = query["summary"].get(0) {
                let known = wanted["summarizerPromptName"] == "vectara-summary-ext-v1.2.0";
                set["summary"] = if known {
                    let said = format!("So says the second [2], in {}.", wanted["responseLang"]);
                    json!([{ "text": said, "status": [] }])
                } else {
                    let detail = "Failed to retrieve summarizer.";
                    json!([{ "text": "", "status": [{ "code": "NOT_FOUND", "statusDetail": detail }] }])
                };
            }
            return (200, json!({ "responseSet": [set] }));
        }
        assert_eq!((&call.body["customerId"], &call.body["corpusId"]), (&json!("3"), &json!("7")));
        if call.path == "/v1/delete-doc" {
            let id = call.body["documentId"].as_str().unwrap();
            let code = if shelf.has(id) { "OK" } else { "NOT_FOUND" };
            shelf.remove(&json!([id]));
            return (200, json!({ "status": { "code": code } }));
        }
        assert_eq!(call.path, "/v1/index");
        let document = &call.body["document"];
        if shelf.has(document["documentId"].as_str().unwrap()) {
            return (200, json!({ "status": { "code": "ALREADY_EXISTS" } }));
        }
        let vector = json!(embed(document["section"][0]["text"].as_str().unwrap()));
        shelf.put(&document["documentId"], &vector, document.clone()).unwrap();
        (200, json!({ "status": { "code": "OK" } }))
    }
}
